"""How the columns of what plays did are headed, and what notes about them say. Of matched groups no word is causal."""

from __future__ import annotations

from rollforward.text import N_

LABELS: dict[str, str] = {
    "compared": N_("Compared\nwith"),
    "result": N_("What\ncounts"),
    "after_days": N_("After\ndays"),
    "treated": N_("With\nthe play"),
    "others": N_("Compared\naccounts"),
    "still_running": N_("Not over\nyet"),
    "offered_share": N_("Offered\nso far"),
    "share_with": N_("Share\nwith it"),
    "share_without": N_("Share\nwithout it"),
    "effect": N_("Diffe-\nrence"),
    "effect_interval": N_("Interval\n(all looks)"),
    "worked": N_("What it\nsays"),
    "needed": N_("Accounts\nto go"),
    "gain_with": N_("MRR added\nwith it"),
    "gain_without": N_("MRR added\nwithout it"),
    "gain_effect": N_("Diffe-\nrence"),
    "gain_interval": N_("Interval\n(all looks)"),
    "covariate": N_("Known\nbefore"),
    "mean_treated": N_("With\nthe play"),
    "mean_others": N_("All\nothers"),
    "mean_matched": N_("Their\npairs"),
    "apart_before": N_("Apart\nbefore"),
    "apart_after": N_("Apart\nafter"),
    "likeness": N_("Alike"),
    "arm": N_("Drawn\nfor"),
    "drawn_on": N_("Drawn on"),
    "offered_on": N_("First\noffered"),
    "mrr_before": N_("MRR\nbefore"),
    "mrr_now": N_("MRR\nafter"),
    "is_over": N_("Days\nover"),
}

MONEY = frozenset(
    ("gain_with", "gain_without", "gain_effect", "gain_low", "gain_high", "mrr_before", "mrr_now")
)  # fmt: skip
"""Columns in a currency."""

RATIO = frozenset(("offered_share", "share_with", "share_without", "effect"))
"""Fractions shown as percentages."""

WORDS: dict[str, str] = {
    "any": N_("any"),
    "matched": N_("matched: no proof"),
    "observed": N_("held out: no proof"),
    "kept": N_("still pays"),
    "more": N_("more"),
    "less": N_("less"),
    "cannot_tell": N_("cannot tell"),
    "too_few": N_("too few accounts yet"),
    "running": N_("still running"),
    "goes_with_more": N_("goes with more"),
    "goes_with_less": N_("goes with less"),
    "few_pairs": N_("too few like them"),
    "poor_overlap": N_("most are like nobody else"),
    "poor_balance": N_("groups are not alike"),
    "alike": N_("yes"),
    "signals": N_("number of signals"),
    "signal: 000": N_("no signal of a limit, of more that would fit, or of loss"),
    "signal: 001": N_("signal of loss"),
    "signal: 010": N_("signal that more would fit"),
    "signal: 011": N_("signals that more would fit, and of loss"),
    "signal: 100": N_("signal of a limit"),
    "signal: 101": N_("signals of a limit, and of loss"),
    "signal: 110": N_("signals of a limit, and that more would fit"),
    "signal: 111": N_("signals of a limit, that more would fit, and of loss"),
}

CODED: dict[str, tuple[str, ...]] = {
    "compared": ("hold_out", "matched", "observed"),
    "result": ("grew", "kept", "gone", "transferred"),
    "worked": (
        "more", "less", "cannot_tell", "too_few", "running", "goes_with_more", "goes_with_less", "few_pairs",
        "poor_overlap", "poor_balance",
    ),
    "likeness": ("alike", "few_pairs", "poor_overlap", "poor_balance"),
    "arm": ("offer", "hold_out"),
    "covariate": ("mrr", "signals", *(f"signal: {n:03b}" for n in range(8))),
}  # fmt: skip
"""Columns of coded words, and the words."""

WORKED_NOTES: dict[str, str] = {
    "nobody-drawn": N_(
        "Nobody is held out yet. Accounts are drawn when opportunities are looked for: rollforward opportunities "
        "--refresh"
    ),
    "matched-is-no-proof": N_(
        "Matched groups are observed, not drawn: they may differ in what nobody wrote down. Offers that were only "
        "written down when accepted make every play look good."
    ),
    "paid-elsewhere": N_(
        "Accounts that paid less in one currency and more in another after it: {count}. Whether they grew cannot be "
        "told, and they are left out of what grew."
    ),
    "no-matched": N_(
        "There are no matched groups: the past was not recorded as it went, or 90 days after the offers are not over."
    ),
}
