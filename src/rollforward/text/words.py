"""Coded words that columns hold, and names of dimensions, as a person reads them."""

from __future__ import annotations

from rollforward.schema import FLOWS, STATUSES
from rollforward.text import N_, acting, explained, foreseen, goals, growth, quotes, renewals, worked

WORDS: dict[str, str] = (
    {
        "grows": N_("grows"),
        "holds": N_("holds"),
        "shrinks": N_("shrinks"),
        "cannot tell": N_("cannot tell"),
        "new": N_("new"),
        "reactivation": N_("reactivation"),
        "expansion": N_("expansion"),
        "contraction": N_("contraction"),
        "churn": N_("churn"),
        "transfer": N_("transfer"),
        "adjustment": N_("adjustment"),
        "opening": N_("opening"),
        "none": N_("unchanged"),
        "active": N_("active"),
        "trialing": N_("on trial"),
        "past_due": N_("payment is late"),
        "unpaid": N_("unpaid"),
        "paused": N_("paused"),
        "canceled": N_("canceled"),
        "ending": N_("ending"),
        "churned": N_("churned"),
        "acquired": N_("acquired"),
        "never paid": N_("never paid"),
        "same": N_("the same account"),
        "import": N_("import"),
        "policy": N_("policy"),
        "retract": N_("retraction"),
        "link": N_("link"),
        "unlink": N_("unlink"),
        "close": N_("close"),
        "reopen": N_("reopening"),
        "restatement": N_("restatement"),
        "closing": N_("closing"),
        "fact": N_("new fact"),
        "rate": N_("exchange rate"),
        "tier": N_("price list"),
        "model": N_("release of the program"),
        "rounding": N_("rounding"),
        "not read": N_("row not read"),
        "counted twice": N_("counted twice"),
        "paid period over": N_("paid period over"),
        "only in ours": N_("only in ours"),
        "only in theirs": N_("only in theirs"),
        "a month later": N_("a month later"),
        "a month earlier": N_("a month earlier"),
        "other currency": N_("other currency"),
        "closed periods": N_("closed periods"),
        "unexplained": N_("unexplained"),
        "incomplete": N_("first payment is due"),
        "void": N_("void"),
        "metered": N_("billed by use"),
        "fx": N_("exchange rates"),
        "day": N_("day"),
        "week": N_("week"),
        "month": N_("month"),
        "year": N_("year"),
        "change": N_("terms changed"),
        "start": N_("began"),
        "end": N_("ended"),
        "gap": N_("came back"),
        "pause": N_("paused or resumed"),
        "swap": N_("replaced another item"),
        "event": N_("told as an event"),
        "currency": N_("currency changed"),
        "touch": N_("contact"),
        "offer": N_("offer"),
        "milestone": N_("milestone"),
        "ticket": N_("support request"),
        "feedback": N_("feedback"),
        "request": N_("feature request"),
        "survey": N_("survey"),
        "community": N_("community"),
        "goal": N_("goal"),
        "mrr": N_("MRR"),
        "total": N_("Total"),
        "unknown": N_("unknown"),
    }
    | growth.WORDS
    | foreseen.WORDS
    | acting.WORDS
    | renewals.WORDS
    | goals.WORDS
    | explained.WORDS
    | quotes.WORDS
    | worked.WORDS
)
"""Coded values and what each reads as."""

EVENTS = ("touch", "offer", "milestone", "ticket", "feedback", "request", "survey", "community", "goal")
"""Kinds of event that files have as a rule; any other reads as it was written."""

CODED: dict[str, tuple[str, ...]] = {
    "band": ("grows", "holds", "shrinks", "cannot tell"),
    "movement": (*FLOWS, "opening", "none", "fx", "rounding"),
    "rule": (
        "start", "end", "change", "swap", "pause", "gap", "event", "currency", "acquired", "opening", "restatement",
        "transfer",
    ),
    "state": ("active", "ending", "churned", "acquired", "never paid"),
    "status": (*STATUSES, "metered"),
    "interval": ("day", "week", "month", "year"),
    "kind": (
        "import", "policy", "retract", "link", "unlink", "close", "reopen", "same", "acquired", *EVENTS,
        "upgrade", "add_on", "product", "upsell", "cross-sell", "add-on", "seats", "save", "any",
    ),
    "event_kind": EVENTS,
    "measure": (*FLOWS, "mrr", "opening", "closing", "fx"),
    "cause": ("fact", "rate", "tier", "policy", "model"),
    "reason": (
        "not read", "rounding", "counted twice", "paid period over", "only in ours", "only in theirs",
        "a month later", "a month earlier", "other currency", "closed periods", "unexplained",
    ),
    "segment": ("total", "unknown"),
} | growth.CODED | foreseen.CODED | acting.CODED | renewals.CODED | goals.CODED | explained.CODED  # fmt: skip
"""Columns that hold codes, and which; other values in them are the user's own words."""
CODED |= quotes.CODED | worked.CODED

DIMENSIONS: dict[str, str] = {
    "plan": N_("Plan"),
    "product": N_("Product"),
    "family": N_("Product family"),
    "interval": N_("Billing interval"),
    "currency": N_("Currency"),
    "cohort": N_("Cohort"),
    "plan_tier": N_("Plan tier"),
    "size_band": N_("Size"),
    "lifecycle_stage": N_("Lifecycle stage"),
    "usage_level": N_("Usage level"),
    "country": N_("Country"),
    "industry": N_("Industry"),
    "owner": N_("Owner"),
}
"""Dimensions that every store may have; any other is called as the user's own column."""
