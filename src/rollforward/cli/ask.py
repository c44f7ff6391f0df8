"""The commands that ask for one table of figures: mrr, metrics, expansion, drivers, retention."""

# Typer reads the annotations of these functions as they are, so they are no texts (`from __future__`) here.

from typing import Annotated, Any, Literal

import typer

from rollforward.cli.asking import asks
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
def retention(store: Any, question: Any, window: Window = "12") -> Any:
    """NDR, GRR and logos of the accounts that paid when each window opened."""
    return store.retention(window, **question)
