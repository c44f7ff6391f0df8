"""A quote as tables: its lines, its totals, the use that justifies it; and kept as it was told.

Comes in: an Offer, signals, limits. Goes out: Tables in major units; the same as JSON text and back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rollforward.answers.catalogue import Plan
from rollforward.answers.figures import BY
from rollforward.answers.opportunities import CALLS
from rollforward.answers.quoting import PPM, WHOLE, Line, Offer
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.proration import half_up
from rollforward.schema import DRIVERS

LINES = (
    "account_id", "quote_part", "is_changed", "product_id", "plan_id", "quantity", "interval", "currency", "amount",
    "discount_share", "discount_ends", "net_amount", "period_start", "period_end", "days_counted", "days_in_period",
    "prorated", "mrr",
)  # fmt: skip
TOTALS = (
    "account_id", "on_date", "valid_until", "currency", "credit", "charge", "due_now", "credit_left", "next_bill_on",
    "next_bill", "mrr_before", "mrr_after", "mrr_change", *BY, "discount_share", "discount_ends", "discount_cost",
    "mrr_later",
)  # fmt: skip
REASONS = (
    "account_id", "signal", "metric", "used_quantity", "limit_now", "limit_after", "used_now", "used_after",
    "sentence_en", "sentence_th",
)  # fmt: skip
MONEY = frozenset(
    ("amount", "net_amount", "prorated", "mrr", "credit", "charge", "due_now", "credit_left", "next_bill", "mrr_before",
     "mrr_after", "mrr_change", "discount_cost", "mrr_later", *BY)
)  # fmt: skip
_UNITS = {1: "day", 2: "week", 3: "month", 4: "year"}


@dataclass(frozen=True)
class Quoted:
    """A quote: whose, and its tables. values: what its use is worth to the account, by the user's own unit values."""

    account_id: str
    name: str
    lines: Table
    totals: Table
    reasons: Table
    values: Table


def lines(offer: Offer, account_id: str, minor: bool = False) -> Table:
    """A row an item now and after, a credit and a charge; charges up to the end of the period, by the day."""
    return Table.of_money(LINES, [_line(line, account_id, offer.currency) for line in offer.lines], MONEY, minor)


def _line(line: Line, account_id: str, currency: str) -> tuple[object, ...]:
    count, unit = divmod(line.per, 10)
    every = _UNITS[unit] if count == 1 else f"{count} {_UNITS[unit]}s"
    share = None if line.price.kept == WHOLE else 1 - line.price.kept / WHOLE
    billed = line.part in ("credit", "charge")
    return (
        account_id, line.part, line.is_changed, line.product_id, line.plan_id, line.quantity, every, currency,
        line.price.amount, None if share is None else round(share, 9), line.price.until if share else None,
        half_up(line.price.exact()), line.whole.start if line.whole else None, line.whole.end if line.whole else None,
        line.days if billed and line.whole else None, line.whole.days if billed and line.whole else None,
        line.amount if billed else None, None if billed else line.mrr,
    )  # fmt: skip


def totals(offer: Offer, account_id: str, as_known: date, minor: bool = False) -> Table:
    """The one row of totals, and what is assumed or not known. as_known: the last day known."""
    due, left = offer.due
    row = (
        account_id, offer.on, offer.valid_until, offer.currency, offer.credit, offer.charge, due, left, offer.next_on,
        offer.next_charge, offer.mrr_before, offer.mrr_after, offer.mrr_after - offer.mrr_before,
        *(offer.drivers[d] for d in DRIVERS), offer.discount / PPM if offer.discount else None, offer.discount_ends,
        offer.discount_cost, offer.mrr_later,
    )  # fmt: skip
    notes = [Note("quote-days"), Note("quote-tax")]
    if due is None:
        notes.append(Note("quote-no-period"))
    if left:
        notes.append(Note("quote-credit-left"))
    if offer.discount and offer.discount_ends is None:
        notes.append(Note("quote-discount-a-year"))
    elif not offer.discount and offer.replaced is not None and offer.replaced.price.kept < WHOLE:
        notes.append(Note("quote-discount-stays"))
    if offer.replaced is not None and offer.replaced.is_late:
        notes.append(Note("quote-late"))
    if offer.replaced is not None and offer.replaced.ends is not None:
        notes.append(Note("quote-ends", {"day": f"{offer.replaced.ends}"}))
    if offer.metered:
        notes.append(Note("quote-metered"))
    if (offer.on - as_known).days > 1:
        notes.append(Note("quote-as-known", {"day": f"{as_known}"}))
    return Table.of_money(TOTALS, [row], MONEY, minor, notes)


