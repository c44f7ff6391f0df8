"""The options that questions take, written once: a command that asks is a function of its own options alone."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rollforward.cli.options import (
    SHOWN,
    AsOf,
    Basis,
    By,
    Currency,
    End,
    Format,
    Lang,
    Limit,
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
from rollforward.cli.terminal import progress
from rollforward.text.views import VIEWS

if TYPE_CHECKING:
    from rollforward.api import Question


# fmt: off
def _question(
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, basis: Basis = "reported",
    currency: Currency = None, segment: Segment = None, where: Where = None,
    start: Start = None, end: End = None, by: By = "month", minor: Minor = False,
    scheduled: Scheduled = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> None:
    """Only its signature is used: names of `api.Question`, and where to ask and answer."""


def _listing(
    limit: Limit = None, store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None,
    basis: Basis = "reported", currency: Currency = None, where: Where = None, minor: Minor = False,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> None:
    """The same for long listings of what stands now: of no periods, and so many rows."""
# fmt: on


_HERE = ("store", "format", "output", "lang")


def asks(view: str, is_listing: bool = False) -> Callable[[Callable[..., Any]], Callable[..., int]]:
    """Makes a command of a function (store, question, **its own options) → Table, shown as the view `view`.

    A function that answers in several ways says which: it returns the Table and the name of its view; None shows
    nothing. A listing stands for now and has a limit; on a terminal a person sees its first rows.
    """

    def decorate(answer: Callable[..., Any]) -> Callable[..., int]:
        own = list(inspect.signature(answer, eval_str=False).parameters.values())[2:]
        options = _listing if is_listing else _question
        common = list(inspect.signature(options).parameters.values())

        def command(**given: Any) -> int:
            from rollforward import api

            at: Path | None = given["store"]
            question: Question = {p.name: given[p.name] for p in common if p.name not in _HERE}  # type: ignore[assignment]
            into, store = Out(given["format"], given["output"]), api.open(at, create=False)
            if is_listing:
                question["limit"] = question["limit"] or 0
            with progress() as report:
                question["progress"] = report
                found = answer(store, question, **{p.name: given[p.name] for p in own})
            if found is None:
                return 0
            table, name = found if isinstance(found, tuple) else (found, view)
            few = SHOWN if is_listing and not question["limit"] else 0
            return emit(table, into, VIEWS[name], given.get("by", "month"), shown=few)

        command.__doc__ = answer.__doc__
        command.__name__ = answer.__name__
        command.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]
        names = {p.name for p in own}
        command.__annotations__ = {n: a for n, a in answer.__annotations__.items() if n in names} | {
            n: a for n, a in options.__annotations__.items() if n != "return"
        }
        return command

    return decorate
