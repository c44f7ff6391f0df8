"""Hypothesis strategies: histories as the files that a user would import, small and full of collisions.

`histories()` draws a `History`: a catalogue (or none) and files of the kind `subscriptions` in the order of import,
each with the time at which it was recorded; every row has an item_id, so nothing needs splitting. Rows of a file never
overlap within an item (that would be a listed problem), a file that voids an item says nothing else of it, and amounts,
currencies, dates and discounts are all acceptable: what an importer refuses is tested elsewhere.
`to_states` (and `to_catalogue`, `to_coverage`) turn the same files into what the reference reads.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import strategies as st

from reference import (
    OPEN_END,
    Books,
    Catalogue,
    Coverage,
    File,
    Policy,
    State,
    books,
    major,
    to_catalogue,
    to_charges,
    to_coverage,
    to_events,
    to_links,
    to_states,
)
from reference.files import Row
from reference.policy import DEFAULT

__all__ = ["History", "csv_file", "histories", "monthly_histories", "to_catalogue", "to_coverage", "to_states"]

COLUMNS = (
    "account_id",
    "subscription_id",
    "item_id",
    "product",
    "plan",
    "start_date",
    "end_date",
    "amount",
    "currency",
    "interval",
    "interval_count",
    "quantity",
    "billing",
    "discount_percent",
    "discount_amount",
    "discount_kind",
    "discount_until",
    "discount_percent_2",
    "discount_amount_2",
    "discount_kind_2",
    "discount_until_2",
    "status",
)

# Month ends, a leap day, and runs of neighbouring days, so that starts, ends and discount ends fall together.
GRID = (
    [datetime(2023, 12, d) for d in (30, 31)]
    + [datetime(2024, 1, d) for d in (1, 2, 3, 15, 30, 31)]
    + [datetime(2024, 2, d) for d in (1, 2, 14, 15, 28, 29)]
    + [datetime(2024, 3, d) for d in (1, 2, 10, 15, 30, 31)]
)
RECORDED = [datetime(2024, 4, 1), datetime(2024, 4, 1, 12, 30), datetime(2024, 5, 1), datetime(2024, 6, 1)]

AMOUNTS = (0, 1, 50, 199, 999, 1000, 1999, 3000, 4800, 10_000, 12_345, 120_000)
STATUSES = ("active",) * 8 + ("trialing", "past_due", "unpaid", "paused", "incomplete", "canceled")
ODD_INTERVALS = (("year", 1), ("month", 3), ("week", 1), ("week", 2), ("day", 1), ("day", 30), ("year", 2))
INTERVALS = (("month", 1),) * 6 + ODD_INTERVALS
QUANTITIES = ("", "0", "1", "1", "2", "3", "10", "11", "12", "25")

# (plan, its product) of the catalogue; "x" stands in no catalogue. Prices are per unit and interval.
PLANS = (
    ("basic", "app"),
    ("pro", "app"),
    ("pro_year", "app"),
    ("vol", "suite"),
    ("grad", "suite"),
    ("sms_s", "sms"),
    ("desk_1", "desk"),
    ("x", "other"),
    ("", ""),
)
PRODUCT_ROWS: tuple[Row, ...] = (
    {"product_id": "app", "name": "App", "role": "base", "family": "core"},
    {"product_id": "suite", "name": "Suite", "role": "base", "family": "core"},
    {"product_id": "desk", "name": "Desk", "role": "base", "family": ""},
    {"product_id": "sms", "name": "SMS", "role": "add_on", "family": "core"},
)
STEPS = (
    '[{"up_to": 10, "unit_amount": "10.00"}, {"up_to": null, "unit_amount": "8.00"}]',
    '[{"up_to": 10, "unit_amount": "10.00"}, {"up_to": null, "unit_amount": "8.00", "flat_amount": "5.00"}]',
)
TIERED_ROWS: tuple[Row, ...] = (
    {"plan_id": "vol", "product_id": "suite", "tier": "1", "tiers": STEPS[0], "tiers_mode": "volume"},
    {"plan_id": "grad", "product_id": "suite", "tier": "2", "tiers": STEPS[1], "tiers_mode": "graduated"},
)
PLAN_ROWS: tuple[Row, ...] = (
    {"plan_id": "basic", "product_id": "app", "tier": "1", "amount": "10.00"},
    {"plan_id": "pro", "product_id": "app", "tier": "2", "amount": "16.00"},
    {"plan_id": "pro_year", "product_id": "app", "tier": "2", "amount": "160.00", "interval": "year"},
    {"plan_id": "sms_s", "product_id": "sms", "tier": "0", "amount": "1.99"},
    {"plan_id": "desk_1", "product_id": "desk", "tier": "1", "amount": ""},
)


@dataclass(frozen=True)
class History:
    """Files in the order of import: the catalogue first, then what was said of subscriptions."""

    files: tuple[File, ...]

    @property
    def subscriptions(self) -> tuple[File, ...]:
        return tuple(f for f in self.files if f.kind == "subscriptions")

    @property
    def states(self) -> list[State]:
        return to_states(self.files)

    @property
    def catalogue(self) -> Catalogue:
        return to_catalogue(self.files)

    @property
    def coverage(self) -> Coverage:
        return to_coverage(self.files)

    def books(self, policy: Policy = DEFAULT, as_of: datetime = OPEN_END) -> Books:
        """The reference's books of all that the files say."""
        told = to_events(self.files), self.catalogue, policy, as_of, self.coverage
        return books(self.states, *told, to_charges(self.files), to_links(self.files))


