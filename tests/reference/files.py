"""What the rows of a file say: the contract's columns as text -> states, events and catalogue of the reference.

Items always carry what identifies them (no splits), snapshots are left out, amounts are in major units.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from reference.facts import (
    BEGINNING,
    OPEN_END,
    RANK_CORRECTION,
    RANK_FILE,
    Catalogue,
    Charge,
    Coverage,
    Discount,
    Event,
    Link,
    PlanEntry,
    Product,
    State,
    Tier,
)

Row = dict[str, str]

DECIMALS = {"JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class File:
    """One file, imported alone as the commit of its place in the list; `coverage` is what --coverage said."""

    kind: str
    rows: tuple[Row, ...]
    recorded_at: datetime
    coverage: tuple[datetime, datetime] | None = None
    correction: bool = False


def minor(text: str, currency: str) -> int:
    """Major units as text -> minor units; finer amounts are the importer's problem, not the reference's."""
    scaled = Decimal(text or "0").scaleb(DECIMALS.get(currency, 2))
    whole = int(scaled)
    assert whole == scaled, (text, currency)
    return whole


def major(amount: int, currency: str) -> str:
    """Minor units -> text in major units with the currency's own decimals."""
    decimals = DECIMALS.get(currency, 2)
    return f"{Decimal(amount).scaleb(-decimals):.{decimals}f}"


def moment(text: str, empty: datetime = OPEN_END) -> datetime:
    """A date (its midnight), a month (its first day) or a timestamp."""
    if not text:
        return empty
    return datetime.fromisoformat(f"{text}-01" if len(text) == 7 else text)


def to_states(files: Sequence[File]) -> list[State]:
    """All states said, commit 1 being the first file. A fact said again with the same recorded_at is no new one."""
    states: list[State] = []
    said: set[State] = set()
    for commit, file in enumerate(files, start=1):
        for row in file.rows:
            if file.kind == "subscriptions":
                state = _subscription(row, file, commit)
            elif file.kind == "monthly":
                state = _month(row, file, commit)
            else:
                continue
            fact = replace(state, commit=0)
            if fact not in said:
                said.add(fact)
                states.append(state)
    return states


def _subscription(row: Row, file: File, commit: int) -> State:
    currency = row["currency"].upper()
    start = moment(row["start_date"], BEGINNING)
    return State(
        subscription_id=row["subscription_id"],
        item_id=row.get("item_id", ""),
        account=row["account_id"],
        product=row.get("product", ""),
        plan=row["plan"],
        currency=currency,
        valid_from=start,
        valid_to=moment(row.get("end_date", "")),
        replaces_from=start,
        recorded_at=moment(row.get("recorded_at", ""), file.recorded_at),
        commit=commit,
        amount=minor(row["amount"], currency),
        rank=RANK_CORRECTION if file.correction else RANK_FILE,
        status=row.get("status") or "active",
        metered=row.get("billing") == "metered",
        quantity=int(row.get("quantity") or 0),
        interval=row.get("interval") or "month",
        interval_count=int(row.get("interval_count") or 1),
        discounts=tuple(d for d in (_discount(row, ""), _discount(row, "_2")) if d),
        cancel_requested_at=moment(row.get("cancel_requested_at", "")),
        paid_through=moment(row.get("paid_through", "")),
        first_paid_at=moment(row.get("first_paid_at", "")),
        dated=_is_dated(row["start_date"], row.get("end_date", "")),
    )


def _is_dated(*texts: str) -> bool:
    """Whether none of these says a time of day."""
    return all(len(text) <= 10 for text in texts)


def _discount(row: Row, suffix: str) -> Discount | None:
    percent, amount = row.get(f"discount_percent{suffix}", ""), row.get(f"discount_amount{suffix}", "")
    if not percent and not amount:
        return None
    return Discount(
        ppm=int(Decimal(percent or "0") * 10_000),
        amount=minor(amount, row["currency"].upper()),
        kind=row.get(f"discount_kind{suffix}") or "forever",
        until=moment(row.get(f"discount_until{suffix}", "")),
    )


def _month(row: Row, file: File, commit: int) -> State:
    """A month of (account, product, plan); one at 0 says that there was nothing, as an absent one would."""
    start = moment(row["month"])
    currency, product, plan = row["currency"].upper(), row.get("product", ""), row.get("plan", "")
    amount = minor(row["mrr"], currency)
    return State(
        subscription_id=f"monthly:{row['account_id']}",
        item_id="/".join(part for part in (product, plan) if part),
        account=row["account_id"],
        product=product,
        plan=plan,
        currency=currency,
        valid_from=start,
        valid_to=next_month(start),
        replaces_from=start,
        recorded_at=moment(row.get("recorded_at", ""), file.recorded_at),
        commit=commit,
        amount=amount,
        rank=RANK_CORRECTION if file.correction else RANK_FILE,
        status="active" if amount else "canceled",
        source_kind="monthly",
    )


