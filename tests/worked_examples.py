"""The worked examples of hosted systems as facts: events of a case become the files that a user would import.

`read` parses the page's pipe tables; `files_of` turns the events of one case (one variant of it) into import files. An
event that says nothing that a fact could hold raises `NotAFact` with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from reference import File
from reference.files import Row

PROFILES = {
    "any": ("default", {}),
    "bm": ("baremetrics", {}),
    "cb": ("chargebee", {}),
    "cm": ("chartmogul", {}),
    "cm_b": ("chartmogul", {}),
    "cm_billing": ("chartmogul", {}),
    "cm_billing_b": ("chartmogul", {}),
    "cm_merged": ("chartmogul", {}),
    "cm_unmerged": ("chartmogul", {}),
    "cm_sched": ("chartmogul", {"churn_on": "requested"}),
    "cm_service": ("chartmogul", {"churn_on": "period_end"}),
    "customer_view": ("default", {}),
    "mx": ("maxio", {}),
    "pw": ("profitwell", {}),
    "rc": ("recurly", {}),
    "st": ("stripe", {}),
    "tz_la": ("default", {"time_zone": "America/Los_Angeles"}),
    "tz_sydney": ("default", {"time_zone": "Australia/Sydney"}),
}
"""Rule set of the page -> the shipped profile, and the switch of that system which the row is about."""

COLUMNS = (
    *("account_id", "subscription_id", "plan", "start_date", "end_date", "amount", "currency", "interval", "status"),
    *("discount_percent", "discount_kind", "cancel_requested_at", "paid_through"),
)


class NotAFact(Exception):
    """Why a row of the page cannot be asked."""


@dataclass(frozen=True)
class Event:
    """One line of the EVENTS table."""

    case: str
    on: date
    account: str
    subscription: str
    kind: str
    detail: str
    amount: str
    currency: str


@dataclass(frozen=True)
class Movement:
    """One line of the EXPECTED table."""

    case: str
    profile: str
    on: date
    account: str
    movement: str
    amount: str
    note: str

    @property
    def variant(self) -> str:
        """a, b, …; '' where the row does not say."""
        said = re.search(r"variant ([a-z])\b", self.note)
        return said[1] if said else "b" if self.profile.endswith("_b") else ""


@dataclass(frozen=True)
class Scalar:
    """One line of the scalar cases."""

    id: str
    metric: str
    profile: str
    input: str
    expect: str


@dataclass
class Page:
    """All tables."""

    scalars: list[Scalar] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)


def read(path: Path) -> Page:
    """Every data row of the page starts with its id."""
    page = Page()
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if re.fullmatch(r"A\d+", cells[0]):
            page.scalars.append(Scalar(*cells[:4], cells[5]))
        elif re.fullmatch(r"W\d+", cells[0]) and cells[1].isdigit():
            case, _, on, _, account, subscription, kind, detail, amount, currency = cells
            page.events.append(
                Event(case, date.fromisoformat(on), account, subscription, kind, detail, amount, currency)
            )
        elif re.fullmatch(r"W\d+", cells[0]):
            case, profile, on, account, movement, amount, _, _, _, note = cells
            page.movements.append(Movement(case, profile, date.fromisoformat(on), account, movement, amount, note))
    return page


def of_variant(events: Sequence[Event], wanted: Movement) -> list[Event]:
    """The events of the row's variant: the one it names, else the one with an event on its date, else the first."""
    named = {e: m[1] for e in events if (m := re.match(r"variant ([a-z])(?!.*variant)", e.detail))}
    variant = wanted.variant or next((v for e, v in named.items() if e.on == wanted.on), "") or "a"
    return [e for e in events if named.get(e, variant) == variant]


def files_of(events: Iterable[Event], variant: str) -> list[File]:
    """Import files: subscriptions, charges and links, told on the day after the last of them."""
    lines: dict[tuple[str, str], list[Row]] = {}
    links: list[Row] = []
    for event in events:
        if ".." in event.account:
            raise NotAFact("stands for several accounts that it does not list")
        amounts = re.findall(r"(\d+(?:\.\d+)?)/month", event.detail)
        for n, subscription in enumerate(event.subscription.split("+")):
            rows = lines.setdefault((event.account, subscription), [])
            amount = amounts[n] if n < len(amounts) else event.amount
            if event.kind == "migrate":
                links += _migrate(lines, event)
            _apply(rows, event, subscription, amount, _moment(event, variant))
    told = datetime(2026, 1, 1)
    known = tuple({c: row.get(c, "") for c in COLUMNS} for rows in lines.values() for row in rows)
    files = [File("subscriptions", known, told)]
    return files + ([File("links", tuple(links), told)] if links else [])


