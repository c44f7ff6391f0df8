"""The pricing review: moves between plans, limits, steps of the price list, requests, add-ons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from rollforward.errors import Misuse
from rollforward.text import N_
from rollforward.web.growing import PRICING
from rollforward.web.page import Filled, Page
from rollforward.web.pages.accounts import address_of
from rollforward.web.permission import allow

router = APIRouter()

_MOVES = N_("A pair of plans that accounts keep going down is worth a look: at price, limits and what was promised.")
_WATCH = N_("Accounts that went down from one plan to another, against limits of what chance would do.")
_RERATED = N_(
    "What each account pays, against the cheapest plan whose limits would have done for its use in each month."
)
_LIMITS = N_("A limit that binds nobody sells no upgrade; one that binds most may be too low. Use is the latest told.")
_STEPS = N_("List prices of one unit. A large step may stop accounts that would pay something between.")
_REQUESTS = N_("Each account counts once. Large: in the quarter that pays most.")
_ADD_ONS = N_("Among accounts that pay in the same currency. Large: in the quarter that pays most.")
VIEWS = {
    "moves": (N_("Moves between plans"), _MOVES),
    "watch": (N_("Alarms"), _WATCH),
    "limits": (N_("Limits"), _LIMITS),
    "rerated": (N_("Accounts re-rated"), _RERATED),
    "steps": (N_("Price steps"), _STEPS),
    "requests": (N_("Requests"), _REQUESTS),
    "add_ons": (N_("Add-ons"), _ADD_ONS),
}


SHOWN = 50
"""Accounts on a page of those re-rated."""


@router.get("/pricing")
@allow("restricted")
def pricing(page: Filled) -> Response:
    """Where prices and packages may fail; own parameters `view`, and `page` of the accounts re-rated."""
    view = page.address.get("view") or "moves"
    if view not in VIEWS:
        raise Misuse("unknown-option", option="view", value=view, known=", ".join(PRICING))
    number = page.number()
    own = {"limit": SHOWN + 1, "skip": (number - 1) * SHOWN} if view == "rerated" else {}
    always: dict[str, Any] = {} if view == "moves" else {"start": "", "end": ""}
    table = page.ask(f"pricing-{view}", own, segment="", where=(), by="month", **always)
    more = view == "rerated" and len(table) > SHOWN
    table.rows = table.rows[:SHOWN] if more else table.rows
    grid = page.grid(table, f"pricing-{view}", _opener(page))
    return page.show("pricing.html", table=grid, view=view, views=VIEWS, more=more, number=number)


def _opener(page: Page) -> Any:
    """An account opens as its page, a plan as the accounts that are on it."""

    def opens(record: Mapping[str, Any], column: str) -> str:
        value = record.get(column)
        if column == "account_id":
            return address_of(page, str(value))
        if column in ("from_plan", "to_plan", "plan_id", "cheapest_plan", "next_plan") and value:
            return page.address.page("/accounts", plan=value)
        return ""

    return opens
