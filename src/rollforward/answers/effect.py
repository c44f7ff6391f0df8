"""What a change would do to the figures before it is made: another policy, an import taken back.

Comes in: a Build of what is and one of what would be. Goes out: both, by month and by account, with the
difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from rollforward.answers import currency, figures
from rollforward.answers.books import Books, Key, months_known
from rollforward.answers.figures import Asked
from rollforward.answers.table import Table
from rollforward.build import Build
from rollforward.engines.duckdb import Engine
from rollforward.money import to_major
from rollforward.periods import add_months

SHOWN = 20
"""Accounts of an effect, and months."""

MONTHS = ("period", "currency", "before", "after", "difference", "ndr_before", "ndr_after")
ACCOUNTS = ("account_id", "currency", "before", "after", "difference")


@dataclass(frozen=True)
class Effect:
    """`months`: MRR at the end of each month and NDR over the 12 months to it, before and after the change, where they
    differ or, if none does, the last. `accounts`: those whose MRR at the end of `on` differs most; `changed` of all.

    `difference` is after − before. Money in major units.
    """

    months: Table
    accounts: Table
    on: date
    changed: int
    months_changed: int


def effect(before: Build, after: Build, asked: Asked) -> Effect:
    """The difference that `after` makes to `before`, in the currencies as they were paid."""
    if not any(build.need(["movement_day"]).run("select 1 from movement_day limit 1") for build in (before, after)):
        return Effect(Table(MONTHS, []), Table(ACCOUNTS, []), before.today, 0, 0)
    first, last = months_known([before, after])
    told = replace(asked, by="month", start=None, end=None, currency=currency.NATIVE, minor=True)
    (mine, now), (theirs, then) = ((_by_month(build, told), _ndr(build, asked)) for build in (before, after))
    rows: list[tuple[object, ...]] = []
    for key in sorted({*mine, *theirs}):
        month, code = key
        if month > last:
            continue
        a, b = mine.get(key, 0), theirs.get(key, 0)
        rows.append((month, code, *(to_major(v, code) for v in (a, b, b - a)), now.get(key), then.get(key)))
    differing = [row for row in rows if row[4] or row[5] != row[6]]
    accounts, changed = _accounts(before, after, asked, first, last)
    shown = differing[-SHOWN:] or rows[-1:]
    return Effect(Table(MONTHS, shown), Table(ACCOUNTS, accounts), last, changed, len(differing))


def _by_month(build: Build, asked: Asked) -> dict[tuple[date, str], int]:
    found = figures.mrr(build, asked)
    return {(r["period"], r["currency"]): r["closing"] for r in found.to_dicts()}  # type: ignore[misc]


def _ndr(build: Build, asked: Asked) -> dict[tuple[date, str], object]:
    """NDR of the windows of 12 months that begin where something is known, by their last month."""
    build.windows("month", 12)
    build.need(["retention_total"], asked.progress)
    rows = build.engine.run(
        f"select window_end, currency, ndr from retention_total where window_start >= date '{build.range().shown_from}'"
    )
    return {(add_months(end, -1), str(code)): ndr for end, code, ndr in rows if isinstance(end, date)}


def _accounts(
    before: Build, after: Build, asked: Asked, first: date, last: date
) -> tuple[list[tuple[object, ...]], int]:
    books = Books(Engine(), "mrr", last, last)
    for n, build in enumerate((before, after)):
        books.add(n, build, asked.progress)
    keys: list[Key] = books.differing((0, 1))
    a, b = books.of(0, keys), books.of(1, keys)
    largest = sorted(keys, key=lambda key: (-abs(b[key][0] - a[key][0]), key))[:SHOWN]
    rows: list[tuple[object, ...]] = []
    for key in largest:
        was, would = a[key][0], b[key][0]
        rows.append((*key, *(to_major(v, key[1]) for v in (was, would, would - was))))
    return rows, len(keys)
