"""What explains figures (the bridge of NDR, how good scores are): its notes and headings."""

from __future__ import annotations

from rollforward.text import N_

EXPLAINED_NOTES: dict[str, str] = {
    "few-carry": N_(
        "{currency}: few accounts carry this difference. Without the {count} that moved it most, NDR changed by "
        "{without} points instead of {change}. They made {moved} of all that was moved, up and down; it is as uneven "
        "as if {effective} accounts had made it."
    ),
}

LABELS: dict[str, str] = {
    "rate_interval": N_("Rate,\n95%"),
    "mix_interval": N_("Mix,\n95%"),
    "contribution_interval": N_("Contribution,\n95%"),
    "opening_before": N_("First window,\nopening"),
    "closing_before": N_("First window,\nclosing"),
    "opening_after": N_("Second window,\nopening"),
    "closing_after": N_("Second window,\nclosing"),
    "net_share": N_("Share of\nthe change"),
    "moved_share": N_("Share of\nall moved"),
    "left_out": N_("Largest\nleft out"),
    "ndr_change": N_("Change\nof NDR"),
    "effective_accounts": N_("As uneven as\nso many"),
    "is_few": N_("Few\ncarry it"),
    "within_lift": N_("Lift within\nplans"),
    "within_interval": N_("95%\ninterval"),
    "over_rule": N_("AUC above\nthe rule"),
    "over_rule_interval": N_("95%\ninterval"),
}

MONEY = frozenset(("opening_before", "closing_before", "opening_after", "closing_after"))
"""Columns in a currency."""

RATIO = frozenset(("net_share", "moved_share"))
"""Fractions shown as percentages."""

COMPOSED = frozenset(
    ("rate_interval", "mix_interval", "contribution_interval", "within_interval", "over_rule_interval")
)
"""Columns of a view that are made of several of the table's."""
