"""The pricing review: moves between plans, limits, steps of the price list, requests, add-ons."""

from __future__ import annotations

from fastapi import APIRouter, Response

from rollforward.errors import Misuse
from rollforward.text import N_
from rollforward.web.growing import PRICING
from rollforward.web.page import Filled
from rollforward.web.permission import allow

router = APIRouter()

_MOVES = N_("A pair of plans that accounts keep going down is worth a look: at price, limits and what was promised.")
_LIMITS = N_("A limit that binds nobody sells no upgrade; one that binds most may be too low. Use is the latest told.")
_STEPS = N_("List prices of one unit. A large step may stop accounts that would pay something between.")
_REQUESTS = N_("Each account counts once. Large: in the quarter that pays most.")
_ADD_ONS = N_("Among accounts that pay in the same currency. Large: in the quarter that pays most.")
VIEWS = {
    "moves": (N_("Moves between plans"), _MOVES),
    "limits": (N_("Limits"), _LIMITS),
    "steps": (N_("Price steps"), _STEPS),
    "requests": (N_("Requests"), _REQUESTS),
    "add_ons": (N_("Add-ons"), _ADD_ONS),
}


@router.get("/pricing")
@allow("restricted")
def pricing(page: Filled) -> Response:
    """Where prices and packages may fail; own parameter `view`."""
    view = page.address.get("view") or "moves"
    if view not in VIEWS:
        raise Misuse("unknown-option", option="view", value=view, known=", ".join(PRICING))
    table = page.ask(f"pricing-{view}", segment="", where=(), by="month")
    return page.show("pricing.html", table=page.grid(table, f"pricing-{view}"), view=view, views=VIEWS)
