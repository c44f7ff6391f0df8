"""The audit log: who did what and when, filtered, as a file, and checked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.web.page import Any_, Page
from rollforward.web.pages.tables import as_file
from rollforward.web.permission import allow

router = APIRouter()

SHOWN = 100
"""Rows on a page."""

FILTERS = ("who", "action", "on-from", "on-to")


@router.get("/data/audit")
@allow("admin")
def audit(page: Any_) -> Response:
    """The log, the latest first. `check=1` compares all digests."""
    told = page.address.get
    before = int(told("before")) if is_whole(told("before"), 15) else 0
    rows = _rows(page, before, SHOWN + 1)
    proof = page.desk.state.audit.verify() if told("check") == "1" else None
    records = [row | {"detail": json.loads(str(row["detail"]))} for row in rows.to_dicts()[:SHOWN]]
    more = rows.rows[SHOWN - 1][0] if len(rows) > SHOWN else 0
    names = sorted({user.name for user in page.desk.state.users.all()} | {str(row[2]) for row in rows.rows} - {""})
    return page.show(
        "audit.html", rows=records, more=more, before=before, proof=proof, names=names,
        told={name: told(name) for name in FILTERS},
    )  # fmt: skip


@router.get("/data/audit.csv")
@allow("admin", "export")
def export(page: Any_) -> Response:
    """All rows of the filters as a file."""
    return as_file(_rows(page, 0, 0), "audit", "csv")


def _rows(page: Page, before: int, limit: int) -> Table:
    told = page.address.get
    start, end = _day(page, told("on-from"), 0), _day(page, told("on-to"), 1)
    with page.store() as store:
        return store.audit(told("who"), told("action"), start, end, before, limit)


def _day(page: Page, said: str, later: int) -> str | None:
    """The moment (UTC) at which a day begins, or the one after it, where the store's people live."""
    if not said:
        return None
    try:
        day = date.fromisoformat(said) + timedelta(days=later)
    except (ValueError, OverflowError):
        raise Misuse("bad-time", option="on", value=said) from None
    here = datetime.combine(day, time.min, ZoneInfo(page.settings.time_zone))
    return here.astimezone(UTC).isoformat()
