"""The options that every question takes, written once: a command that asks is a function of its own options alone."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rollforward.cli.options import (
    AsOf,
    Basis,
    By,
    Currency,
    End,
    Format,
    Lang,
    Minor,
    Output,
    Policy,
    Scheduled,
    Segment,
    Start,
    StoreAt,
    Where,
)
from rollforward.cli.output import Out, emit
from rollforward.text.views import VIEWS

if TYPE_CHECKING:
    from rollforward.api import Question, Store


# fmt: off
def _question(
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, basis: Basis = "reported",
    currency: Currency = None, segment: Segment = None, where: Where = None,
    start: Start = None, end: End = None, by: By = "month", minor: Minor = False,
    scheduled: Scheduled = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> None:
    """Only its signature is used: names of `api.Question`, and where to ask and answer."""
# fmt: on


_HERE = ("store", "format", "output", "lang")


def asks(view: str) -> Callable[[Callable[..., Any]], Callable[..., int]]:
    """Makes a command of a function (store, question, **its own options) → Table, shown as the view `view`.

    A function that answers in several ways says which: it returns the Table and the name of its view.
    """

    def decorate(answer: Callable[..., Any]) -> Callable[..., int]:
        own = list(inspect.signature(answer, eval_str=False).parameters.values())[2:]
        common = list(inspect.signature(_question).parameters.values())

        def command(**given: Any) -> int:
            from rollforward import api

            at: Path | None = given["store"]
            question: Question = {p.name: given[p.name] for p in common if p.name not in _HERE}  # type: ignore[assignment]
            store: Store = api.open(at, create=False)
            found = answer(store, question, **{p.name: given[p.name] for p in own})
            table, shown = found if isinstance(found, tuple) else (found, view)
            return emit(table, Out(given["format"], given["output"]), VIEWS[shown], given["by"])

        command.__doc__ = answer.__doc__
        command.__name__ = answer.__name__
        command.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]
        names = {p.name for p in own}
        command.__annotations__ = {n: a for n, a in answer.__annotations__.items() if n in names} | {
            n: a for n, a in _question.__annotations__.items() if n != "return"
        }
        return command

    return decorate
