"""The roll-forward: opening + movements = closing, each number opens; two policies or two moments side by side."""

from __future__ import annotations

from fastapi import APIRouter, Response

from rollforward.web.page import Filled
from rollforward.web.permission import allow

router = APIRouter()


@router.get("/roll-forward")
@allow("restricted")
def roll_forward(page: Filled) -> Response:
    """The table by period, and by segment where one is asked for; `beside` is a second as-of moment."""
    beside = page.address.get("beside")
    then = page.shown("mrr", as_of=beside) if beside else None
    return page.show(
        "rollforward.html", table=page.grid(page.shown("mrr"), "mrr"), beside=beside,
        then=page.grid(then, "mrr") if then else None,
    )  # fmt: skip
