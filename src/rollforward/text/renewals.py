"""What can be recommended for a renewal and why; how columns of renewals are headed, and what errors and notes say."""

from __future__ import annotations

from rollforward.text import N_

STEPS: dict[str, tuple[str, str]] = {
    "win_back": (N_("Win back"), N_("The end of what it pays for is recorded already.")),
    "rescue": (N_("Secure first"), N_("{signal} stands; settle that before anything is offered.")),
    "grow": (N_("Renew and expand"), N_("{signal} stands, and nothing speaks of a loss.")),
    "fit": (
        N_("Offer what fits"),
        N_("At most {used} of a limit is used ({metric}); a plan that fits is better than notice."),
    ),
    "settle": (N_("Settle the price"), N_("Its discount is about to end.")),
    "own": (N_("Name an owner"), N_("Nobody is said to look after it.")),
    "confirm": (N_("Confirm in time"), N_("It renews by itself, and notice is possible until {notice_on}.")),
    "let": (N_("Let it renew"), N_("It renews by itself, and nothing stands against it.")),
    "ask": (N_("Ask for it"), N_("It does not renew by itself.")),
}
"""Step → what it is called, its reason."""

LABELS: dict[str, str] = {
    "renewals": N_("Renewals"),
    "next_step": N_("Recom-\nmended"),
    "term_amount": N_("Amount of\nthe term"),
    "used": N_("Most of\na limit used"),
    "used_metric": N_("of which"),
    "expansions": N_("Grew,\n12 months"),
    "contractions": N_("Shrank,\n12 months"),
    "tickets_90": N_("Tickets,\n90 days"),
    "touches_90": N_("Contacts,\n90 days"),
    "loss_signals": N_("Signals\nof loss"),
    "growth_signals": N_("Signals\nof growth"),
    "machine": N_("Rules\nsay"),
    "machine_mrr": N_("Expected\nby rules"),
    "machine_chance": N_("Kept\nin the past"),
    "machine_basis": N_("Past\nrenewals"),
    "owner_call": N_("Owner\nsays"),
    "owner_mrr": N_("Expected\nby owner"),
    "owner_chance": N_("Owner's\nchance"),
    "owner_by": N_("Owner's\ncall by"),
    "owner_at": N_("Owner's\ncall on"),
    "leader_call": N_("Leader\nsays"),
    "leader_mrr": N_("Expected\nby leader"),
    "leader_chance": N_("Leader's\nchance"),
    "leader_by": N_("Leader's\ncall by"),
    "leader_at": N_("Leader's\ncall on"),
    "within": N_("Within\ndays"),
    "ends_what": N_("What\nends"),
    "amount_in": N_("In"),
    "renewal_outcome": N_("Outcome"),
    "up_mrr": N_("Up for\nrenewal"),
    "after_mrr": N_("30 days\nafter"),
    "kept_mrr": N_("Kept"),
    "kept_accounts": N_("Renewed"),
    "renewal_rate": N_("Rate,\nby number"),
    "money_rate": N_("Rate,\nby money"),
    "money_rate_interval": N_("Interval\n(95%)"),
    "net_rate": N_("With\nexpansion"),
    "voice": N_("Whose\ncall"),
    "calls": N_("Calls"),
    "hits": N_("Came\ntrue"),
    "hit_rate": N_("Hit\nrate"),
    "hit_interval": N_("Interval\n(95%)"),
    "with_chance": N_("With a\nchance"),
    "brier_base": N_("Brier of\nthe base rate"),
    "expected_mrr": N_("MRR\nexpected"),
    "amount_error": N_("Off by,\nin all"),
    "amount_miss": N_("Off by,\nabsolute"),
}

MONEY = frozenset(
    (
        "machine_mrr", "owner_mrr", "leader_mrr", "up_mrr", "after_mrr", "kept_mrr", "expected_mrr", "amount_error",
        "amount_miss",
    )
)  # fmt: skip
"""Columns in a currency."""

RATIO = frozenset(
    (
        "used", "machine_chance", "owner_chance", "leader_chance", "renewal_rate", "rate_low", "rate_high",
        "money_rate", "money_rate_low", "money_rate_high", "net_rate", "hit_rate", "hit_low", "hit_high",
    )
)  # fmt: skip
"""Fractions shown as percentages."""

WORDS: dict[str, str] = {
    "renew": N_("renews"),
    "expand": N_("expands"),
    "machine": N_("the rules"),
    "owner": N_("the owner"),
    "leader": N_("the leader"),
    "contract": N_("contract"),
    "paid_year": N_("paid year"),
    "renewed": N_("renewed"),
    "expanded": N_("expanded"),
    "contracted": N_("contracted"),
    "gone": N_("lost"),
    "transferred": N_("in another currency"),
    "pending": N_("not known yet"),
}
WORDS |= {code: title for code, (title, _reason) in STEPS.items()}

CODED: dict[str, tuple[str, ...]] = {
    "next_step": tuple(STEPS),
    "machine": ("renew", "at_risk", "lost", "expand"),
    "owner_call": ("renew", "at_risk", "lost", "expand"),
    "leader_call": ("renew", "at_risk", "lost", "expand"),
    "voice": ("machine", "owner", "leader"),
    "renewal_outcome": ("renewed", "expanded", "contracted", "gone", "transferred", "pending"),
    "ends_what": ("contract", "paid_year"),
}
"""Columns of coded words, and the words."""

RENEWAL_ERRORS: dict[str, tuple[str, str]] = {
    "no-such-renewal": (
        N_("Nothing of {account} ends on {due}."),
        N_("List what ends: rollforward renewals --account {account}"),
    ),
    "too-late-to-call": (
        N_("The renewal of {account} was due on {due}; a call after that would be none."),
        N_("What became of it: rollforward renewals --view past --account {account}"),
    ),
    "leader-is-admin": (N_("The leader's call is made by an admin."), N_("Make the owner's call, or ask an admin.")),
    "bad-call": (
        N_("This is no call: the amount is 0 or more, the chance between 0 and 100 percent."),
        N_("Leave out what you do not know."),
    ),
}

RENEWAL_NOTES: dict[str, str] = {
    "no-renewals": N_(
        "Nothing ends in this time. Renewals come from contracts (account_id, contract_id, start_date, end_date) and "
        "from subscriptions paid by the year: import them here or with: rollforward import FILE"
    ),
    "few-renewals": N_(
        "{count} past renewals are known; a chance needs {least}, so the rules name none and expect the MRR of now."
    ),
    "split-contracts": N_(
        "Renewals of accounts with several contracts of which nothing says which items are whose: {count}. What they "
        "pay is split by the amounts of the contracts a day, or alike. A contract has the subscription of its id."
    ),
    "renewal-rule": N_(
        "Up for renewal is the MRR 90 days before the term ends; its outcome is the MRR 30 days after, at present "
        "exchange rates."
    ),
    "no-calls": N_("No call was made on a renewal whose outcome is known. Keep the rules' calls with: {command}"),
}
