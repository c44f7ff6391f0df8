"""The commands link and unlink: one account instead of two."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from rollforward.cli.options import Lang, StoreAt
from rollforward.cli.terminal import out
from rollforward.text import _

From = Annotated[str, typer.Argument(metavar="FROM", help=_("The account that goes on."), show_default=False)]
To = Annotated[str, typer.Argument(metavar="TO", help=_("The account that it goes on as."), show_default=False)]
How = Annotated[
    Literal["same", "acquired"],
    typer.Option("--kind", help=_("Always one account, or one that became part of the other on a day.")),
]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help=_("The day on which it was acquired."))]


def link(source: From, target: To, kind: How = "same", on: On = None, store: StoreAt = None, lang: Lang = None) -> None:
    """Link FROM to TO; as-of questions before now do not see it."""
    from rollforward import api

    done = api.open(store, create=False).link(source, target, kind, on)
    said = (
        _("{source} goes on as {target} (import {number}).")
        if done.commit_id
        else _("{source} goes on as {target} already (version {version}).")
    )
    out(said.format(source=source, target=target, number=done.commit_id, version=done.version))


def unlink(source: From, target: To, store: StoreAt = None, lang: Lang = None) -> None:
    """Take the link of FROM to TO back."""
    from rollforward import api

    done = api.open(store, create=False).unlink(source, target)
    said = _("{source} no longer goes on as {target} (import {number}).")
    out(said.format(source=source, target=target, number=done.commit_id))
