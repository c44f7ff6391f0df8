"""How the columns of quotes and value statements are headed, and what errors and notes about them say."""

from __future__ import annotations

from rollforward.text import N_

LABELS: dict[str, str] = {
    "quote": N_("Quote"),
    "quote_version": N_("Version of\nthe quote"),
    "quote_status": N_("Status"),
    "quote_part": N_("Line"),
    "is_changed": N_("Changes"),
    "net_amount": N_("After\ndiscount"),
    "period_start": N_("Period\nfrom"),
    "period_end": N_("Period\nends"),
    "days_counted": N_("Days"),
    "days_in_period": N_("Of days"),
    "prorated": N_("For these\ndays"),
    "on_date": N_("Holds\nfrom"),
    "valid_until": N_("Valid\nuntil"),
    "credit": N_("Credit for\nunused days"),
    "charge": N_("Charge to the\nperiod's end"),
    "due_now": N_("Due now"),
    "credit_left": N_("Credit\nleft"),
    "next_bill_on": N_("Next regular\nbill on"),
    "next_bill": N_("Next regular\nbill"),
    "mrr_before": N_("MRR\nbefore"),
    "mrr_after": N_("MRR\nafter"),
    "mrr_change": N_("Change\nof MRR"),
    "mrr_later": N_("MRR after\nthe discount"),
    "discount_cost": N_("MRR that the\ndiscount takes"),
    "used_quantity": N_("Used"),
    "limit_now": N_("Limit\nnow"),
    "limit_after": N_("Limit\nafter"),
    "used_now": N_("Of limit\nnow"),
    "used_after": N_("Of limit\nafter"),
    "needs_approval": N_("Needs\napproval"),
    "asked_at": N_("Asked\nfor"),
    "made_at": N_("Made"),
    "quoted_at": N_("Quoted"),
    "hours_to_quote": N_("Hours\nto quote"),
    "author": N_("Made by"),
    "approved_person": N_("Approved\nby"),
    "answered_at": N_("Answered"),
    "came_on": N_("Came on"),
    "came_mrr": N_("MRR that\ncame"),
    "is_as_quoted": N_("As\nquoted"),
    "unit_worth": N_("Worth of\na unit"),
    "worth": N_("Worth a\nmonth"),
    "words": N_("What it is"),
    "worth_source": N_("Who says so"),
    "contact_channel": N_("Channel"),
    "may_be_offered": N_("May be\noffered now"),
}

MONEY = frozenset(
    ("net_amount", "prorated", "credit", "charge", "due_now", "credit_left", "next_bill", "mrr_before", "mrr_after",
     "mrr_change", "mrr_later", "discount_cost", "came_mrr", "worth")
)  # fmt: skip
"""Columns in a currency."""

RATIO = frozenset(("used_now", "used_after"))
"""Fractions shown as percentages."""

WORDS: dict[str, str] = {
    "now": N_("has now"),
    "after": N_("has after"),
    "credit": N_("credit"),
    "charge": N_("charge"),
    "draft": N_("draft"),
    "sent": N_("sent"),
    "withdrawn": N_("withdrawn"),
    "replaced": N_("replaced by a later version"),
    "quote_accepted": N_("quote accepted"),
    "quote_declined": N_("quote declined"),
    "email": N_("e-mail"),
    "call": N_("call"),
    "meeting": N_("meeting"),
    "in_app": N_("in the application"),
}

CODED: dict[str, tuple[str, ...]] = {
    "quote_part": ("now", "after", "credit", "charge"),
    "contact_channel": ("email", "call", "meeting", "in_app"),
    "quote_status": ("draft", "sent", "accepted", "declined", "withdrawn", "expired", "replaced"),
}
"""Columns of coded words, and the words."""

QUOTE_ENDS: dict[str, str] = {
    "accepted": N_("accepted"),
    "declined": N_("declined"),
    "withdrawn": N_("withdrawn"),
    "expired": N_("expired"),
    "replaced": N_("replaced by a later version"),
}
"""What a quote may be with which nothing more can be done."""

