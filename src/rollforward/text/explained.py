"""What explains figures (the bridge of NDR, how good scores are): its notes and headings."""

from __future__ import annotations

from rollforward.text import N_
from rollforward.text.view import View, view

EXPLAINED_NOTES: dict[str, str] = {
    "few-carry": N_(
        "{currency}: few accounts carry this difference. Without the {count} that moved it most, NDR changed by "
        "{without} points instead of {change}. They made {moved} of all that was moved, up and down; it is as uneven "
        "as if {effective} accounts had made it."
    ),
    "no-community": N_(
        "No account that paid 180 days ago had taken part in the community in the 180 days before. Import a file of "
        "the kind events with rows of the kind community (account_id, at, kind)."
    ),
    "matched-by": N_(
        "{paired} of {engaged} accounts that took part have a match: the nearest in MRR of the same currency, plan "
        "tier and time as a customer. What differs between them is an observation: they may differ in more than "
        "that, and nothing here says that taking part brings it about."
    ),
    "not-alike": N_(
        "The groups are not compared: there are too few pairs, too few of those that took part have a match, or the "
        "groups are not alike[ ({name}: {apart} standard deviations apart, 0.25 at most)]."
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
    "what_came": N_("In the 180\ndays since"),
    "engaged": N_("Took\npart"),
    "paired": N_("With\na match"),
    "engaged_share": N_("Of those\nthat took part"),
    "matched_share": N_("Of their\nmatches"),
    "share_apart": N_("Difference"),
    "apart_interval": N_("95%\ninterval"),
    "all_engaged_share": N_("Of all that\ntook part"),
    "all_others_share": N_("Of all\nothers"),
    "matched_verdict": N_("What can\nbe told"),
    "alike_in": N_("In what"),
    "level": N_("Value"),
    "is_alike": N_("Alike"),
    "commission_settled": N_("Of it\nsettled"),
    "within_lift": N_("Lift within\nplans"),
    "within_interval": N_("95%\ninterval"),
    "over_rule": N_("AUC above\nthe rule"),
    "over_rule_interval": N_("95%\ninterval"),
}

MONEY = frozenset(
    (
        "commission_settled",
        "cheapest_mrr",
        "regret",
        "opening_before",
        "closing_before",
        "opening_after",
        "closing_after",
    )
)
"""Columns in a currency."""

RATIO = frozenset(
    (
        "net_share",
        "moved_share",
        "regret_share",
        "unused_share",
        "engaged_share",
        "matched_share",
        "share_apart",
        "apart_low",
        "apart_high",
        "all_engaged_share",
        "all_others_share",
    )
)
"""Fractions shown as percentages."""

WORDS: dict[str, str] = {
    "fits": N_("fits"),
    "less would do": N_("less would do"),
    "needs more": N_("needs more"),
    "none would do": N_("no plan would do"),
    "still_pays": N_("still pays"),
    "pays_more": N_("pays more"),
    "higher": N_("higher"),
    "lower": N_("lower"),
    "few pairs": N_("too few pairs"),
    "poor overlap": N_("too few have a match"),
    "poor balance": N_("not alike"),
    "tenure": N_("days as a customer"),
    "growth": N_("growth before"),
    "touches": N_("touches before"),
}

CODED: dict[str, tuple[str, ...]] = {
    "rerating": ("fits", "less would do", "needs more", "none would do"),
    "what_came": ("still_pays", "pays_more"),
    "matched_verdict": ("higher", "lower", "cannot tell", "few pairs", "poor overlap", "poor balance"),
    "alike_in": ("mrr", "tenure", "plan", "growth", "touches"),
}
"""Columns of coded words, and the words."""

COMPOSED = frozenset(
    (
        "rate_interval",
        "mix_interval",
        "contribution_interval",
        "within_interval",
        "over_rule_interval",
        "apart_interval",
    )
)
"""Columns of a view that are made of several of the table's."""

VIEWS: dict[str, View] = {
    "bridge-accounts": view(
        N_("What each account gave to the change of NDR"),
        "account_id segment opening_before closing_before opening_after closing_after contribution net_share",
        "",
        "moved_share",
    ),
    "bridge-concentration": view(
        N_("How few accounts carry the change of NDR"),
        "left_out accounts ndr_before ndr_after ndr_change net_share moved_share effective_accounts",
        "",
        "is_few",
    ),
    "pricing-watch": view(
        N_("Downgrades that become more"),
        "from_plan to_plan is_alarm lately expected_lately most_usual before_lately on_plan amount",
    ),
    "pricing-rerated": view(
        N_("Accounts on every plan that is sold"),
        "account_id plan_id mrr rerating cheapest_plan cheapest_mrr regret full_months unused_share",
        "",
        "regret_share months_told plans_rated",
    ),
    "commission-owners": view(
        N_("Commission by owner, a preview"),
        "owner currency made uplift clawed_back durable_uplift commission commission_settled",
    ),
    "voice-community": view(
        N_("Who took part in the community, beside others like them"),
        "what_came engaged paired engaged_share matched_share share_apart apart_interval matched_verdict",
        "",
        "all_engaged_share all_others_share",
    ),
    "voice-alike": view(N_("How alike the groups are"), "alike_in level apart_before apart_after is_alike"),
}
"""Views of the tables that explain figures."""
