"""The commands that write files or tables: export, build."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rollforward.cli.options import Lang, StoreAt
from rollforward.cli.terminal import out
from rollforward.text import _

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help=_("Folder for the files; made if it is missing."), show_default=False)
]


def export(folder: Folder, store: StoreAt = None, lang: Lang = None) -> None:
    """Write every table to DIR and list the files."""
    from rollforward import api

    files = api.open(store, create=False).export(folder)
    for file in files:
        out(str(file))


def build(store: StoreAt = None, lang: Lang = None) -> None:
    """Make the tables for the store's present version."""
    from rollforward import api

    asked = api.open(store, create=False)
    asked.build()
    out(_("Built for version {version} of the store.").format(version=asked.version()))