QUOTE_ERRORS: dict[str, tuple[str, str]] = {
    "no-price-plans": (
        N_("Nothing can be quoted: no plan with a price is known."),
        N_("Import a file of the kind plans, with plan_id, product_id, tier, amount, currency and interval."),
    ),
    "unknown-plan": (
        N_("There is no plan {plan}[ in {currency}] that has one price here."),
        N_("There are: {known}"),
    ),
    "which-plan": (
        N_("The account has nothing now that could be changed."),
        N_("Name a plan with --to: {known}"),
    ),
    "nothing-changes": (
        N_("Nothing would change: that is what the account has now."),
        N_("Name another plan with --to, other seats, an add-on or a discount."),
    ),
    "bad-quote": (
        N_("These are no terms of a quote."),
        N_("Seats and units are whole numbers above 0, a discount lies from 0 up to 99.99%, months up to 120."),
    ),
    "quote-in-past": (
        N_("A quote cannot hold from a day before {day}, the last one known."),
        N_("Name that day or a later one with --on."),
    ),
    "no-such-quote": (N_("There is no quote {number}."), N_("See them with: rollforward quotes")),
    "quote-ended": (
        N_("Nothing more can be done with quote {number}: it is {reason}."),
        N_("Make a new quote, or another version of one that is open."),
    ),
    "asked-later": (
        N_("{value} is still to come: nothing has been asked for then."),
        N_("Name the moment at which the quote was asked for (UTC), or none for now."),
    ),
    "other-account": (
        N_("Quote {number} is one of {account}."),
        N_("Make a quote of its own for the other account."),
    ),
    "not-approved": (
        N_("The discount of quote {number} ({discount}) is above {threshold} and not approved."),
        N_("An admin approves it with: rollforward quotes --approve {number}"),
    ),
    "approver-is-admin": (
        N_("Only an admin can approve the discount of a quote."),
        N_("Ask an admin to approve it."),
    ),
    "bad-values": (
        N_("The unit values cannot be used: {detail}"),
        N_("Each is a table [[value]] with metric, per_unit, currency, en, th and source; see docs/manual/quotes.md."),
    ),
}

QUOTE_NOTES: dict[str, str] = {
    "quote-days": N_(
        "By the day: amount × days counted ÷ days in the period, each line rounded half up to the smallest unit."
    ),
    "quote-tax": N_("Tax is not included."),
    "quote-no-period": N_(
        "In which billing period the account is cannot be known, so what is due now is not told: import subscriptions "
        "with start_date or paid_through."
    ),
    "quote-credit-left": N_("The credit is larger than the charge: nothing is due, the rest lessens the next bill."),
    "quote-discount-a-year": N_("The discount has no end; what it takes is told for 12 months."),
    "quote-discount-stays": N_("The discount that the account has stays, for as long as it was given."),
    "quote-late": N_("Payment of the present period is late; the credit presumes that it comes."),
    "quote-ends": N_("It is recorded that what is replaced ends on {day}."),
    "quote-metered": N_("What is billed by use comes on top and stays as it is."),
    "quote-as-known": N_("What the account has is as known on {day}."),
    "quote-no-reason": N_("Nothing in the account's use calls for this change."),
    "quote-hours": N_("From being asked to quoting: {hours} hours, median of {count}."),
    "no-quotes": N_("There are no quotes yet. Make one with: rollforward quote ACCOUNT --to PLAN --save"),
    "no-unit-values": N_(
        "What a unit of use is worth to customers is not defined: say so on the page Quotes, or with: rollforward "
        "value ACCOUNT --values values.toml"
    ),
    "own-unit-values": N_("By your own unit values; use of the last whole month."),
    "no-claim": N_("In {month} it used nothing that has a unit value, so nothing is claimed."),
}
