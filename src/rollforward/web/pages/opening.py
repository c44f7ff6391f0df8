"""Opening a number: cell → accounts → movements → ledger rows → source rows, each level adding up to the cell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.text import figures
from rollforward.web.page import Filled, Page
from rollforward.web.permission import allow

router = APIRouter()

LEVELS = ("accounts", "movements", "ledger", "sources")
SHOWN = 100
"""Accounts on a page."""

ROWS = 500
"""Rows of other levels on a page."""

_RATIOS = ("ndr", "grr", "logo_retention", "net_churn")


@dataclass(frozen=True)
class Sum:
    """What the rows of a level add up to, how many there are, and what the table says of the cell (None: no cell)."""

    total: str
    rows: int
    currency: str
    cell: str | None
    times: int = 1

    @property
    def amount(self) -> Decimal:
        """The sum as a number."""
        return Decimal(self.total)

    @property
    def made(self) -> Decimal:
        """What the cell is made as: ARR is 12 times the sum, anything else the sum itself."""
        return self.amount * self.times

    @property
    def agrees(self) -> bool:
        """Whether rows and cell are the same number."""
        return self.cell is None or self.made == Decimal(self.cell)


@dataclass(frozen=True)
class Ratio:
    """What a ratio is made of, in words, and of how many accounts."""

    text: str
    top: str
    bottom: str
    currency: str
    rows: int


def foremost(page: Page) -> None:
    """Asks for the accounts behind the last closing MRR and what moved it."""
    period = page.key(page.last_complete()[0])
    for metric in ("new", "closing"):
        page.ask("explain", {"metric": metric, "period": period, "level": "accounts", "limit": SHOWN})


@router.get("/open")
@allow("restricted")
def opened(page: Filled) -> Response:
    """What lies behind one cell: `metric`, `period`, `of` (its currency), and how deep: `level`, `account`."""
    told = page.address
    metric, period, currency = told.get("metric"), told.get("period"), told.get("of")
    account, cohort = told.get("account"), told.get("cohort")
    level = told.get("level") or ("movements" if account else "accounts")
    number = page.number()
    own: dict[str, object] = {"metric": metric, "period": period, "account": account, "level": level, "of": currency}
    own["cohort"] = cohort
    if level == "accounts":
        own |= {"limit": SHOWN, "skip": (number - 1) * SHOWN}
    table = page.ask("explain", own)
    sums, ratios = _sums(page, table, metric, period, currency, bool(account)), _ratios(table, currency)
    rows, most = max([*(s.rows for s in sums), *(r.rows for r in ratios)], default=0), SHOWN
    if level != "accounts":
        rows, most = len(table), ROWS
        whole, table = table, Table(table.columns, table.rows[(number - 1) * ROWS :][:ROWS], table.notes, table.kinds)
        table.calendars = whole.calendars
    return page.show(
        "open.html", table=page.grid(table, level, opens=_deeper(page, level)), level=level, levels=LEVELS, sums=sums,
        metric=metric, period=period, account=account, currency=currency, number=number,
        pages=max(1, -(-rows // most)), ratios=ratios,
    )  # fmt: skip


def _deeper(page: Page, level: str) -> Any:
    below = {"accounts": "movements", "movements": "ledger", "ledger": "sources"}.get(level)

    def opens(record: Any, column: str) -> str:
        if column in ("amount", "delta", "movements") and below and record.get("account_id"):
            return page.address.to("/open", level=below, account=record["account_id"], page="")
        return ""

    return opens


def _sums(page: Page, table: Table, metric: str, period: str, currency: str, is_one: bool) -> list[Sum]:
    """Sums of the rows, beside the cell of the table where all accounts are shown."""
    cells: dict[str, str] = {}
    if not is_one and metric and not metric.startswith(_RATIOS):
        name = "expansion" if metric.startswith("by_") else "metrics" if metric in ("net_new", "arr") else "mrr"
        column = "closing" if metric == "mrr" else metric
        for where in _cohorts(page):
            for row in page.ask(name, start=period, end=period, span="all", where=where).to_dicts():
                if row[column] is None:  # a rate is missing, so there is no cell to compare with
                    continue
                code = str(row["currency"])
                cells[code] = str(Decimal(cells.get(code, "0")) + Decimal(str(row[column])))
    times = 12 if metric == "arr" and not is_one else 1
    found = [
        Sum(n.params["total"], int(n.params["rows"]), n.params["code"], cells.get(n.params["code"]), times)
        for n in table.notes
        if n.code == "sum-of-rows"
    ]
    told = {s.currency for s in found}
    # a cell without rows: nothing adds up to 0, and the table has to say so too
    empty = [c for c in ([currency] if currency else cells) if c in cells and c not in told]
    return found + [Sum("0", 0, code, cells[code], times) for code in empty]


def _cohorts(page: Page) -> list[tuple[str, ...]]:
    """The filters under which the table's cells add up to the one opened: a cohort of a quarter is three of months."""
    where, cohort = page.address.where, page.address.get("cohort")
    return [(*where, f"cohort={m}") for m in page.days().calendar.months(cohort)] if cohort else [where]


def _ratios(table: Table, currency: str) -> list[Ratio]:
    """The ratios that the rows make; amounts as a person reads them."""
    told = (n.params for n in table.notes if n.code == "ratio-of-rows" and currency in ("", n.params["code"]))
    return [
        Ratio(
            figures.percent(Decimal(t["ratio"]), 2), figures.number(Decimal(t["top"])),
            figures.number(Decimal(t["bottom"])), t["currency"], int(t["rows"]),
        )
        for t in told
    ]  # fmt: skip
