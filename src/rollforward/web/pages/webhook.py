"""The webhook: where events of opportunities are sent, and what became of each."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from rollforward.web.page import Any_, Filled, Page
from rollforward.web.pages.access import to
from rollforward.web.permission import allow

router = APIRouter()

SHOWN = 200
"""Deliveries on the page, the latest."""


@router.get("/opportunities/webhook")
@allow("analyst")
def webhook(page: Filled) -> Response:
    """Where to, as far as anybody may see it, and the latest deliveries."""
    return _shown(page)


@router.post("/opportunities/webhook/set")
@allow("admin", "webhook.set")
def set_(
    page: Any_, address: Annotated[str, Form(max_length=2_000)], private: Annotated[str, Form(max_length=1)] = ""
) -> Response:
    """Another address; the secret is on this one page only."""
    return _shown(page, page.desk.state.webhooks.set(page.visitor.actor, address, private == "1"))


@router.post("/opportunities/webhook/remove")
@allow("admin", "webhook.set")
def remove(page: Any_) -> Response:
    """Sends nothing any more."""
    page.desk.state.webhooks.remove(page.visitor.actor)
    return to("/opportunities/webhook?done=remove")


@router.post("/opportunities/webhook/again")
@allow("analyst", "webhook.again")
def again(page: Any_, number: Annotated[int, Form(ge=1, le=2**53)]) -> Response:
    """Sends one once more."""
    page.desk.state.webhooks.again(page.visitor.actor, number)
    return to("/opportunities/webhook?done=again")


def _shown(page: Page, secret: str = "") -> Response:
    with page.store() as store:
        told = store.deliveries(limit=SHOWN)

    def opens(record: Any, column: str) -> str:
        return page.address.page(f"/opportunities/{record['opportunity']}") if column == "opportunity" else ""

    return page.show(
        "webhook.html", hook=page.desk.state.webhooks.get(), secret=secret, done=page.address.get("done"),
        told=page.grid(told, "deliveries", opens),
        ready=[r for r in told.to_dicts() if r["delivered"] in ("given_up", "arrived")],
    )  # fmt: skip
