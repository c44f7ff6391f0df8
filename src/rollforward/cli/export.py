"""The commands that write files or tables: export, build."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from rollforward.cli.options import Lang, StoreAt
from rollforward.cli.overview import badge
from rollforward.cli.terminal import out, say
from rollforward.errors import Misuse
from rollforward.text import _, note

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help=_("Folder for the files; made if it is missing."), show_default=False)
]

Engine = Annotated[Literal["duckdb", "spark"], typer.Option("--engine", help=_("What makes the tables."))]
Master = Annotated[
    str | None,
    typer.Option("--master", metavar="URL", help=_("Where Spark runs: local[*] (this machine) or spark://HOST:PORT.")),
]


def export(folder: Folder, store: StoreAt = None, lang: Lang = None) -> int:
    """Write every table to DIR and list the files; exit code 1 if the store is known not to tie."""
    from rollforward import api

    asked = api.open(store, create=False)
    try:
        files = asked.export(folder)
    except OSError as err:
        raise Misuse("cannot-write-folder", path=str(folder), detail=err.strerror or str(err)) from err
    for file in files:
        out(str(file))
    violations = asked.known_violations()
    if violations:
        say(note("does-not-tie", {"violations": str(violations)}))
    return 1 if violations else 0


def build(store: StoreAt = None, engine: Engine = "duckdb", master: Master = None, lang: Lang = None) -> int:
    """Make the tables for the store's present version; exit code 1 if they do not tie."""
    from rollforward import api

    done = api.open(store, create=False).build(engine=engine, master=master)
    out(_("Built for version {version} of the store.").format(version=done.version))
    out(badge(not done.violations, done.violations))
    return 1 if done.violations else 0
