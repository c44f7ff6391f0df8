"""What each setting of a policy does, in a sentence for the page that shows and edits it."""

from __future__ import annotations

from rollforward.text import N_

SETTINGS: dict[str, str] = {
    "past_due": N_("Whether subscriptions that are past due still count: always, never, or for so many days."),
    "discounts.forever": N_("Whether discounts without an end are subtracted."),
    "discounts.repeating": N_("Whether discounts for some months are subtracted."),
    "discounts.once": N_("Whether discounts on one invoice are subtracted."),
    "churn_on": N_("The day of churn: when it ended, when it was asked for, or the end of what was paid."),
    "active_from": N_("The first day that counts: the start, or the first payment."),
    "paused": N_("Whether paused subscriptions count: not at all, as active at 0, or with their amount."),
    "free_account": N_("Whether an account that pays nothing is active."),
    "usage": N_("How usage charges count as MRR."),
    "netting": N_("The time within which an account's changes are one movement."),
    "gap_days": N_("Days that an end without a request keeps counting, so that a late renewal is no churn."),
    "reactivation_days": N_("Days after which a return is a new customer; any: never."),
    "reactivation_needs_month_end_at_zero": N_("Whether a return is one only if a month ended at 0."),
    "reactivation_as": N_("What a return counts as: a movement of its own, expansion, or new."),
    "reactivation_in_expansion": N_("Whether returns count in NDR and in expansion."),
    "same_month_new_and_churn": N_("Whether customers who come and go within a month show as both or as neither."),
    "minor_movement": N_("Changes smaller than this, in the smallest unit of the currency, are adjustments."),
    "week_factor": N_("Weeks in a month."),
    "day_factor": N_("Days in a month."),
    "fx": N_("Which day's exchange rate counts."),
    "fx_lag_days": N_("Days by which rates lag behind."),
    "logo_churn_base": N_("What the customers lost are divided by."),
    "time_zone": N_("Where a day begins."),
    "week_start": N_("The day on which a week begins."),
    "fiscal_year_start": N_("The month in which the fiscal year begins."),
}
