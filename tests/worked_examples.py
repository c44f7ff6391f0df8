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
        elif re.fullmatch(r"D\d+", cells[0]):
            for profile, expect in re.findall(r"(\w+)=(\d+(?:\.\d+)?)(?=[; ]|$)", cells[3]):
                page.scalars.append(Scalar(cells[0], "mrr", profile, f"{cells[1]}; {cells[2]}", expect))
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
    """The events up to the row's date, of its variant: the one it names, else the one with an event on its date, else
    the first."""
    named = {e: m[1] for e in events if (m := re.match(r"variant ([a-z])(?!.*variant)", e.detail))}
    variant = wanted.variant or next((v for e, v in named.items() if e.on == wanted.on), "") or "a"
    return [e for e in events if named.get(e, variant) == variant and e.on <= wanted.on]


def files_of(events: Iterable[Event], variant: str) -> list[File]:
    """Import files of the kinds subscriptions and charges."""
    lines: dict[tuple[str, str], list[Row]] = {}
    charges: list[Row] = []
    for event in events:
        if ".." in event.account:
            raise NotAFact("stands for several accounts that it does not list")
        amounts = re.findall(r"(\d+(?:\.\d+)?)/month", event.detail)
        for n, subscription in enumerate(event.subscription.split("+")):
            rows = lines.setdefault((event.account, subscription), [])
            amount = amounts[n] if n < len(amounts) else event.amount
            if event.kind == "migrate":
                _migrate(lines, event)
            used = re.search(r"(\d+(?:\.\d+)?) \+ usage of ([A-Z][a-z]{2}) (\d+(?:\.\d+)?)", event.detail)
            if used:
                amount = used[1]
                charges.append(_charge(event, subscription, used[2], used[3]))
            _apply(rows, event, subscription, amount, _moment(event, variant))
    told = datetime(2026, 1, 1)
    known = tuple({c: row.get(c, "") for c in COLUMNS} for rows in lines.values() for row in rows)
    files = [File("subscriptions", known, told)]
    return files + ([File("charges", tuple(charges), told)] if charges else [])


def _charge(event: Event, subscription: str, month: str, amount: str) -> Row:
    start = datetime.strptime(f"{event.on.year} {month}", "%Y %b").date()
    return {
        "account_id": event.account,
        "subscription_id": subscription,
        "metric": "usage",
        "service_start": str(start),
        "service_end": str((start + timedelta(days=32)).replace(day=1)),
        "invoiced_at": str(event.on),
        "amount": amount,
        "currency": event.currency,
    }


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
    if "prorated" in event.detail:
        raise NotAFact(f"an invoice is no state of a subscription: {event.detail}")
    yearly = re.search(r"yearly|one year|annual|/year", event.detail) is not None
    new = {"account_id": event.account, "subscription_id": subscription, "currency": event.currency, "plan": "p"}
    new |= {"interval": "year" if yearly else "month"}
    if not rows:
        rows += _long_before(event, new, amount, at)
    if "fails" in event.detail:
        paid = re.search(r"succeeds (\d\d-\d\d)", event.detail)
        until = f"{event.on.year}-{paid[1]}" if paid else ""
        rows[-1]["end_date"] = at
        rows.append(rows[-1] | {"start_date": at, "end_date": until, "status": "past_due"})
        if paid:
            rows.append(rows[-1] | {"start_date": until, "end_date": "", "status": ""})
        return
    if event.kind in ("start", "invoice", "migrate", "plan", "qty", "resume"):
        if rows and rows[-1].get("end_date", "") in ("", at):
            rows[-1]["end_date"] = at
            new = {**rows[-1], "end_date": "", "status": "", "interval": new["interval"]}
        rows.append(new | {"start_date": at, "amount": new["amount"] if event.kind == "resume" else amount})
        return
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


def _long_before(event: Event, new: Row, amount: str, at: str) -> list[Row]:
    """What must have stood before the first event of a subscription: what it ends, what it changes, what had ended."""
    monthly = re.search(r"(\d+(?:\.\d+)?)/month", event.detail)
    old = re.search(r"(\d+(?:\.\d+)?) to ", event.detail)
    ended = re.search(r"ended (\d{4}-\d\d-\d\d)", event.detail)
    since = new | {"start_date": "2010-01-01", "end_date": at}
    if ended:
        return [since | {"amount": amount, "end_date": ended[1]}]
    if event.kind in ("plan", "qty") and old:
        return [since | {"amount": old[1]}]
    if event.kind in ("start", "invoice", "migrate") and "fails" not in event.detail:
        return []
    if not monthly:
        raise NotAFact("what it ends or changes was never told")
    return [since | {"amount": monthly[1], "end_date": ""}]


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


def _migrate(lines: dict[tuple[str, str], list[Row]], event: Event) -> None:
    """The new billing system takes over: whatever the account had in the old one ends."""
    for (account, _), rows in lines.items():
        if account == event.account and rows and not rows[-1].get("end_date"):
            rows[-1]["end_date"] = event.on.isoformat()


def price_of(scalar: Scalar) -> Row:
    """The subscription of a scalar case about MRR: a price per interval, perhaps with a percent discount."""
    price = re.search(r"(?:price=)?(\d+(?:\.\d+)?)/(year|month|week|day)", scalar.input)
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
    percent = re.search(r"(\d+(?:\.\d+)?)%", scalar.input)
    if percent:
        lasts = scalar.input
        kind = "once" if re.search(r"one-time|once", lasts) else "repeating" if "limited" in lasts else "forever"
        row |= {"discount_percent": percent[1], "discount_kind": kind}
    return {c: row.get(c, "") for c in COLUMNS}
