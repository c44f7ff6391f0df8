"""What a column means wherever it stands in a model, for names that several models share.

A trailing comment in the model itself comes first; this list spares the models the same comment ten times over.
"""

from __future__ import annotations

WORDS = {
    **{
        f"in_{grain}": f"accounts whose first such day of the {grain} this is"
        for grain in ("week", "month", "quarter", "year")
    },
    **{grain: f"first day of the {grain}" for grain in ("week", "month", "quarter", "year")},
    "per": "interval in one number: count * 10 + 1 day, 2 week, 3 month, 4 year",
    "from_opening": "expansion by accounts with MRR when the period began, minor units",
    "from_newcomers": "expansion by accounts without, minor units",
    "expansion_rate": "from_opening / opening",
    "expansion_growth": "this period's expansion / the last one's - 1",
    "expansion_share": "expansion / (new + reactivation + expansion)",
    "expansion_share_of_net_new": "expansion / (closing - opening)",
    "arr": "12 times MRR, minor units",
    "net_new": "closing less opening, minor units",
    "mrr_growth": "net_new / opening",
    **{
        f"{ratio}_{months}": f"{ratio.upper()} of the {months} months that end with the period"
        for ratio in ("ndr", "grr")
        for months in (1, 3, 12)
    },
    "ndr": "net dollar retention: closing / opening",
    "grr": "gross revenue retention: the smaller of opening and closing of each account / opening",
    "logo_retention": "accounts that still pay / accounts that paid",
    "net_churn": "1 - NDR",
    "logo_churn": "accounts_churned / accounts_opening",
    "quick_ratio": "(new + reactivation + expansion) / -(contraction + churn)",
    "is_net_negative": "NDR of the period is above 1",
    "months": "length of the window; 0 = between two given days",
    "seq": "number of the window, from 1",
    "width": "number of windows in the run, a power of two",
    "o": "MRR at the window's start, minor units",
    "window_start": "first day of the window",
    "window_end": "first day after the window",
    "accounts_lost": "accounts of the opening without MRR at the end",
    "largest_account_share": "largest account's share of the opening",
    "at": "moment of the change, the policy's local time",
    "on_date": "day of the change in the policy's time zone",
    "from_at": "first moment of the stretch",
    "to_at": "first moment after the stretch; 9999-12-31 = open",
    "from_on": "first day of the stretch",
    "to_on": "first day after the stretch; 9999-12-31 = open",
    "side": "1 = a start, -1 = an end",
    "opening": "1: the balance that a source without start dates began with",
    "rule": "the rule that made the row",
    "start_cause": "driver of the start, told by the row itself; '' = not told",
    "end_cause": "driver of the end, told by the row itself; '' = not told",
    "end_source_id": "the source_file of the row that says how it ended",
    "end_line": "line of that row",
    "cut_line": "line of the row that cuts it",
    "is_swap": "1: an ended and a started item paired as one changing",
    "as_price": "1: the plan-or-price part belongs to price",
    "mrr": "MRR, minor units",
    "num": "numerator of the month factor",
    "den": "denominator of the month factor",
    "kept": "share left by percent discounts, in 10^-12",
    "cut": "amount discounts per interval, minor units",
    "before_n": "numerator of the monthly list amount before",
    "before_d": "its denominator",
    "after_n": "numerator of the monthly list amount after",
    "after_d": "its denominator",
    "cross_n": "numerator of the monthly list amount at the new price for the old quantity",
    "cross_d": "its denominator",
    "ended_item_key": "item that ended",
    "ended_at": "when it ended",
    "started_item_key": "item that started",
    "started_at": "when it started",
    "delta": "change of MRR, minor units",
    **{
        f"by_{driver}": f"part of the amount by the driver {driver}, minor units"
        for driver in ("plan", "product", "add_on", "seats", "usage", "price", "discount", "other")
    },
    "before_minor": "MRR before, minor units",
    "after_minor": "MRR after, minor units",
    "active_before": "1: the account had MRR in any currency before",
    "active_after": "1: the account has MRR in any currency after",
    "grain": "day, week, month, quarter or year",
    "period": "first day of the period",
    "period_end": "first day after the period",
    "accounts": "number of different accounts",
    "restatement": "opening as known now less the last closing as closed, minor units",
    "new": "MRR of accounts that never paid before, minor units",
    "reactivation": "MRR of accounts that paid before, left and came back, minor units",
    "expansion": "MRR added by accounts that paid before, minor units",
    "contraction": "MRR lost by accounts that still pay, minor units, negative",
    "churn": "MRR lost by accounts that pay no more, minor units, negative",
    "fx": "change by exchange rates, minor units",
    "transfer": "MRR that moved between rows (currency, segment, account), minor units",
    "adjustment": "movements below the policy's minor_movement, minor units",
    "closing": "MRR at the end of the period, minor units",
    "churn_involuntary": "part of churn after failed payments, minor units, negative",
    "accounts_opening": "accounts with MRR when the period begins",
    "accounts_new": "number of new movements",
    "accounts_reactivated": "number of reactivation movements",
    "accounts_expanded": "different accounts with an expansion",
    "accounts_contracted": "different accounts with a contraction",
    "accounts_churned": "number of churn movements",
    "accounts_transfer": "accounts that moved into this row less those that moved out",
    "accounts_closing": "accounts with MRR when the period ends",
    "is_complete": "false: the period is not over, or no source covers all of it",
}

# `b_mrr` is `mrr` of the state before, `n_from_at` is `from_at` of the next one.
PREFIXES = {"b_": "before the change: ", "n_": "of the next stretch: "}
