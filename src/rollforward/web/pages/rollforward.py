"""The roll-forward: opening + movements = closing, each number opens; two policies or two moments side by side."""

from __future__ import annotations

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.text import figures
from rollforward.web.grid import Grid
from rollforward.web.page import Filled, Page
from rollforward.web.permission import allow

router = APIRouter()


@router.get("/roll-forward")
@allow("restricted")
def roll_forward(page: Filled) -> Response:
    """The table by period and currency; by segment, the segments of one `period`. `beside`: another as-of moment."""
    period = ""
    if page.address.segment:
        start, _end = page.last_complete()
        period = page.address.get("period") or page.key(start)
        table = page.ask("mrr", start=period, end=period, span="all")
    else:
        table = page.shown("mrr")
    beside = page.address.get("beside")
    then = None
    if beside:
        then = page.ask("mrr", as_of=beside, start=period or page.start() or "", end=period or page.address.end)
    return page.show(
        "rollforward.html", tables=_by_currency(page, table), period=period, beside=beside,
        then=_by_currency(page, then) if then else {}, around=_around(page, period) if period else ("", ""),
    )  # fmt: skip


def _by_currency(page: Page, table: Table) -> dict[str, Grid]:
    """A grid for each currency, the one with the most MRR first; segments likewise."""
    at, closing = table.columns.index("currency"), table.columns.index("closing")
    found: dict[str, list[tuple[object, ...]]] = {}
    for row in table.rows:
        found.setdefault(str(row[at]), []).append(row)
    if "segment" in table.columns:
        for rows in found.values():
            rows.sort(key=lambda row: -(row[closing] or 0))  # type: ignore[operator]
    order = sorted(found, key=lambda code: -(found[code][-1][closing] or 0))  # type: ignore[operator]
    return {code: page.grid(_with(table, found[code]), "mrr") for code in order}


def _with(table: Table, rows: list[tuple[object, ...]]) -> Table:
    some = Table(table.columns, rows, table.notes)
    some.calendars = table.calendars
    return some


def _around(page: Page, period: str) -> tuple[str, str]:
    """The periods before and after, as an address names them; '' after the last one that has begun."""
    days = page.days()
    start, end = days.calendar.parse(period)
    before = days.calendar.start_of(page.address.by, start.fromordinal(start.toordinal() - 1))
    calendar = (days.calendar.week_start, days.calendar.fiscal_year_start)
    after = figures.key(end, page.address.by, *calendar) if end <= days.today else ""
    return figures.key(before, page.address.by, *calendar) if start > days.first else "", after
