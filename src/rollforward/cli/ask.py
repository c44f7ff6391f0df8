"""The commands that ask for one table of figures: mrr, metrics, expansion, drivers, retention, cohorts, bridge."""

# Typer reads the annotations of these functions as they are, so they are no texts (`from __future__`) here.

from typing import Annotated, Any, Literal

import typer

from rollforward.cli.asking import asks
from rollforward.cli.options import (
    AsOf,
    Currency,
    End,
    Format,
    Lang,
    Minor,
    Output,
    Policy,
    Product,
    Segment,
    Start,
    StoreAt,
    Where,
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


@asks("mrr")
def mrr(store: Any, question: Any) -> Any:
    """The roll-forward, one row a period and currency."""
    return store.mrr(**question)


@asks("metrics")
def metrics(store: Any, question: Any) -> Any:
    """The usual metrics, one row a period and currency."""
    return store.metrics(**question)


@asks("expansion")
def expansion(store: Any, question: Any) -> Any:
    """Expansion of movements and the drivers it adds up from."""
    return store.expansion(**question)


@asks("drivers")
def drivers(store: Any, question: Any, movement: Movement = "expansion") -> Any:
    """Any movement and the drivers it adds up from."""
    return store.drivers(movement, **question)


@asks("retention")
def retention(
    store: Any,
    question: Any,
    window: Window = "12",
    product: Product = False,
) -> Any:
    """NDR, GRR and logos of the accounts that paid when each window opened."""
    return store.retention(window, product=product, **question)


# fmt: off
def cohorts(
    metric: Annotated[
        Literal["ndr", "grr", "logos", "mrr"], typer.Option("--metric", help=_("What the cells show."))
    ] = "ndr",
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, currency: Currency = None,
    segment: Segment = None, where: Where = None, start: Start = None, end: End = None,
    by: Annotated[Literal["month", "quarter"], typer.Option("--by", help=_("Length of a period."))] = "month",
    minor: Minor = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """What is left, at each age, of the accounts that began in one period."""
    from rollforward import api
    from rollforward.cli.triangle import triangle

    answer = api.open(store, create=False).cohorts(
        by=by, start=start, end=end, currency=currency, as_of=as_of, policy=policy, minor=minor, segment=segment,
        where=where,
    )
    return emit(answer, Out(format, output), None, by, drawn=lambda width: triangle(answer, metric, by, width))


@asks("bridge")
def bridge(
    store: Any, question: Any,
    window: Annotated[int, typer.Option("--window", metavar="MONTHS", help=_("1, 3 or 12 months."))] = 12,
    view: Annotated[
        Literal["segments", "accounts", "concentration"],
        typer.Option("--view", help=_("Rate and mix of segments, what each account gave, or how few carry it.")),
    ] = "segments",
    part: Annotated[
        str | None, typer.Option("--part", metavar="VALUE", help=_("Only accounts of this value of --segment."))
    ] = None,
) -> Any:
    """What moved NDR from one window to another: rate and mix of each segment."""
    shown = {"segments": "bridge"}.get(view, f"bridge-{view}")
    return store.bridge(window, view, part, **question), shown


def dimensions(store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None) -> int:
    """What --segment and --where can name."""
    from rollforward import api

    return emit(api.open(store, create=False).dimensions(), Out(format, output), None, "")
# fmt: on
