"""The command explain: a cell, the rows it adds up from, and the way one level deeper."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rollforward.cli.options import (
    AsOf,
    Basis,
    Currency,
    Format,
    Lang,
    Output,
    Policy,
    Product,
    Segment,
    StoreAt,
    Where,
)
from rollforward.cli.output import Out, emit, remarks
from rollforward.cli.terminal import BOLD, GREEN, RED, out, styled
from rollforward.text import _, figures, note
from rollforward.text.cells import cell, printable
from rollforward.text.views import VIEWS

if TYPE_CHECKING:
    from rollforward.api import Note, Question, Table

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
Level = Annotated[
    Literal["accounts", "movements", "ledger", "sources"], typer.Option("--level", help=_("How deep to look."))
]

Cohort = Annotated[
    str | None,
    typer.Option("--cohort", metavar="PERIOD", help=_("Only the accounts that began in this month or quarter.")),
]

SHOWN = 30
"""Rows shown on a terminal; the sum is always that of all."""


# fmt: off
def explain(
    metric: Metric, period: Period, account: Account = None, level: Level = "movements", store: StoreAt = None,
    policy: Policy = "default", as_of: AsOf = None, currency: Currency = None, basis: Basis = "reported",
    segment: Segment = None, where: Where = None, product: Product = False, cohort: Cohort = None,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """Open one cell; exit code 1 if its rows do not add up to it."""
    from rollforward import api

    asked = api.open(store, create=False)
    by = _grain(period)
    answer = asked.explain(
        metric, period, account=account, level=level, by=by, policy=policy, as_of=as_of, currency=currency,
        basis=basis, segment=segment, where=where, product=product, cohort=cohort,
    )
    sums = {_key(n): Decimal(n.params["total"]) for n in answer.notes if n.code == "sum-of-rows"}
    ratios = {_key(n): n for n in answer.notes if n.code == "ratio-of-rows"}
    into = Out(format, output)
    if into.reads and level == "sources":
        out("\n".join(_rows_of_files(answer)))
        code = remarks(answer)
    else:
        code = emit(answer, into, VIEWS[level], shown=SHOWN, said=frozenset({"sum-of-rows", "ratio-of-rows"}))
    same: Question = {
        "by": by, "start": period, "end": period, "policy": policy, "as_of": as_of, "currency": currency,
        "basis": basis, "segment": segment, "where": where,
    }  # fmt: skip
    cells: dict[Key, object] = {}
    if cohort:
        pass
    elif sums and not account:
        shown = (asked.expansion if metric.startswith("by_") else asked.mrr)(**same)
        cells = _cells(shown, "closing" if metric == "mrr" else metric)
    elif ratios and not account:
        name, _line, months = metric.rpartition("_") if metric[-1:].isdecimal() else (metric, "", "12")
        cells = _cells(asked.retention(months, product, **same), name)
    if into.reads:
        for key, total in sums.items():
            out(_sum(_cell(metric, period, key), key[0], total, cells.get(key)))
        for key, ratio in ratios.items():
            said = note(ratio.code, ratio.params)
            out(_marked(said, _cell(metric, period, key), _agrees(ratio, cells.get(key))))
        if answer.rows:
            options: dict[str, object] = {"--segment": segment, "--where": where, "--store": store}
            options |= {"--currency": currency, "--as-of": as_of, "--product": product or None}
            options["--cohort"] = cohort
            options["--policy"] = policy if policy != "default" else None
            out("\n".join(_deeper(answer, metric, period, account, level, options)))
    differs = any(cells.get(key, total) != total for key, total in sums.items())
    differs |= any(_agrees(ratio, cells.get(key)) is False for key, ratio in ratios.items())
    return 1 if differs else code
# fmt: on


Key = tuple[str, str]
"""Currency and segment of a cell, '' without segments."""


def _key(remark: Note) -> Key:
    return remark.params["code"], remark.params["segment"]


def _cell(metric: str, period: str, key: Key) -> str:
    return " ".join(filter(None, (metric, period, key[1])))


def _cells(table: Table, metric: str) -> dict[Key, object]:
    """The cells of the table as it shows them; empty for a metric that is no amount or ratio there."""
    found: dict[Key, object] = {}
    for row in table.rows:
        record = dict(zip(table.columns, row, strict=True))
        value = record.get(metric)
        if isinstance(value, Decimal | float):
            found[str(record["currency"]), str(record.get("segment", record.get("product", "")))] = value
    return found


def _agrees(ratio: Note, cell: object) -> bool | None:
    """Whether the cell shows this ratio, None without a cell. The note has ten digits of it."""
    return math.isclose(float(ratio.params["ratio"]), cell, rel_tol=1e-9) if isinstance(cell, float) else None


def _rows_of_files(answer: Table) -> list[str]:
    lines = [_("Source rows")]
    records = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    for record in records[:SHOWN]:
        told = _("recorded {when}").format(when=cell("recorded_at", record, "day"))
        lines += [styled(str(record["ref"]), BOLD) + f"  {told}", f"    {printable(str(record['row']))}"]
    if len(records) > SHOWN:
        lines.append(_("{count} more rows; --format csv has all.").format(count=figures.number(len(records) - SHOWN)))
    return lines


def _marked(said: str, cell: str, agrees: bool | None) -> str:
    mark = {None: "", True: styled(" " + _("= {cell} ✓").format(cell=cell), GREEN)}
    return styled(said, BOLD) + mark.get(agrees, styled(" " + _("but {cell} shows another ✗").format(cell=cell), RED))


def _sum(cell: str, currency: str, total: Decimal, shown: object) -> str:
    said = _("Sum of all rows: {total}").format(total=figures.money(total, currency))
    if not isinstance(shown, Decimal) or shown == total:
        return _marked(said, cell, None if shown is None else True)
    differs = _("but {cell} shows {amount} ✗").format(cell=cell, amount=figures.money(shown, currency))
    return styled(said, BOLD) + " " + styled(differs, RED)


def _deeper(
    answer: Table, metric: str, period: str, account: str | None, level: str, options: Mapping[str, object]
) -> list[str]:
    if level == "sources":
        return [_("These are the rows of your files as they were imported.")]
    if account is None and level in ("accounts", "movements") and answer.rows:
        who, amount = answer.columns.index("account_id"), answer.columns.index("amount")
        largest = max(answer.rows, key=lambda row: abs(Decimal(str(row[amount]))))
        account = str(largest[who])
    deeper = {"accounts": "movements", "movements": "ledger"}.get(level, "sources")
    command = ["rollforward", "explain", metric, "--period", period]
    for name, value in {"--account": account, "--level": deeper, **options}.items():
        for one in value if isinstance(value, list) else [value]:
            command += [name] if one is True else [name, str(one)] if one else []
    return [_("One level deeper:"), "  " + shlex.join(command)]


def _grain(period: str) -> str:
    text = period.strip().upper()
    if "Q" in text:
        return "quarter"
    if "W" in text:
        return "week"
    return {4: "year", 7: "month"}.get(len(text), "day")
