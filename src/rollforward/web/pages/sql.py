"""The SQL workbench: one SELECT over the documented tables; the address holds it, so that it can be shared."""

from __future__ import annotations

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.errors import Misuse
from rollforward.text import N_
from rollforward.web.grid import grid
from rollforward.web.page import Filled, Page
from rollforward.web.pages.tables import as_file
from rollforward.web.permission import allow

router = APIRouter()

SHOWN = 500
"""Rows on the page; a file has up to `MOST`."""

MOST = 1_000_000
SECONDS = 60
"""A query of a page that runs longer is stopped."""

EXAMPLES = (
    (
        N_("MRR by month and currency"),
        "select period, currency, closing / 100.0 as closing\nfrom roll_forward\norder by currency, period",
    ),
    (
        N_("The largest expansions of a month"),
        "select account_id, on_date, currency, amount / 100.0 as amount\nfrom movement\nwhere movement = 'expansion' "
        "and on_date >= date '2026-10-01' and on_date < date '2026-11-01'\norder by amount desc\nlimit 20",
    ),
    (
        N_("Expansion by driver"),
        "select on_date, currency, sum(by_seats) / 100.0 as seats, sum(by_plan) / 100.0 as plan\nfrom movement\n"
        "where movement = 'expansion'\ngroup by on_date, currency\norder by on_date desc\nlimit 50",
    ),
    (
        N_("Rows that were refused, by reason"),
        "select code, count(*) as problems, sum(amount) / 100.0 as at_stake\nfrom problem\nwhere severity = 'refused'\n"
        "group by code\norder by problems desc",
    ),
)


@router.get("/sql")
@allow("viewer")
def workbench(page: Filled) -> Response:
    """The query in the address (`q`), its first rows, and the tables there are; a fault stands beside the query."""
    query = page.address.get("q").strip()
    found, wrong = None, None
    if query:
        try:
            found = _asked(page, query, SHOWN + 1)
        except Misuse as error:
            wrong = error
    shown = Table(found.columns, found.rows[:SHOWN], found.notes) if found else None
    return page.show(
        "sql.html", query=query, examples=EXAMPLES, wrong=wrong, more=found is not None and len(found) > SHOWN,
        rows=min(len(found), SHOWN) if found else 0, tables=page.know("tables", lambda store: store.tables()),
        table=grid(shown, columns=shown.columns) if shown else None, limit=SHOWN,
    )  # fmt: skip


@router.get("/sql.csv")
@allow("viewer", "export")
def download(page: Filled) -> Response:
    """All rows of the query, at most a million."""
    query = page.address.get("q")
    page.visitor.did("sql", query=query[:500])
    return as_file(_asked(page, query, MOST), "query", "csv")


def _asked(page: Page, query: str, limit: int) -> Table:
    policy = page.address.policy
    return page.know(
        ("sql", query, policy, limit), lambda store: store.sql(query, policy=policy, limit=limit, seconds=SECONDS)
    )
