"""Did it work: what plays did beside those held out, or beside accounts like them, and who was drawn."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.web.page import Filled
from rollforward.web.pages.accounts import address_of
from rollforward.web.permission import allow

router = APIRouter()

SHOWN = 50
"""Rows on a page of the list."""


@router.get("/worked")
@allow("restricted")
def worked(page: Filled) -> Response:
    """Own parameters: `days` in which an expansion counts, `kind` of the accounts listed, `page` of them."""
    days, kind = page.address.get("days") or "90", page.address.get("kind")
    if not is_whole(days) or not 0 < int(days) <= 3650:
        raise Misuse("unknown-option", option="days", value=days, known="30, 90, 180, …")
    number = page.number()
    own = {"days": days}
    effect = page.ask("worked-effect", own)
    listed = page.ask("worked-accounts", own | {"kind": kind, "limit": SHOWN + 1, "skip": (number - 1) * SHOWN})
    more = len(listed) > SHOWN
    listed.rows = listed.rows[:SHOWN]

    at = effect.columns.index("compared")

    def _only(table: Table, compared: str) -> Table:
        notes = [n for n in table.notes if ("matched" in n.code) == (compared == "matched")]
        return Table(table.columns, [row for row in table.rows if row[at] == compared], notes)

    def by_kind(record: Any, column: str) -> str:
        drawn = column == "treated" and record["compared"] == "hold_out"
        return page.address.to("/worked", kind=record["kind"], page="") + "#list" if drawn else ""

    def to_account(record: Any, column: str) -> str:
        return address_of(page, str(record["account_id"]), show="signals") if column == "account_id" else ""

    with page.store() as store:
        held = store.acting_rules().hold_out
    parts = {
        view: page.grid(page.ask(f"worked-{view}", own), f"worked-{view}") for view in ("money", "offers", "balance")
    }
    return page.show(
        "worked.html", days=days, kind=kind, number=number, more=more, held=held, parts=parts,
        drawn=page.grid(_only(effect, "hold_out"), "worked-held", by_kind, wide=False),
        matched=page.grid(_only(effect, "matched"), "worked-matched", wide=False),
        listed=page.grid(listed, "worked-accounts", to_account),
    )  # fmt: skip
