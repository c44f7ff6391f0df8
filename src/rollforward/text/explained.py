"""What explains figures (the bridge of NDR, how good scores are): its notes and headings."""

from __future__ import annotations

from rollforward.text import N_

EXPLAINED_NOTES: dict[str, str] = {
    "few-carry": N_(
        "{currency}: few accounts carry this difference. Without the {count} that moved it most, NDR changed by "
        "{without} points instead of {change}. They made {moved} of all that was moved, up and down; it is as uneven "
        "as if {effective} accounts had made it."
    ),
    "watched-pairs": N_(
        "{pairs} pairs of plans were judged. An alarm is a count that chance alone would give to any one of them at "
        "most once in 100 looks; 60 days are held against the 365 before, each account once."
    ),
    "no-downgrades": N_("No account has gone down to another plan in the last 425 days."),
    "rerated": N_(
        "{accounts} accounts could be re-rated: less would have done for {less}, no plan that is sold for {none}."
    ),
    "regret-is-no-fault": N_(
        "Paying more than the cheapest plan that would do is no sign of discontent: most people value units that are "
        "included above their plain price (83.9 of 100 users of three-part tariffs; Ascarza, Lambrecht and Vilcassim "
        "2012). Only limits are looked at, no features; what was wanted beyond a limit that was used up is not seen."
    ),
    "no-rerating": N_(
        "No account can be re-rated: that takes use of three whole months in the last twelve (a file of the kind "
        "usage) and plans with limits and prices (a file of the kind plans)."
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
    "is_alarm": N_("Alarm"),
    "lately": N_("In\n60 days"),
    "expected_lately": N_("To be\nexpected"),
    "most_usual": N_("Most that\nis usual"),
    "before_lately": N_("In the year\nbefore"),
    "on_plan": N_("On the\nplan"),
    "rerating": N_("By its use"),
    "cheapest_plan": N_("Cheapest that\nwould do"),
    "cheapest_mrr": N_("It would\npay"),
    "regret": N_("Pays\nabove it"),
    "regret_share": N_("Of what\nit pays"),
    "months_told": N_("Months\nof use"),
    "full_months": N_("Months at\na limit"),
    "unused_share": N_("Limits\nnot used"),
    "plans_rated": N_("Plans\nlooked at"),
    "within_lift": N_("Lift within\nplans"),
    "within_interval": N_("95%\ninterval"),
    "over_rule": N_("AUC above\nthe rule"),
    "over_rule_interval": N_("95%\ninterval"),
}

MONEY = frozenset(("cheapest_mrr", "regret", "opening_before", "closing_before", "opening_after", "closing_after"))
"""Columns in a currency."""

RATIO = frozenset(("net_share", "moved_share", "regret_share", "unused_share"))
"""Fractions shown as percentages."""

WORDS: dict[str, str] = {
    "fits": N_("fits"),
    "less would do": N_("less would do"),
    "needs more": N_("needs more"),
    "none would do": N_("no plan would do"),
}

CODED: dict[str, tuple[str, ...]] = {"rerating": ("fits", "less would do", "needs more", "none would do")}
"""Columns of coded words, and the words."""

COMPOSED = frozenset(
    ("rate_interval", "mix_interval", "contribution_interval", "within_interval", "over_rule_interval")
)
"""Columns of a view that are made of several of the table's."""
