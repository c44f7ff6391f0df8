"""The command sql."""

from __future__ import annotations

from typing import Annotated

import typer

from rollforward.cli.options import Format, Lang, Output, Policy, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.text import _

Query = Annotated[
    str, typer.Argument(metavar="SELECT", help=_("The query; - reads it from standard input."), show_default=False)
]


def sql(
    query: Query, store: StoreAt = None, policy: Policy = "default", format: Format = None, output: Output = None,
    lang: Lang = None,
) -> int:  # fmt: skip
    """Answer one SELECT; money in the tables is in minor units."""
    import sys

    from rollforward import api

    asked = sys.stdin.read() if query == "-" else query
    return emit(api.open(store, create=False).sql(asked, policy=policy), Out(format, output))