@dataclass(frozen=True)
class Line:
    """One item as all files know it: ids and what it tends to be."""

    account: str
    subscription: str
    item: str
    currency: str


@st.composite
def histories(
    draw: st.DrawFn,
    *,
    tiers: bool = True,
    moves: bool = True,
    instants: bool = False,
    coverage: bool = True,
    max_files: int = 4,
) -> History:
    """1-4 accounts with 1-5 items in 1-`max_files` files.

    `tiers` may put tiered plans in the catalogue, `moves` lets items change account or currency, `instants` adds times
    of day to some bounds, `coverage` lets the files carry --coverage.
    """
    files: list[File] = draw(catalogues(tiers=tiers))
    lines = draw(_lines())
    window = draw(st.sampled_from([None, None, (GRID[2], GRID[-1]), (GRID[0], GRID[10])])) if coverage else None
    recorded = sorted(draw(st.lists(st.sampled_from(RECORDED), min_size=1, max_size=max_files)))
    recorded = draw(st.permutations(recorded)) if draw(st.booleans()) else recorded
    for n, at in enumerate(recorded):
        earlier = [f for f in files if f.kind == "subscriptions"]
        repeat = n > 0 and draw(st.integers(0, 5)) == 0
        rows = draw(st.sampled_from(earlier)).rows if repeat else draw(_rows(lines, moves=moves, instants=instants))
        correction = draw(st.integers(0, 9)) == 0
        files.append(File("subscriptions", tuple(rows), at, window, correction))
    return History(tuple(files))


MONTHS = ("2023-11", "2023-12", "2024-01", "2024-02", "2024-03", "2024-04")


@st.composite
def monthly_histories(draw: st.DrawFn) -> History:
    """1-3 files of the kind `monthly`: some months of some accounts, told again or corrected, zeros among them."""
    lines = [
        {"account_id": f"a{a}", "product": product, "plan": plan, "currency": currency}
        for a in range(draw(st.integers(1, 5)))
        for currency in [draw(st.sampled_from(["USD", "USD", "EUR"]))]
        for product, plan in draw(st.lists(st.sampled_from([("", ""), ("app", "basic"), ("app", "pro"), ("desk", "")]),
                                           min_size=1, max_size=2, unique=True))
    ]  # fmt: skip
    files = []
    for at in sorted(draw(st.lists(st.sampled_from(RECORDED), min_size=1, max_size=3))):
        first = draw(st.integers(0, 5))
        last = draw(st.integers(first, 5))
        rows = [
            {**line, "month": month, "mrr": draw(st.sampled_from(["0", "10.00", "10.00", "12.50", "99.99"]))}
            for line in lines
            for month in MONTHS[first : last + 1]
            if draw(st.integers(0, 3))
        ]
        covers = draw(st.sampled_from([None, None, (datetime(2023, 10, 1), datetime(2024, 5, 1))]))
        if rows:
            files.append(File("monthly", tuple(rows), at, covers, draw(st.integers(0, 9)) == 0))
    return History(tuple(files) or (File("monthly", ({**lines[0], "month": "2024-01", "mrr": "1.00"},), RECORDED[0]),))


@st.composite
def catalogues(draw: st.DrawFn, *, tiers: bool = True) -> list[File]:
    """Files of a catalogue: none, products only, or products and plans (with a price for one currency)."""
    extent = draw(st.sampled_from(["none", "products", "plans", "tiers"] if tiers else ["none", "products", "plans"]))
    if extent == "none":
        return []
    files = [File("products", PRODUCT_ROWS, RECORDED[0])]
    if extent != "products":
        rows = PLAN_ROWS + (TIERED_ROWS if extent == "tiers" else ())
        full = tuple(
            {"interval": "month", "amount": "", "tiers": "", "tiers_mode": "", **r, "currency": "USD"} for r in rows
        )
        files.append(File("plans", full, RECORDED[0]))
    return files


@st.composite
def _lines(draw: st.DrawFn) -> list[Line]:
    lines = []
    for a in range(draw(st.integers(1, 4))):
        account = f"a{a}"
        home = draw(st.sampled_from(["USD", "USD", "EUR", "JPY"]))
        for i in range(draw(st.integers(1, 5))):
            subscription = f"{account}-s{draw(st.integers(0, 2))}"
            currency = home if draw(st.integers(0, 4)) else draw(st.sampled_from(["USD", "EUR"]))
            lines.append(Line(account, subscription, f"i{i}", currency))
    return lines


