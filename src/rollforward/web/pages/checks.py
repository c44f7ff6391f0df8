"""Whether every figure ties: each check, what it proves, and the rows that break it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.text import _
from rollforward.text.checks import CHECKS
from rollforward.web.grid import Grid, grid, remarks
from rollforward.web.page import Filled
from rollforward.web.permission import allow

router = APIRouter()

_PLACE = ("account_id", "currency", "on_date", "expected", "found")


@dataclass(frozen=True)
class Check:
    """A check: its name, what it proves, and the rows that break it; None if there are none."""

    name: str
    proves: str
    broken: Grid | None


@router.get("/data/check")
@allow("viewer")
def check(page: Filled) -> Response:
    """Runs what has not run yet on the facts as they are now, and shows the outcome of all."""
    found = page.know("check", lambda store: store.check())
    rows = found.to_dicts()
    shown = [Check(name, _(proves), _broken(found, name)) for name, proves in CHECKS.items()]
    shown += [Check(n, str(r["what"]), _broken(found, n)) for r in rows if (n := str(r["check"])) not in CHECKS]
    return page.show("check.html", checks=shown, violations=len(rows), said=remarks(found))


def _broken(found: Table, name: str) -> Grid | None:
    at = found.columns.index("check")
    mine = [row for row in found.rows if row[at] == name]
    return grid(Table(found.columns, mine), columns=_PLACE) if mine else None
