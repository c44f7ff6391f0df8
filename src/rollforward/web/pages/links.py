"""Accounts that are one: links that hold, and pairs that look like one, each with its evidence."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Form, Response

from rollforward.api import Store
from rollforward.text import N_, _
from rollforward.web.page import Any_, Filled
from rollforward.web.permission import allow
from rollforward.web.waiting import Later, answer, change

router = APIRouter()

EVIDENCE = {
    "same_email": N_("same e-mail"),
    "same_name": N_("same name"),
    "similar_name": N_("similar name"),
    "same_domain": N_("same e-mail domain"),
    "handover": N_("one ends as the other begins"),
}


@router.get("/data/links")
@allow("viewer")
def links(page: Filled) -> Response:
    """Links that hold and proposals."""

    def work(store: Store, progress: Any) -> Any:
        return store.links(), store.link_proposals()

    try:
        held, found = answer(page, _("Looking for accounts that are one"), work, "/data")
    except Later as later:
        return later.response
    return page.show(
        "data_links.html", held=held.to_dicts(), found=found.to_dicts(), notes=page.grid(found).notes,
        evidence=EVIDENCE, done=page.address.get("done"),
    )  # fmt: skip


@router.post("/data/links")
@allow("analyst", "link")
def link(
    page: Any_, from_id: str = Form(), to_id: str = Form(), kind: str = Form("same"), on: str = Form("")
) -> Response:
    """Lets one account go on as another."""
    page.visitor.did(f"{from_id} → {to_id}", kind=kind, on=on)
    title = _("Linking {source} and {target}").format(source=from_id, target=to_id)
    return change(
        page, title, lambda store, progress: store.link(from_id.strip(), to_id.strip(), kind, on or None),
        "/data/links?done=link", "/data/links",
    )  # fmt: skip


@router.post("/data/links/undo")
@allow("analyst", "unlink")
def unlink(page: Any_, from_id: str = Form(), to_id: str = Form()) -> Response:
    """Takes a link back."""
    page.visitor.did(f"{from_id} → {to_id}")
    title = _("Unlinking {source} and {target}").format(source=from_id, target=to_id)
    return change(
        page, title, lambda store, progress: store.unlink(from_id, to_id), "/data/links?done=unlink", "/data/links"
    )
