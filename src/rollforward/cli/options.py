"""The options that several commands share. Imported after the language is chosen: help texts are translated here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from rollforward.text import _

StoreAt = Annotated[
    Path | None,
    typer.Option(
        "--store", envvar="ROLLFORWARD_STORE", metavar="DIR", help=_("Folder of the store (else ./rollforward-store).")
    ),
]
Policy = Annotated[str, typer.Option("--policy", metavar="NAME", help=_("Rules under which to count; several: a,b."))]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help=_("Count only what was recorded up to this date or time (UTC).")),
]
Currency = Annotated[
    str | None,
    typer.Option(
        "--currency", metavar="CCY", help=_("All in this currency, if there are rates; native: each as it was paid.")
    ),
]
Segment = Annotated[
    str | None,
    typer.Option("--segment", metavar="DIM", help=_("One row for each value of this dimension (see: dimensions).")),
]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="DIM=VALUE", help=_("Only what has this value; may be given several times.")),
]
Product = Annotated[
    bool, typer.Option("--product", help=_("Each account's own part in each product, instead of all of it."))
]
Start = Annotated[
    str | None, typer.Option("--from", metavar="PERIOD", help=_("First period: 2026-03, 2026-Q1, 2026 or a date."))
]
End = Annotated[str | None, typer.Option("--to", metavar="PERIOD", help=_("Last period, included."))]
By = Annotated[Literal["day", "week", "month", "quarter", "year"], typer.Option("--by", help=_("Length of a period."))]
Format = Annotated[
    Literal["table", "csv", "json", "parquet"] | None,
    typer.Option("--format", help=_("A table to read, or a machine format alone on standard output (default: table).")),
]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help=_("Write to this file; its ending may say the format."))
]
Lang = Annotated[Literal["en", "th"] | None, typer.Option("--lang", help=_("Language: English or Thai."))]
Minor = Annotated[bool, typer.Option("--minor", help=_("Money in whole minor units (cents), machine formats."))]
Scheduled = Annotated[bool, typer.Option("--scheduled", help=_("Also what is recorded to take effect later."))]
Basis = Annotated[
    Literal["reported", "restated"],
    typer.Option("--basis", help=_("Closed periods as they were closed (reported), or all as known now (restated).")),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", help=_("So many rows at most (default: 50 to read, all in machine formats).")),
]

SHOWN = 50
"""Rows of a long listing that a person gets unless more are asked for."""