def next_month(day: datetime) -> datetime:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1, day=1)


def to_events(files: Iterable[File]) -> list[Event]:
    """Rows of the kind `changes`; without ids the item is the account."""
    return _adding_up(files, "changes", _event)


def to_charges(files: Iterable[File]) -> list[Charge]:
    """Rows of the kind `charges`."""
    return _adding_up(files, "charges", _charge)


Added = TypeVar("Added", Event, Charge)


def _adding_up(files: Iterable[File], kind: str, fact: Callable[[Row, File], Added]) -> list[Added]:
    """Equal rows of one file all count; of equal ones in several files, as many as one of them has."""
    told: Counter[Added] = Counter()
    for file in files:
        if file.kind == kind:
            told |= Counter(fact(row, file) for row in file.rows)
    return list(told.elements())


def _event(row: Row, file: File) -> Event:
    return Event(
        row.get("subscription_id", "") or f"changes:{row['account_id']}",
        row.get("item_id", ""),
        row["account_id"],
        row.get("product", ""),
        row.get("plan", ""),
        row["currency"].upper(),
        moment(row["occurred_at"]),
        minor(row["delta"], row["currency"].upper()),
        moment(row.get("recorded_at", ""), file.recorded_at),
        row.get("driver", ""),
        int(row.get("quantity_delta") or 0),
        _is_dated(row["occurred_at"]),
    )


def _charge(row: Row, file: File) -> Charge:
    return Charge(
        row.get("subscription_id", "") or f"account:{row['account_id']}",
        row.get("item_id", ""),
        row["account_id"],
        row.get("product", ""),
        row.get("plan", ""),
        row["currency"].upper(),
        row["metric"],
        moment(row["service_start"]),
        moment(row["service_end"]),
        minor(row["amount"], row["currency"].upper()),
        moment(row.get("recorded_at", ""), file.recorded_at),
        moment(row.get("invoiced_at", "")),
        _is_dated(row["service_start"], row["service_end"]),
    )


def to_links(files: Iterable[File]) -> list[Link]:
    """Rows of the kind `links`."""
    return [
        Link(
            row["from_id"],
            row["to_id"],
            row.get("kind") or "same",
            moment(row.get("recorded_at", ""), file.recorded_at),
            moment(row.get("valid_from", ""), BEGINNING),
            _is_dated(row.get("valid_from", "")),
            row.get("removed") == "true",
        )
        for file in files
        if file.kind == "links"
        for row in file.rows
    ]


def to_catalogue(files: Iterable[File]) -> Catalogue:
    """Products and plans; a later file's entry stands."""
    products, plans = {}, {}
    for file in files:
        for row in file.rows:
            if file.kind == "products":
                entry = Product(row["product_id"], row.get("role") or "base", row.get("family", ""))
                products[entry.id] = entry
            elif file.kind == "plans":
                plan = _plan(row)
                plans[plan.id] = plan
    return Catalogue(products, plans)


def _plan(row: Row) -> PlanEntry:
    currency = row.get("currency", "").upper()
    return PlanEntry(
        id=row["plan_id"],
        product=row.get("product_id", ""),
        tier=int(row.get("tier") or 0),
        amount=minor(row["amount"], currency) if row.get("amount") else None,
        currency=currency,
        interval=row.get("interval") or "month",
        interval_count=int(row.get("interval_count") or 1),
        tiers_mode=row.get("tiers_mode", ""),
        tiers=tuple(_tiers(row.get("tiers", ""), currency)),
    )


def _tiers(text: str, currency: str) -> Iterable[Tier]:
    """The column `tiers`: [{"up_to": 10, "unit_amount": "10.00", "flat_amount": "0"}, ...], the last up_to null."""
    first = 1
    for step in json.loads(text or "[]"):
        last = step["up_to"] or 10**9
        amounts = [minor(step.get(name, ""), currency) for name in ("unit_amount", "flat_amount")]
        yield Tier(first, last, *amounts)
        first = last + 1


def to_coverage(files: Iterable[File]) -> Coverage:
    """Union per kind; `monthly` covers its first to its last month unless told, other kinds all time unless told."""
    coverage: Coverage = {}
    for file in files:
        if file.kind == "charges" and not file.coverage:
            continue
        if file.kind not in ("subscriptions", "monthly", "changes", "charges"):
            continue
        window = file.coverage or (BEGINNING, OPEN_END)
        if file.coverage is None and file.kind == "monthly":
            months = [moment(row["month"]) for row in file.rows]
            window = (min(months), next_month(max(months)))
        coverage.setdefault(file.kind, []).append(window)
    return coverage
