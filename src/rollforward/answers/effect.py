"""What a change would do to the figures before it is made: another policy, an import taken back, a link.

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

MONTHS = (
    "period", "currency", "before", "after", "difference", "churn_before", "churn_after", "ndr_before", "ndr_after",
)  # fmt: skip
WINDOWS = ("window_end", "currency", "opening", "churn", "ndr", "opening_after", "churn_after", "ndr_after")
ACCOUNTS = ("account_id", "currency", "before", "after", "difference")


@dataclass(frozen=True)
class Effect:
    """`months`: MRR at the end of each month and NDR over the 12 months to it, before and after the change, where they
    differ or, if none does, the last. `accounts`: those whose MRR at the end of `on` differs most; `changed` of all.

    `windows`: by currency, the last 12 months that differ, else the last: opening, churn and NDR, before and after.
    `difference` is after − before. Money in major units.
    """

    months: Table
    windows: Table
    accounts: Table
    on: date
    changed: int
    months_changed: int


def effect(before: Build, after: Build, asked: Asked) -> Effect:
    """The difference that `after` makes to `before`, in the currencies as they were paid."""
    if not any(build.need(["movement_day"]).run("select 1 from movement_day limit 1") for build in (before, after)):
        return Effect(Table(MONTHS, []), Table(WINDOWS, []), Table(ACCOUNTS, []), before.today, 0, 0)
    first, last = months_known([before, after])
    told = replace(asked, by="month", start=None, end=None, currency=currency.NATIVE, minor=True)
    (mine, now), (theirs, then) = ((_by_month(build, told), _windows(build, asked)) for build in (before, after))
    rows: list[tuple[object, ...]] = []
    for key in sorted({*mine, *theirs}):
        month, code = key
        if month > last:
            continue
        (a, lost), (b, would) = mine.get(key, (0, 0)), theirs.get(key, (0, 0))
        rows.append(
            (
                month,
                code,
                *(to_major(v, code) for v in (a, b, b - a, lost, would)),
                now.get(key, _NO)[2],
                then.get(key, _NO)[2],
            )
        )
    differing = [row for row in rows if row[4] or row[5] != row[6] or row[7] != row[8]]
    accounts, changed = _accounts(before, after, asked, first, last)
    shown = differing[-SHOWN:] or rows[-1:]
    windows = Table(WINDOWS, _differing(now, then, last))
    return Effect(Table(MONTHS, shown), windows, Table(ACCOUNTS, accounts), last, changed, len(differing))


_NO = (0, 0, None)
_Windows = dict[tuple[date, str], tuple[int, int, object]]
"""Last month and currency → opening and churn in minor units, NDR."""


def _differing(now: _Windows, then: _Windows, last: date) -> list[tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for month, code in sorted({*now, *then}):
        sides = [told.get((month, code), _NO) for told in (now, then)]
        # the last window; one that differs stays before later ones that do not
        if month <= last and (code not in found or sides[0] != sides[1] or not _differs(found[code])):
            cells = [cell for o, churn, ndr in sides for cell in (to_major(o, code), to_major(churn, code), ndr)]
            found[code] = (add_months(month, 1), code, *cells)
    return [found[code] for code in sorted(found)]


def _by_month(build: Build, asked: Asked) -> dict[tuple[date, str], tuple[int, int]]:
    """MRR at the end and churn in minor units."""
    found = figures.mrr(build, asked)
    return {(r["period"], r["currency"]): (r["closing"], r["churn"]) for r in found.to_dicts()}  # type: ignore[misc]


def _differs(row: tuple[object, ...]) -> bool:
    return row[2:5] != row[5:]


def _windows(build: Build, asked: Asked) -> _Windows:
    """The windows of 12 months that begin where something is known, by their last month."""
    build.windows("month", 12)
    build.need(["retention_total"], asked.progress)
    rows = build.engine.run(
        "select window_end, currency, opening, churn, ndr from retention_total "
        f"where window_start >= date '{build.range().shown_from}'"
    )
    return {
        (add_months(end, -1), str(code)): (int(str(opening)), int(str(churn)), ndr)
        for end, code, opening, churn, ndr in rows
        if isinstance(end, date)
    }


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
