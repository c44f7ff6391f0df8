"""The command demo: a store from a made-up company's data, and the overview of it."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

from pathlib import Path
from typing import Annotated

import typer

from rollforward.cli.options import Lang, StoreAt
from rollforward.cli.overview import overview
from rollforward.cli.serve import Port, serve
from rollforward.cli.terminal import out, progress, width
from rollforward.text import _

DEFAULT = Path("rollforward-store")
"""Where every other command looks too, so that they work at once."""

Serve = Annotated[bool, typer.Option("--serve", help=_("Open it in the web application afterwards."))]


def demo(store: StoreAt = None, serve_it: Serve = False, port: Port = 8765, lang: Lang = None) -> int:
    """Build the demo store if it is not there yet, and print its overview; 1 if it does not tie."""
    from rollforward import api

    path = store or DEFAULT
    there = path.exists()
    with progress() as report:
        shown = api.demo(path, report)
    if there:
        out(_("There is a store in {path} already; nothing was built.").format(path=path) + "\n")
    seen = shown.overview()
    out("\n".join(overview(seen, path, width())))
    if serve_it:
        out()
        return serve(port=port, store=path)
    return 0 if seen.ties else 1
