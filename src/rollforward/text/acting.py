"""How the columns of opportunities and offers are headed, and what errors and notes about them say."""

from __future__ import annotations

from rollforward.text import N_

LABELS: dict[str, str] = {
    "opportunity": N_("Number"),
    "contact": N_("Number"),
    "stage": N_("Stage"),
    "probability": N_("Proba-\nbility"),
    "weighted": N_("Expected\nMRR"),
    "offer_from": N_("May be\noffered from"),
    "blocked": N_("Why not\nnow"),
    "signals": N_("Signals"),
    "opened_at": N_("Opened"),
    "closed_at": N_("Closed"),
    "offered_at": N_("Offered"),
    "persons": N_("Persons"),
    "nth_offer": N_("Which\noffer"),
    "accepted": N_("Accepted"),
    "declined": N_("Declined"),
    "share_low": N_("From"),
    "share_high": N_("To"),
    "notice_step": N_("Step"),
    "notices": N_("Notices"),
    "conflict": N_("Conflict"),
    "handed_at": N_("When"),
    "from_owner": N_("From whom"),
    "to_owner": N_("To whom"),
    "comment": N_("Why"),
    "delivery": N_("Delivery"),
    "event": N_("Event"),
    "told_at": N_("When"),
    "tries": N_("Tries"),
    "delivered": N_("Delivered"),
    "said": N_("Answer"),
    "next_try": N_("Next try"),
}

MONEY = frozenset(("weighted",))
"""Columns in a currency."""

RATIO = frozenset(("probability", "share_low", "share_high"))
"""Fractions shown as percentages."""

WORDS: dict[str, str] = {
    "upsell": N_("upsell"),
    "cross-sell": N_("cross-sell"),
    "add-on": N_("add-on"),
    "save": N_("save"),
    "open": N_("open"),
    "contacted": N_("contacted"),
    "quoted": N_("quoted"),
    "won": N_("won"),
    "lost": N_("lost"),
    "expired": N_("expired"),
    "accepted": N_("accepted"),
    "declined": N_("declined"),
    "budget": N_("contact budget used up"),
    "cool_down": N_("cooling down after a no"),
    "at_risk": N_("account at risk"),
    "owner_busy": N_("owner has too many at once"),
    "hold_out": N_("held out"),
    "closed": N_("closed"),
    "grew": N_("MRR grew"),
    "grew_alone": N_("MRR grew without contact"),
    "stands_no_longer": N_("the reason is gone"),
    "due": N_("past its due date"),
    "above_threshold": N_("above the threshold"),
    "left": N_("account left"),
    "shrank": N_("MRR shrank"),
    "stayed": N_("account stayed"),
    "settled": N_("settled by itself"),
    "owners": N_("several owners"),
    "persons": N_("contacted by several"),
    "shown": N_("shown"),
    "clicked": N_("clicked"),
    "dismissed": N_("dismissed"),
    "upgraded": N_("upgraded"),
    "waiting": N_("waiting"),
    "arrived": N_("delivered"),
    "given_up": N_("given up"),
    "left_out": N_("left out: held out"),
    "no_such_host": N_("no such host"),
    "private_address": N_("private address, not allowed"),
    "bad_certificate": N_("certificate not valid"),
    "timed_out": N_("no answer in time"),
    "broke_off": N_("connection broke off"),
}

CODED: dict[str, tuple[str, ...]] = {
    "stage": ("open", "contacted", "quoted", "won", "lost", "expired"),
    "blocked": ("budget", "cool_down", "at_risk", "save", "owner_busy", "hold_out", "closed"),
    "conflict": ("owners", "persons"),
    "comment": ("above_threshold",),
    "delivered": ("waiting", "arrived", "given_up", "left_out"),
    "said": ("no_such_host", "private_address", "bad_certificate", "timed_out", "broke_off"),
    "notice_step": ("shown", "clicked", "dismissed", "upgraded"),
    "outcome": (
        "accepted", "declined", "grew", "grew_alone", "stands_no_longer", "due", "left", "shrank", "stayed", "settled",
        "quote_accepted", "quote_declined",
    ),
}  # fmt: skip
"""Columns of coded words, and the words."""

ACTING_ERRORS: dict[str, tuple[str, str]] = {
    "no-such-opportunity": (
        N_("There is no opportunity {number}."),
        N_("See them with: rollforward opportunities --all"),
    ),
    "no-such-contact": (N_("There is no offer {number}."), N_("See them with: rollforward offers")),
    "already-open": (
        N_("{account} has an open opportunity for the same reason already."),
        N_("Close that one first."),
    ),
    "offer-first": (
        N_("Opportunity {number} was never offered."),
        N_("Write the offer down: that moves it to contacted, if the contact budget allows it."),
    ),
    "over-budget": (
        N_("{account} may not be offered anything now ({reason})[; from {day} it may]."),
        N_("Leave the account alone until then. Limits are set with: rollforward opportunities --rules FILE"),
    ),
    "not-shown": (
        N_("The notice of opportunity {number} was never shown."),
        N_("Record that it was shown first."),
    ),
    "bad-acting": (
        N_("The rules of opportunities cannot be used: {detail}"),
        N_("The keys and what they can be are in docs/manual/opportunities.md."),
    ),
    "bad-address": (
        N_("Nothing can be sent to that address."),
        N_("Use https://HOST/PATH; http and addresses of this machine or its network only if you allow that."),
    ),
    "no-webhook": (
        N_("No webhook is set."),
        N_("Set one with: rollforward webhook set ADDRESS"),
    ),
    "no-such-delivery": (
        N_("There is no delivery {number} that could be sent."),
        N_("See them with: rollforward webhook list"),
    ),
    "bad-opportunities": (
        N_("Line {line} does not name an opportunity."),
        N_("Use the columns opportunity, stage, outcome, owner, why; numbers are those of: rollforward opportunities"),
    ),
}

ACTING_NOTES: dict[str, str] = {
    "no-webhook": N_("No webhook is set: nothing is sent. Set one with: rollforward webhook set ADDRESS"),
    "never-refreshed": N_(
        "Nobody has looked for opportunities yet. Look for them here or with: rollforward opportunities --refresh"
    ),
    "refreshed": N_("Opportunities as of {day}."),
    "refreshed-before": N_(
        "Opportunities as of {day}; the store has changed since. Refresh them here or with: rollforward opportunities "
        "--refresh"
    ),
}