def _moment(event: Event, variant: str) -> str:
    """The date, or the instant where a time of day is told: of the variant, or in Los Angeles."""
    of_variant = re.search(rf"variant {variant or 'a'} (\d\d:\d\d)", event.detail)
    clock = of_variant or re.search(r"(\d\d:\d\d)", event.detail)
    if not clock:
        return event.on.isoformat()
    at = datetime.fromisoformat(f"{event.on}T{clock[1]}:00")
    if "in Los Angeles" in event.detail:  # Pacific daylight time
        at += timedelta(hours=7)
    return at.isoformat()


def _apply(rows: list[Row], event: Event, subscription: str, amount: str, at: str) -> None:
    if event.kind in ("usage", "refund", "fx", "license", "opp", "coupon"):
        raise NotAFact(f"{event.kind}: {event.detail}")
    if "prorated" in event.detail or "fails" in event.detail or "usage" in event.detail:
        raise NotAFact(f"an invoice is no state of a subscription: {event.detail}")
    yearly = re.search(r"yearly|one year|annual|/year", event.detail) is not None
    if event.kind in ("start", "invoice", "migrate", "plan", "qty", "resume"):
        began = {"account_id": event.account, "subscription_id": subscription, "currency": event.currency}
        if rows and rows[-1].get("end_date", "") in ("", at):
            rows[-1]["end_date"] = at
            began = rows[-1] | {"end_date": "", "status": ""}
        elif event.kind in ("plan", "qty") and not rows:
            raise NotAFact("a change of what was never told")
        rows.append(
            began | {"plan": "p", "start_date": at, "amount": amount, "interval": "year" if yearly else "month"}
        )
        return
    if not rows:  # it was there long before
        monthly = re.search(r"(\d+(?:\.\d+)?)/month", event.detail)
        if not monthly:
            raise NotAFact("what it ends was never told")
        began = {"account_id": event.account, "subscription_id": subscription, "currency": event.currency}
        rows.append(began | {"plan": "p", "start_date": "2023-01-01", "amount": monthly[1], "interval": "month"})
    row = rows[-1]
    if event.kind == "pause":
        row["end_date"] = at
        rows.append(row | {"start_date": at, "end_date": "", "status": "paused"})
        return
    runs_to = re.search(r"(?:runs|paid) to (?:(\d{4})-)?(\d\d-\d\d)", event.detail)
    paid = f"{runs_to[1] or event.on.year}-{runs_to[2]}" if runs_to else _period_end(row, event.on)
    row["end_date"] = at if event.kind in ("ended", "cancel_now") else paid
    if event.kind != "ended":
        row |= {"cancel_requested_at": at, "paid_through": paid}


def _period_end(row: Row, on: date) -> str:
    """The end of the paid period of a subscription that `on` lies in."""
    start = datetime.fromisoformat(row["start_date"]).date()
    months = 12 if row["interval"] == "year" else 1
    end, n = start, 0
    while end <= on:
        n += months
        month = start.month - 1 + n
        end = start.replace(year=start.year + month // 12, month=month % 12 + 1, day=min(start.day, 28))
    return end.isoformat()


def _migrate(lines: dict[tuple[str, str], list[Row]], event: Event) -> list[Row]:
    """The new billing system takes over: whatever the account had in the old one ends."""
    for (account, _), rows in lines.items():
        if account == event.account and rows and not rows[-1].get("end_date"):
            rows[-1]["end_date"] = event.on.isoformat()
    return []


def price_of(scalar: Scalar) -> Row:
    """The subscription of a scalar case about MRR: a price per interval, perhaps with a percent discount."""
    price = re.search(r"(?:price=)?(\d+(?:\.\d+)?)/(year|month|week|day)", scalar.input)
    rest = scalar.input[price.end() :] if price else ""
    if (
        not scalar.metric.startswith("mrr")
        or not price
        or re.search(r"addon|plan |proration|usage|starts", scalar.input)
    ):
        raise NotAFact("no MRR of one subscription with a price")
    if scalar.input.startswith("customers="):
        raise NotAFact("several customers, one number")
    row = {"account_id": "a", "subscription_id": "s", "plan": "p", "start_date": "2024-01-01", "currency": "USD"}
    row |= {"amount": price[1], "interval": price[2]}
    percent = re.search(r"(\d+(?:\.\d+)?)%", rest)
    if percent:
        kind = "once" if re.search(r"one-time|once", rest) else "repeating" if "limited" in rest else "forever"
        row |= {"discount_percent": percent[1], "discount_kind": kind}
    return {c: row.get(c, "") for c in COLUMNS}
