"""The commands that ask for one table of figures: mrr, metrics, expansion, drivers, retention."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from rollforward.cli.columns import VIEWS
from rollforward.cli.options import (
    AsOf,
    By,
    Currency,
    End,
    Format,
    Lang,
    Minor,
    Output,
    Policy,
    Scheduled,
    Start,
    StoreAt,
)
from rollforward.cli.output import Out, emit
from rollforward.text import _

Movement = Annotated[
    Literal["new", "reactivation", "expansion", "contraction", "churn", "transfer", "adjustment"],
    typer.Option("--movement", help=_("Movement whose drivers to show.")),
]
Window = Annotated[
    str, typer.Option("--window", metavar="MONTHS", help=_("1, 3 or 12 months, or two dates A..B, B excluded."))
]


# fmt: off
def mrr(
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, currency: Currency = None,
    start: Start = None, end: End = None, by: By = "month", minor: Minor = False,
    scheduled: Scheduled = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """The roll-forward, one row a period and currency."""
    from rollforward import api

    asked = api.open(store, create=False)
    answer = asked.mrr(
        by=by, start=start, end=end, currency=currency, as_of=as_of, policy=policy, minor=minor,
        scheduled=scheduled,
    )
    return emit(answer, Out(format, output), VIEWS["mrr"], by)


def metrics(
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, currency: Currency = None,
    start: Start = None, end: End = None, by: By = "month", minor: Minor = False,
    scheduled: Scheduled = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """The usual metrics, one row a period and currency."""
    from rollforward import api

    asked = api.open(store, create=False)
    answer = asked.metrics(
        by=by, start=start, end=end, currency=currency, as_of=as_of, policy=policy, minor=minor,
        scheduled=scheduled,
    )
    return emit(answer, Out(format, output), VIEWS["metrics"], by)


def expansion(
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, currency: Currency = None,
    start: Start = None, end: End = None, by: By = "month", minor: Minor = False,
    scheduled: Scheduled = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """Expansion of movements and the drivers it adds up from."""
    from rollforward import api

    asked = api.open(store, create=False)
    answer = asked.expansion(
        by=by, start=start, end=end, currency=currency, as_of=as_of, policy=policy, minor=minor,
        scheduled=scheduled,
    )
    return emit(answer, Out(format, output), VIEWS["expansion"], by)


def drivers(
    movement: Movement = "expansion",
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, currency: Currency = None,
    start: Start = None, end: End = None, by: By = "month", minor: Minor = False,
    scheduled: Scheduled = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """Any movement and the drivers it adds up from."""
    from rollforward import api

    asked = api.open(store, create=False)
    answer = asked.drivers(
        movement, by=by, start=start, end=end, currency=currency, as_of=as_of, policy=policy, minor=minor,
        scheduled=scheduled,
    )
    return emit(answer, Out(format, output), VIEWS["drivers"], by)


def retention(
    window: Window = "12",
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, currency: Currency = None,
    start: Start = None, end: End = None, by: By = "month", minor: Minor = False,
    scheduled: Scheduled = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """NDR, GRR and logos of the accounts that paid when each window opened."""
    from rollforward import api

    asked = api.open(store, create=False)
    answer = asked.retention(
        window, by=by, start=start, end=end, currency=currency, as_of=as_of, policy=policy, minor=minor,
        scheduled=scheduled,
    )
    return emit(answer, Out(format, output), VIEWS["retention"], by)
# fmt: on