def reasons(
    build: Build, offer: Offer, known: Mapping[str, Plan], account_id: str, key: int, signals: Table
) -> Table:  # fmt: skip
    """What in its use calls for the change: signals of limits that it raises, of seats that it adds, of features."""
    build.need(["limit_state"])
    use = {
        (str(metric), str(kind)): (float(str(quantity)), float(str(limit)))
        for metric, kind, quantity, limit in build.engine.run(
            f'select metric, kind, quantity, "limit" from limit_state where account_key = {key}'
        )
    }
    by_unit = dict(build.signals.rules.values)["metrics.per_unit"]
    assert isinstance(by_unit, tuple)
    before = offer.replaced.quantity if offer.replaced else 0
    changed = [line.quantity for line in offer.lines if line.part == "after" and line.is_changed]
    grown = changed[0] if offer.replaced else before
    told = []
    for r in signals.to_dicts():
        about = CALLS.get(str(r["signal"]))
        metric = str(r["subject"])
        kind = "seats" if about == "seats" else "limit"
        used, now = use.get((metric, kind), (None, None))
        after: float | None = None
        if about == "limit":
            after, fits = _limit(offer, known, metric, now, metric in by_unit)
        elif about == "seats":
            after, fits = (now or 0) + grown - before, grown > before
        elif about == "feature":
            tier = offer.replaced.tier if offer.replaced else 0
            fits = any(plan.tier > tier for plan, _n in offer.plans)
        else:
            fits = about == "similar" and any(metric in (p.product_id, p.family, p.plan_id) for p, _n in offer.plans)
        if fits:
            told.append(
                (account_id, r["signal"], metric, _plain(used), _plain(now), _plain(after), _share(used, now),
                 _share(used, after), r["sentence_en"], r["sentence_th"])
            )  # fmt: skip
    return Table(REASONS, told, [] if told else [Note("quote-no-reason")])


def _limit(
    offer: Offer, known: Mapping[str, Plan], metric: str, now: float | None, by_unit: bool
) -> tuple[float | None, bool]:  # fmt: skip
    """The limit of a metric after the change (None: without limit), and whether that is more; as `limit_now` has it."""
    gained = 0
    for plan, count in offer.plans:
        alike = (p for p in known.values() if p.product_id == plan.product_id)
        limit = dict(plan.limits).get(metric, 0 if any(metric in dict(p.limits) for p in alike) else None)
        if limit == 0:
            return None, True
        gained += (limit or 0) * (count if by_unit else 1)
    was = offer.replaced
    if was is not None and any(plan.family == was.family for plan, _count in offer.plans):
        own = known.get(was.plan_id)
        gained -= dict(own.limits).get(metric, 0) * (was.quantity if by_unit else 1) if own else 0
    after = (now or 0) + gained
    return after, after > (now or 0)


def _share(used: float | None, limit: float | None) -> float | None:
    return used / limit if used is not None and limit else None


def _plain(quantity: float | None) -> float | int | None:
    """A quantity without zeros after its point."""
    return int(quantity) if quantity is not None and quantity.is_integer() else quantity


# -- kept as told ---------------------------------------------------------------------------------------------------


def frozen(quoted: Quoted) -> str:
    """All of a quote as JSON."""
    parts = {name: getattr(quoted, name) for name in ("lines", "totals", "reasons", "values")}
    told = {
        name: {
            "columns": list(t.columns),
            "rows": [[_packed(v) for v in row] for row in t.rows],
            "notes": [[n.code, n.params] for n in t.notes],
        }
        for name, t in parts.items()
    }
    return json.dumps({"account_id": quoted.account_id, "name": quoted.name, **told}, ensure_ascii=False)


def thawed(told: str) -> Quoted:
    """The quote that `frozen` kept."""
    kept: Mapping[str, Any] = json.loads(told)
    tables = {name: _table(kept[name]) for name in ("lines", "totals", "reasons", "values")}
    return Quoted(kept["account_id"], kept["name"], **tables)


def _table(kept: Mapping[str, Any]) -> Table:
    rows: Iterable[Sequence[object]] = ([_unpacked(v) for v in row] for row in kept["rows"])
    return Table(kept["columns"], rows, [Note(code, params) for code, params in kept["notes"]])


def _packed(value: object) -> object:
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return {"d": value.isoformat()} if isinstance(value, date) else value


def _unpacked(value: object) -> object:
    if isinstance(value, dict):
        return Decimal(value["n"]) if "n" in value else date.fromisoformat(value["d"])
    return value
