"""What moved NDR: rate and mix of segments, what each account gave to it, and how few accounts carry it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.errors import Misuse
from rollforward.text import N_, _
from rollforward.text.cells import cell
from rollforward.web.drawing import DIMENSION, chosen, draw, of_currency
from rollforward.web.page import Filled, Page
from rollforward.web.pages.accounts import address_of
from rollforward.web.pages.retention import WINDOWS
from rollforward.web.permission import allow

router = APIRouter()

_SEGMENTS = N_(
    "Rate: the segment's own NDR changed. Mix: its share of the opening did. They add up to the change; intervals are "
    "over accounts drawn again."
)
_ACCOUNTS = N_(
    "What each account gave adds up to the change, and within a segment to its rate and mix. Share of all moved: up "
    "and down count alike."
)
_FEW = N_("NDR of both windows without the accounts that moved it most, whichever way.")
VIEWS = {
    "segments": (N_("By segment"), _SEGMENTS),
    "accounts": (N_("By account"), _ACCOUNTS),
    "concentration": (N_("How few carry it"), _FEW),
}
SHOWN = 50
"""Accounts on a page of the list."""


@router.get("/bridge")
@allow("restricted")
def bridge(page: Filled) -> Response:
    """Own parameters: `view`, `window` (12, 3, 1), `of` (currency), `part` (a segment's accounts), `page`."""
    page = page.under(page.whose[0])
    address = page.address
    view, window = address.get("view") or "segments", address.get("window") or "12"
    if view not in VIEWS:
        raise Misuse("unknown-option", option="view", value=view, known=", ".join(VIEWS))
    if window not in (known := [n for n, _label in WINDOWS]):
        raise Misuse("no-such-window", window=window, known=", ".join(known))
    cut = address.segment or (DIMENSION if view == "segments" or address.get("part") else "")
    number = page.number()
    own: dict[str, object] = {"window": window}
    if view == "accounts":
        own |= {"part": address.get("part"), "limit": SHOWN + 1, "skip": (number - 1) * SHOWN}
    name = "bridge" if view == "segments" else f"bridge-{view}"
    try:
        every = page.ask("bridge", {"window": window}, segment=cut or DIMENSION, by="month")
    except Misuse as err:
        if err.code != "no-such-window" or address.start or address.end:
            raise
        view, every = "segments", Table((), [])  # too short a history has no two windows: the page says so
        name = "bridge"
    counts = {str(r["currency"]): int(str(r["accounts_after"])) for r in every.to_dicts()}  # the last row has all
    codes = sorted(counts, key=lambda code: -counts[code])
    of = chosen(page, codes)
    own |= {"of": of} if view != "segments" else {}
    if not (said := _said(every, of)):  # nothing was open in one of them
        view, name, every = "segments", "bridge", Table((), [])
    table = every if view == "segments" else page.ask(name, own, segment=cut, by="month")
    table = of_currency(table, of)
    table.notes = [n for n in table.notes if n.params.get("currency", of) == of]
    more = len(table) > SHOWN and view == "accounts"
    table.rows = table.rows[:SHOWN] if view == "accounts" else table.rows
    return page.show(
        "bridge.html", of=of, currencies=codes, view=view, views=VIEWS, window=window, windows=WINDOWS, name=name,
        cut=cut, part=address.get("part"), said=said, more=more, number=number,
        chart=None if address.start or address.end or view != "segments" or not every else
        draw(page, "bridge", of=of, window=window, dimension=cut),
        table=page.grid(table, name, _opener(page, cut, window)),
    )  # fmt: skip


def _said(table: Table, of: str) -> str:
    """The change of NDR that is explained, as a sentence; '' where there is none."""
    rows = of_currency(table, of).to_dicts()
    if not rows or rows[-1]["segment"] != "total" or rows[-1]["ndr_before"] is None:
        return ""
    row = rows[-1]
    told = {n: cell(n, row, "month") for n in ("ndr_before", "ndr_after")}
    told |= {n: f"{100 * float(str(row[f'contribution{n}'] or 0)):+.1f}" for n in ("", "_low", "_high")}
    points = {"before": told["ndr_before"], "after": told["ndr_after"], "points": told[""]}
    if row["contribution_low"] is None:
        return _("NDR went from {before} to {after}, {points} points.").format(**points)
    return _("NDR went from {before} to {after}, {points} points (95%: {low} to {high}).").format(
        **points, low=told["_low"], high=told["_high"]
    )


def _opener(page: Page, cut: str, window: str) -> Any:
    """A segment opens as its accounts, an account as its page, its closing as the rows behind it."""

    def opens(record: Mapping[str, Any], column: str) -> str:
        if column in ("segment", "contribution") and "account_id" not in record and record.get("segment") != "total":
            value = record.get("segment")
            return page.address.to("/bridge", view="accounts", segment=cut, part=value, page="") if value else ""
        if column == "left_out" and record.get("left_out"):
            return page.address.to("/bridge", view="accounts", page="")
        if column == "account_id":
            return address_of(page, str(record["account_id"]))
        side = {"closing_before": "before", "closing_after": "after"}.get(column)
        end = record.get(f"window_end_{side}") if side else None
        if not isinstance(end, date):
            return ""
        plain = page.address.but(own=(), segment="", by="month", span="12", start="", end="")
        return plain.to(
            "/open", metric=f"ndr_{window}", period=f"{end - timedelta(days=1):%Y-%m}", of=record["currency"],
            account=record["account_id"], level="movements",
        )  # fmt: skip

    return opens
