"""The command demo: a store from a made-up company's data, and the overview of it."""

from __future__ import annotations

from pathlib import Path

from rollforward.cli.options import Lang, StoreAt
from rollforward.cli.overview import overview
from rollforward.cli.terminal import out, progress, width
from rollforward.text import _

DEFAULT = Path("rollforward-store")
"""Where every other command looks too, so that they work at once."""


def demo(store: StoreAt = None, lang: Lang = None) -> int:
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
    return 0 if seen.ties else 1
