"""The command explain: a cell, the rows it adds up from, and the way one level deeper."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from rollforward.cli.columns import VIEWS
from rollforward.cli.options import AsOf, By, Currency, Format, Lang, Output, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.text import _

Metric = Annotated[
    str,
    typer.Argument(
        metavar="METRIC", help=_("Column of the roll-forward: opening, new, expansion, …, closing."), show_default=False
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
DEEPER = {"movements": "ledger", "ledger": "sources"}


# fmt: off
def explain(
    metric: Metric, period: Period, account: Account = None, level: Level = "movements", store: StoreAt = None,
    as_of: AsOf = None, currency: Currency = None, by: By = "month", format: Format = None, output: Output = None,
    lang: Lang = None,
) -> None:
    """Open one cell."""
    from rollforward import api

    asked = api.open(store, create=False)
    answer = asked.explain(metric, period, account=account, level=level, by=by, currency=currency, as_of=as_of)
    emit(answer, Out(format, output), VIEWS[level], by)
# fmt: on
