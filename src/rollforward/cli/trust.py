"""The commands that say whether to believe the numbers: check, problems."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from rollforward.cli import render
from rollforward.cli.importing import problem_list
from rollforward.cli.options import Format, Lang, Output, StoreAt
from rollforward.cli.output import Out, emit, remarks
from rollforward.cli.overview import badge
from rollforward.cli.terminal import BOLD, out, styled, width
from rollforward.errors import Problem
from rollforward.money import to_minor
from rollforward.text import _
from rollforward.text.cells import cell
from rollforward.text.checks import CHECKS
from rollforward.text.columns import LABELS

if TYPE_CHECKING:
    from rollforward.api import Table

Import = Annotated[int | None, typer.Option("--import", metavar="N", help=_("Only the problems of this import."))]


def check(store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None) -> int:
    """Show the rows that break an invariant; exit code 1 if there is one."""
    from rollforward import api

    found = api.open(store, create=False).check()
    asked = Out(format, output)
    if asked.chosen != "table" or asked.path:
        emit(found, asked)
    else:
        for lines in _broken(found):
            out("\n".join(lines) + "\n")
        out(badge(not found.rows, len(found.rows)))
        remarks(found)
    return 1 if found.rows else 0


def problems(
    number: Import = None, store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None
) -> int:
    """List the rows that were refused or accepted with a remark; exit code 1 if one was refused."""
    from rollforward import api

    found = api.open(store, create=False).problems(number)
    asked = Out(format, output)
    listed = [_problem(dict(zip(found.columns, row, strict=True))) for row in found.rows]
    if asked.chosen != "table" or asked.path:
        emit(found, asked)
    elif listed:
        out("\n".join(problem_list(listed, len(listed), len(listed))).lstrip("\n"))
    else:
        out(_("No problems."))
    return 1 if any(p.severity == "refused" for p in listed) else 0


def _broken(found: Table) -> Iterator[list[str]]:
    """For each check that found something: what it proves, and where that does not hold."""
    records = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    names = ("account_id", "currency", "on_date", "expected", "found")
    for check, mine in groupby(records, key=lambda record: str(record["check"])):
        cells = [[cell(n, record, "day") for n in names] for record in mine]
        table = render.grid([_(LABELS[n]) for n in names], cells, [False, False, False, True, True], width())
        said = _(CHECKS[check]) if check in CHECKS else next(str(r["what"]) for r in records if r["check"] == check)
        yield [styled(f"{check}: ", BOLD) + said, _("Amounts are in minor units (cents)."), *table]


def _problem(row: dict[str, object]) -> Problem:
    params = row["params"]
    return Problem(
        code=str(row["code"]),
        file=str(row["file"]),
        line=int(str(row["line"])),
        row=str(row["row"]),
        severity=str(row["severity"]),
        params=json.loads(params) if isinstance(params, str) and params else {},
        amount_minor=to_minor(Decimal(str(row["amount"])), str(row["currency"])) if row["currency"] else 0,
        currency=str(row["currency"]),
    )
