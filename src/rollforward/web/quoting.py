"""The questions of quotes, of what use is worth, and of when an account may be spoken to."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from rollforward.api import Question, Store, Table
from rollforward.errors import Misuse
from rollforward.web.asks import Asks, Own, whole

PARTS = ("lines", "totals", "reasons", "values")
"""Parts of a quote, each a table."""

TERMS = ("plan", "seats", "add-on", "discount", "months", "on", "valid-days")
"""What a quote is asked for, as addresses name it: `to` is the last period there."""

_OF_ONE = ("policy", "basis", "as-of", "minor")


def asked_for(own: Own) -> dict[str, Any]:
    """The terms of an address as `Store.quote` takes them. Misuse `bad-quote`, `unknown-option`."""
    try:
        discount = Decimal((own.get("discount") or "0").removesuffix("%"))
    except InvalidOperation:
        raise Misuse("bad-quote") from None
    if not discount.is_finite() or not 0 <= discount < 100:  # before any sum, which has no room for 1e999999
        raise Misuse("bad-quote")
    add_ons = [name for name in (own.get("add-on") or "").split(",") if name.strip()]
    return {
        "to": own.get("plan", ""), "seats": whole(own, "seats"), "add_ons": add_ons, "discount": discount / 100,
        "months": whole(own, "months"), "on": own.get("on", ""), "valid_days": whole(own, "valid-days"),
    }  # fmt: skip


def of_one(question: Question) -> Question:
    """The question without what one account has none of."""
    kept: Question = {k: v for k, v in question.items() if k in ("policy", "as_of", "basis", "minor")}  # type: ignore[assignment]
    return kept


def _quote(store: Store, question: Question, own: Own) -> Table:
    part = own.get("part") or "lines"
    if part not in PARTS:
        raise Misuse("unknown-option", option="part", value=part, known=", ".join(PARTS))
    found: Table = getattr(store.quote(own.get("account", ""), **asked_for(own), **of_one(question)), part)
    return found


def _quotes(store: Store, question: Question, own: Own) -> Table:
    return store.quotes(own.get("account", ""), own.get("all") == "1")


def _value(store: Store, question: Question, own: Own) -> Table:
    return store.value_statement(own.get("account", ""), **of_one(question))


def _days(store: Store, question: Question, own: Own) -> Table:
    return store.contact_days(own.get("account", ""))


QUOTING: dict[str, Asks] = {
    "quote": Asks(_quote, "quote", ("account", *TERMS, "part"), _OF_ONE),
    "quotes": Asks(_quotes, "quotes", ("account", "all"), (), True),
    "value": Asks(_value, "value", ("account",), _OF_ONE),
    "contact-days": Asks(_days, "contact-days", ("account",), (), True),
}
