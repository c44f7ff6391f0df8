"""Random histories: the files that a user would import, small and full of collisions.

`random_history(Random(n))` makes a `History`: a catalogue (or none) and files of the kind `subscriptions` in the
order of import, each with the time at which it was recorded; every row has an item_id, so nothing needs splitting.
Rows of a file never overlap within an item (that would be a listed problem), a file that voids an item says nothing
else of it, and amounts, currencies, dates and discounts are all acceptable: what an importer refuses is tested
elsewhere. Plain `random` makes thousands of them in seconds; `drawn` is the same for Hypothesis, which then shrinks
what fails.
`to_states` (and `to_catalogue`, `to_coverage`) turn the same files into what the reference reads.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

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
WINDOWS = (None, None, (GRID[2], GRID[-1]), (GRID[0], GRID[10]))
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


def drawn(of: Callable[..., Any], **options: object) -> st.SearchStrategy[Any]:
    """A Hypothesis strategy, which shrinks, of what `of` makes of a Random."""
    return st.randoms(use_true_random=False).map(partial(of, **options))


def one_in(draw: Random, n: int) -> bool:
    """True once in n."""
    return draw.randrange(n) == 0


def random_history(
    draw: Random,
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
    lines = _lines(draw)
    window = draw.choice(WINDOWS) if coverage else None
    recorded = draw.choices(RECORDED, k=draw.randint(1, max_files))
    if one_in(draw, 2):
        recorded.sort()
    files: list[File] = []
    for at in recorded:
        repeat = bool(files) and one_in(draw, 6)
        rows = draw.choice(files).rows if repeat else _rows(draw, lines, moves=moves, instants=instants)
        files.append(File("subscriptions", tuple(rows), at, window, one_in(draw, 10)))
    return History((*random_catalogue(draw, tiers=tiers), *files))


MONTHS = ("2023-11", "2023-12", "2024-01", "2024-02", "2024-03", "2024-04")
SOLD = (("", ""), ("app", "basic"), ("app", "pro"), ("desk", ""))

Told = tuple[datetime, int, int, tuple[datetime, datetime] | None, bool]
"""A monthly file: when it was recorded, its first and last of MONTHS, coverage, whether it is a correction."""


def random_monthly_files(draw: Random) -> list[Told]:
    """1-3 files."""
    files: list[Told] = []
    for at in sorted(draw.choices(RECORDED, k=draw.randint(1, 3))):
        first = draw.randint(0, 5)
        covers = draw.choice([None, None, (datetime(2023, 10, 1), datetime(2024, 5, 1))])
        files.append((at, first, draw.randint(first, 5), covers, one_in(draw, 10)))
    return files


def random_monthly_history(draw: Random, files: Sequence[Told] = ()) -> History:
    """Files of the kind `monthly`: some months of some accounts, told again or corrected, zeros among them."""
    lines = [
        {"account_id": f"a{a}", "product": product, "plan": plan, "currency": currency}
        for a in range(draw.randint(1, 5))
        for currency in [draw.choice(["USD", "USD", "EUR"])]
        for product, plan in draw.sample(SOLD, draw.randint(1, 2))
    ]
    told = []
    for at, first, last, covers, correction in files or random_monthly_files(draw):
        rows = [
            {**line, "month": month, "mrr": draw.choice(["0", "10.00", "10.00", "12.50", "99.99"])}
            for line in lines
            for month in MONTHS[first : last + 1]
            if draw.randrange(4)
        ]
        if rows:
            told.append(File("monthly", tuple(rows), at, covers, correction))
    return History(tuple(told) or (File("monthly", ({**lines[0], "month": "2024-01", "mrr": "1.00"},), RECORDED[0]),))


def random_catalogue(draw: Random, *, tiers: bool = True) -> list[File]:
    """Files of a catalogue: none, products only, or products and plans (with a price for one currency)."""
    extent = draw.choice(["none", "products", "plans", "tiers"] if tiers else ["none", "products", "plans"])
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


def _lines(draw: Random) -> list[Line]:
    lines = []
    for a in range(draw.randint(1, 4)):
        account = f"a{a}"
        home = draw.choice(["USD", "USD", "EUR", "JPY"])
        for i in range(draw.randint(1, 5)):
            subscription = f"{account}-s{draw.randint(0, 2)}"
            currency = draw.choice(["USD", "EUR"]) if one_in(draw, 5) else home
            lines.append(Line(account, subscription, f"i{i}", currency))
    return lines


def _rows(draw: Random, lines: Sequence[Line], *, moves: bool, instants: bool) -> list[Row]:
    """One file: for some of the items, stretches that do not overlap, or a void."""
    said = [line for line in lines if draw.randrange(4)] or list(lines[:1])
    rows = []
    for line in said:
        if one_in(draw, 20):
            rows.append(_row(draw, line, _terms(draw, line.currency), (GRID[0], None), "void"))
            continue
        kept = _terms(draw, line.currency)
        for stretch in _stretches(draw, instants=instants):
            if one_in(draw, 2):  # else the item goes on, or comes back, as it was
                kept = _terms(draw, line.currency)
            status = draw.choice(STATUSES)
            rows.append(_row(draw, _moved(draw, line, lines) if moves else line, kept, stretch, status))
    return rows


def _moved(draw: Random, line: Line, lines: Sequence[Line]) -> Line:
    change = draw.randrange(40)
    if change == 0:
        return Line(draw.choice(lines).account, line.subscription, line.item, line.currency)
    if change == 1 and line.currency != "JPY":
        return Line(line.account, line.subscription, line.item, {"USD": "EUR", "EUR": "USD"}[line.currency])
    return line


def _stretches(draw: Random, *, instants: bool) -> list[tuple[datetime, datetime | None]]:
    """1-4 stretches in order of time: touching or with gaps, the last one open or ended."""
    count = draw.randint(1, 4)
    bounds = sorted(draw.sample(GRID, count + 1))
    if instants:
        bounds = [b + timedelta(hours=draw.choice([0, 0, 9, 15])) for b in bounds]
    stretches: list[tuple[datetime, datetime | None]] = list(pairwise(bounds))
    if count > 2 and one_in(draw, 2):
        del stretches[draw.randint(0, count - 2)]
    if one_in(draw, 2):
        stretches[-1] = (stretches[-1][0], None)
    return stretches


def _terms(draw: Random, currency: str) -> Row:
    """Plan, quantity, amount, interval and discounts; every other amount is the list price of plans that have one."""
    plan, product = draw.choice(PLANS)
    quantity = draw.choice(QUANTITIES)
    interval, count = draw.choice(INTERVALS)
    amount = draw.choice(AMOUNTS)
    units = int(quantity or 0) or 1
    listed = {
        "basic": 1_000 * units,
        "pro": 1_600 * units,
        "pro_year": 16_000 * units,
        "vol": units * (1_000 if units <= 10 else 800),
        "grad": 1_000 * min(units, 10) + (800 * (units - 10) + 500 if units > 10 else 0),
        "sms_s": 199 * units,
    }
    if plan in listed and one_in(draw, 2):
        amount, interval, count = listed[plan], "year" if plan == "pro_year" else "month", 1
    return {
        "product": product,
        "plan": plan or "p",
        "quantity": quantity,
        "interval": interval,
        "interval_count": str(count),
        "amount": major(amount, currency),
        "billing": "metered" if one_in(draw, 20) else draw.choice(["", "licensed"]),
        **_discount(draw, "", currency),
        **_discount(draw, "_2", currency),
    }


def _discount(draw: Random, suffix: str, currency: str) -> Row:
    names = [f"discount_{n}{suffix}" for n in ("percent", "amount", "kind", "until")]
    kind = draw.choice([""] * (3 if not suffix else 8) + ["forever", "repeating", "once"])
    if not kind:
        return dict.fromkeys(names, "")
    percent, amount = "", ""
    if one_in(draw, 2):
        percent = draw.choice(["10", "20", "33.3333", "50", "100"])
    else:
        amount = major(draw.choice([1, 100, 500, 2_000]), currency)
    until = draw.choice(GRID).date().isoformat() if kind == "repeating" else ""
    return dict(zip(names, (percent, amount, kind, until), strict=True))


def _row(draw: Random, line: Line, terms: Row, stretch: tuple[datetime, datetime | None], status: str) -> Row:
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
        "status": "" if status == "active" and one_in(draw, 2) else status,
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
