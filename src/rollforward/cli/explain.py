"""The command explain: a cell, the rows it adds up from, and the way one level deeper."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rollforward.cli import render
from rollforward.cli.columns import VIEWS
from rollforward.cli.options import AsOf, Currency, Format, Lang, Output, Policy, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.cli.terminal import BOLD, GREEN, RED, out, styled
from rollforward.text import _, figures

if TYPE_CHECKING:
    from rollforward.api import Table

Metric = Annotated[
    str,
    typer.Argument(
        metavar="METRIC",
        help=_("What to open: opening, new, expansion, …, closing, by_plan, …, ndr_12."),
        show_default=False,
    ),
]
Period = Annotated[
    str,
    typer.Option(
        "--period", metavar="PERIOD", help=_("2026-03, 2026-Q1, 2026, 2026-W12 or a date."), show_default=False
    ),
]
Account = Annotated[str | None, typer.Option("--account", metavar="ID", help=_("Only this account."))]
Level = Annotated[Literal["movements", "ledger", "sources"], typer.Option("--level", help=_("How deep to look."))]

SHOWN = 30
"""Rows shown on a terminal; the sum is always that of all."""


# fmt: off
def explain(
    metric: Metric, period: Period, account: Account = None, level: Level = "movements", store: StoreAt = None,
    policy: Policy = "default", as_of: AsOf = None, currency: Currency = None, format: Format = None,
    output: Output = None, lang: Lang = None,
) -> int:
    """Open one cell; exit code 1 if its rows do not add up to it."""
    from rollforward import api

    asked = api.open(store, create=False)
    by = _grain(period)
    answer = asked.explain(
        metric, period, account=account, level=level, by=by, policy=policy, as_of=as_of, currency=currency
    )
    sums = {n.params["currency"]: Decimal(n.params["total"]) for n in answer.notes if n.code == "sum-of-rows"}
    into = Out(format, output)
    if into.reads and level == "sources":
        out("\n".join(_rows_of_files(answer)))
    else:
        emit(answer, into, VIEWS[level], shown=SHOWN, said=frozenset({"sum-of-rows"}))
    cells = {}
    if sums and not account:
        ask = asked.expansion if metric.startswith("by_") else asked.mrr
        shown = ask(by=by, start=period, end=period, policy=policy, as_of=as_of, currency=currency)
        cells = _cells(shown, "closing" if metric == "mrr" else metric)
    if into.reads:
        for name, total in sums.items():
            out(_sum(f"{metric} {period}", name, total, cells.get(name)))
        out("\n".join(_deeper(answer, metric, period, account, level, f" --store {store}" if store else "")))
    return 1 if any(cells.get(name, total) != total for name, total in sums.items()) else 0
# fmt: on


def _cells(table: Table, metric: str) -> dict[str, Decimal]:
    """The cell of each currency as the table shows it; empty for a metric that is no column of money there."""
    found = {}
    for row in table.rows:
        record = dict(zip(table.columns, row, strict=True))
        value = record.get(metric)
        if isinstance(value, Decimal):
            found[str(record["currency"])] = value
    return found


def _rows_of_files(answer: Table) -> list[str]:
    lines = [_("Source rows")]
    records = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    for record in records[:SHOWN]:
        told = _("recorded {when}").format(when=render.cell("recorded_at", record, "day"))
        lines += [styled(str(record["ref"]), BOLD) + f"  {told}", f"    {render.printable(str(record['row']))}"]
    if len(records) > SHOWN:
        lines.append(_("{count} more rows; --format csv has all.").format(count=figures.number(len(records) - SHOWN)))
    return lines


def _sum(cell: str, currency: str, total: Decimal, shown: Decimal | None) -> str:
    said = _("Sum of all rows: {total}").format(total=figures.money(total, currency))
    if shown is None:
        return styled(said, BOLD)
    if shown == total:
        return styled(said, BOLD) + styled(" " + _("= {cell} ✓").format(cell=cell), GREEN)
    differs = _("but {cell} shows {amount} ✗").format(cell=cell, amount=figures.money(shown, currency))
    return styled(said, BOLD) + " " + styled(differs, RED)


def _deeper(answer: Table, metric: str, period: str, account: str | None, level: str, at: str) -> list[str]:
    if level == "sources":
        return [_("These are the rows of your files as they were imported.")]
    if account is None and level == "movements" and answer.rows:
        who, amount = answer.columns.index("account_id"), answer.columns.index("amount")
        largest = max(answer.rows, key=lambda row: abs(Decimal(str(row[amount]))))
        account = str(largest[who])
    deeper = "ledger" if level == "movements" else "sources"
    of = f" --account {account}" if account else ""
    return [_("One level deeper:"), f"  rollforward explain {metric} --period {period}{of} --level {deeper}{at}"]


def _grain(period: str) -> str:
    text = period.strip().upper()
    if "Q" in text:
        return "quarter"
    if "W" in text:
        return "week"
    return {4: "year", 7: "month"}.get(len(text), "day")
