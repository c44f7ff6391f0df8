"""How the columns of signals and what comes are headed, and what errors and notes about them say."""

from __future__ import annotations

from rollforward.text import N_

LABELS: dict[str, str] = {
    "signal": N_("Signal"),
    "claim": N_("Claims"),
    "is_on": N_("On"),
    "subject": N_("About"),
    "due_on": N_("Due"),
    "sentence": N_("Evidence"),
    "reference": N_("Limit or\nnorm"),
    "low": N_("From"),
    "high": N_("To"),
    "times": N_("Times"),
    "out_of": N_("Out of"),
    "verdict": N_("Against\nchance"),
    "looks": N_("Looks"),
    "seen": N_("Accounts\nseen"),
    "shown": N_("Shown"),
    "right": N_("Came\ntrue"),
    "base_rate": N_("Base\nrate"),
    "peer_rate": N_("Base rate\nof its like"),
    "precision": N_("Precision"),
    "recall": N_("Recall"),
    "lift": N_("Lift"),
    "lift_interval": N_("Lift, 95%\ninterval"),
    "lead_days": N_("Days\nahead"),
    "headroom": N_("Headroom"),
    "offered": N_("To offer"),
    "trait": N_("Like it:\nhave"),
    "added": N_("Added\nit"),
    "added_90": N_("In the first\n90 days"),
    "base_share": N_("Share\nof all"),
    "next_tier": N_("Next\ntier"),
    "top_tier": N_("Highest\ntier"),
    "add_ons": N_("Add-ons"),
    "products": N_("Products"),
    "options": N_("Steps"),
    "gain": N_("MRR\nmore"),
    "is_next": N_("Next"),
    "is_ceiling": N_("At the\nceiling"),
    "accounts_at_ceiling": N_("Accounts at\nthe ceiling"),
    "mrr_at_ceiling": N_("MRR at\nthe ceiling"),
    "ceiling_share": N_("Share with\nnowhere to go"),
    "target": N_("On what"),
    "mrr_likely": N_("MRR\nat stake"),
    "reasons": N_("What moves it most"),
    "method": N_("Method"),
    "came": N_("Came\ntrue"),
    "pr_auc": N_("PR-AUC"),
    "auc": N_("AUC"),
    "auc_interval": N_("AUC, 95%\ninterval"),
    "brier": N_("Brier"),
    "skill": N_("Brier\nskill"),
    "calibrated_by": N_("Calibrated\nby"),
    "looks_trained": N_("Looks\nlearnt from"),
    "looks_calibrated": N_("Looks\ncalibrated on"),
    "looks_tested": N_("Looks\ntested on"),
    "trained_from": N_("Learnt\nfrom"),
    "known_by": N_("To"),
    "tested_from": N_("Tested\nfrom"),
    "tested_to": N_("To"),
    "decile": N_("Tenth"),
    "came_share": N_("Share that\ncame true"),
    "came_interval": N_("95%\ninterval"),
}

MONEY = frozenset(("headroom", "next_tier", "top_tier", "add_ons", "products", "gain", "mrr_at_ceiling", "mrr_likely"))
"""Columns in a currency."""

RATIO = frozenset(
    ("base_rate", "peer_rate", "precision", "recall", "ceiling_share", "base_share", "probability", "came_share")
)
"""Fractions shown as percentages."""

WORDS: dict[str, str] = {
    "better": N_("better"),
    "worse": N_("worse"),
    "never shown": N_("never shown"),
    "upgrade": N_("upgrade"),
    "skill": N_("better"),
    "no skill": N_("no skill"),
    "no more than the rule": N_("no more than the rule"),
    "model": N_("boosted trees"),
    "logistic": N_("logistic regression"),
    "rule": N_("naive rule"),
    "constant": N_("the same for all"),
}

CODED: dict[str, tuple[str, ...]] = {
    "verdict": (
        "better", "worse", "cannot tell", "never shown", "skill", "no skill", "no more than the rule",
    ),
    "method": ("model", "logistic", "rule", "constant", "movements", "naive"),
}  # fmt: skip
"""Columns of coded words, and the words."""

FORESEEN_ERRORS: dict[str, tuple[str, str]] = {
    "no-history": (
        N_(
            "There is no past to look at: nothing was recorded before {first}, and a look needs {days} known days "
            "after it."
        ),
        N_("Import history with recorded_at, or with --trust-valid-time if it was known as it happened."),
    ),
    "score-thin": (
        N_(
            "There is too little to learn from: {looks} looks at past month ends ({least} are needed)[; accounts with "
            "the outcome: {trained} to learn, {calibrated} to calibrate and {tested} to test ({least_1}, {least_2} and "
            "{least_3} are needed)]."
        ),
        N_("Import a longer history, or come back when more of it is known; base rates are in the retention figures."),
    ),
    "bad-rules": (
        N_("The rules of signals in {path} cannot be used: {detail}"),
        N_("The keys and what they can be are in docs/manual/signals.md."),
    ),
}

FORESEEN_NOTES: dict[str, str] = {
    "like-the-rule": N_(
        "On the latest looks the scores were better than chance, but not surely better than the naive rule (AUC {auc} "
        "against {rule}): the past rate of the billing interval, apart for those that renew soon."
    ),
    "no-skill": N_(
        "No skill: on the latest looks the scores were not surely better than chance (AUC {auc}, interval {auc_low} to "
        "{auc_high}), or further from what came than one chance for all, so none are shown. The base rate is "
        "{base_rate} for every account."
    ),
    "no-usage": N_(
        "Nothing is known of use, so no signal looks at it. Import a file of the kind usage (account_id, metric, at, "
        "quantity) here or with: rollforward import FILE"
    ),
    "no-catalogue": N_(
        "Without a catalogue nothing is known that could be added. Import files of the kinds products and plans here "
        "or with: rollforward import FILE"
    ),
    "no-plan-limit": N_(
        "No plan has a limit, so nothing can be near one. Import the plans again with columns limit:NAME, "
        "such as limit:seats."
    ),
}