@st.composite
def _rows(draw: st.DrawFn, lines: Sequence[Line], *, moves: bool, instants: bool) -> list[Row]:
    """One file: for some of the items, stretches that do not overlap, or a void."""
    said = [line for line in lines if draw(st.integers(0, 3))] or list(lines[:1])
    rows = []
    for line in said:
        if draw(st.integers(0, 19)) == 0:
            rows.append(_row(draw, line, draw(_terms(line.currency)), (GRID[0], None), "void"))
            continue
        kept = draw(_terms(line.currency))
        for stretch in draw(_stretches(instants=instants)):
            if draw(st.booleans()):  # else the item goes on, or comes back, as it was
                kept = draw(_terms(line.currency))
            status = draw(st.sampled_from(STATUSES))
            rows.append(_row(draw, _moved(draw, line, lines) if moves else line, kept, stretch, status))
    return rows


def _moved(draw: st.DrawFn, line: Line, lines: Sequence[Line]) -> Line:
    change = draw(st.integers(0, 39))
    if change == 0:
        return Line(draw(st.sampled_from(lines)).account, line.subscription, line.item, line.currency)
    if change == 1 and line.currency != "JPY":
        return Line(line.account, line.subscription, line.item, {"USD": "EUR", "EUR": "USD"}[line.currency])
    return line


@st.composite
def _stretches(draw: st.DrawFn, *, instants: bool) -> list[tuple[datetime, datetime | None]]:
    """1-4 stretches in order of time: touching or with gaps, the last one open or ended."""
    count = draw(st.integers(1, 4))
    bounds = sorted(draw(st.lists(st.sampled_from(GRID), min_size=count + 1, max_size=count + 1, unique=True)))
    if instants:
        bounds = [b + timedelta(hours=draw(st.sampled_from([0, 0, 9, 15]))) for b in bounds]
    stretches: list[tuple[datetime, datetime | None]] = list(pairwise(bounds))
    if count > 2 and draw(st.booleans()):
        del stretches[draw(st.integers(0, count - 2))]
    if draw(st.booleans()):
        stretches[-1] = (stretches[-1][0], None)
    return stretches


@st.composite
def _terms(draw: st.DrawFn, currency: str) -> Row:
    """Plan, quantity, amount, interval and discounts; every other amount is the list price of plans that have one."""
    plan, product = draw(st.sampled_from(PLANS))
    quantity = draw(st.sampled_from(QUANTITIES))
    interval, count = draw(st.sampled_from(INTERVALS))
    amount = draw(st.sampled_from(AMOUNTS))
    units = int(quantity or 0) or 1
    listed = {
        "basic": 1_000 * units,
        "pro": 1_600 * units,
        "pro_year": 16_000 * units,
        "vol": units * (1_000 if units <= 10 else 800),
        "grad": 1_000 * min(units, 10) + (800 * (units - 10) + 500 if units > 10 else 0),
        "sms_s": 199 * units,
    }
    if plan in listed and draw(st.booleans()):
        amount, interval, count = listed[plan], "year" if plan == "pro_year" else "month", 1
    return {
        "product": product,
        "plan": plan or "p",
        "quantity": quantity,
        "interval": interval,
        "interval_count": str(count),
        "amount": major(amount, currency),
        "billing": "metered" if draw(st.integers(0, 19)) == 0 else draw(st.sampled_from(["", "licensed"])),
        **draw(_discount("", currency)),
        **draw(_discount("_2", currency)),
    }


@st.composite
def _discount(draw: st.DrawFn, suffix: str, currency: str) -> Row:
    names = [f"discount_{n}{suffix}" for n in ("percent", "amount", "kind", "until")]
    kind = draw(st.sampled_from([""] * (3 if not suffix else 8) + ["forever", "repeating", "once"]))
    if not kind:
        return dict.fromkeys(names, "")
    percent, amount = "", ""
    if draw(st.booleans()):
        percent = draw(st.sampled_from(["10", "20", "33.3333", "50", "100"]))
    else:
        amount = major(draw(st.sampled_from([1, 100, 500, 2_000])), currency)
    until = draw(st.sampled_from(GRID)).date().isoformat() if kind == "repeating" else ""
    return dict(zip(names, (percent, amount, kind, until), strict=True))


def _row(draw: st.DrawFn, line: Line, terms: Row, stretch: tuple[datetime, datetime | None], status: str) -> Row:
    start, end = stretch
    # An item that changed currency keeps its figures: 10.00 USD may become 10.00 EUR, both with two decimals.
    row = {
        **terms,
        "account_id": line.account,
        "subscription_id": line.subscription,
        "item_id": line.item,
        "currency": line.currency,
        "start_date": _text(start),
        "end_date": _text(end) if end else "",
        "status": "" if status == "active" and draw(st.booleans()) else status,
    }
    return {column: row.get(column, "") for column in COLUMNS}


def _text(at: datetime) -> str:
    """A plain date where it is midnight."""
    return at.date().isoformat() if at == datetime(at.year, at.month, at.day) else at.isoformat()


def csv_file(file: File, path: Path) -> Path:
    """Writes the rows of a file as the CSV that a user would import."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(file.rows[0]))
        writer.writeheader()
        writer.writerows(file.rows)
    return path
