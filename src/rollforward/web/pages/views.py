"""Saved views: an address under a name, one's own or everybody's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from rollforward.errors import Misuse
from rollforward.state import NOBODY, SavedView
from rollforward.web.page import Any_, Page
from rollforward.web.pages.access import to, within
from rollforward.web.permission import allow

router = APIRouter()

Text = Annotated[str, Form()]

SHARES = "analyst"
"""The least role that saves, renames and deletes what everybody has."""


@router.get("/views")
@allow("restricted")
def views(page: Any_) -> Response:
    """The views that the visitor has, to be opened, renamed and deleted."""
    return _shown(page)


@router.post("/views")
@allow("restricted", "view.add")
def save(page: Any_, name: Text = "", address: Text = "", shared: Text = "") -> Response:
    """Keeps an address of the application under a name, and leads back to it."""
    if within(address) != address:
        raise Misuse("not-an-address", value=address[:80])
    page.desk.state.views.save(page.visitor.actor, name, address, _owner(page, shared == "1"))
    return to(address)


@router.post("/views/rename")
@allow("restricted", "view.rename")
def rename(page: Any_, view: Annotated[int, Form()] = 0, name: Text = "", shared: Text = "") -> Response:
    """Another name for a view."""
    page.desk.state.views.rename(page.visitor.actor, view, name, _owner(page, shared == "1"))
    return to("/views")


@router.post("/views/delete")
@allow("restricted", "view.delete")
def delete(page: Any_, view: Annotated[int, Form()] = 0, shared: Text = "") -> Response:
    """Takes a view away; the page that answers offers to have it back."""
    gone = page.desk.state.views.remove(page.visitor.actor, view, _owner(page, shared == "1"))
    return _shown(page, gone=gone)


def _owner(page: Page, is_shared: bool) -> int:
    """Whose the view is. Misuse `not-allowed` for everybody's, unless the visitor may share."""
    if not is_shared or page.visitor.user_id == NOBODY:
        return page.visitor.user_id
    if not page.visitor.may(SHARES):
        raise Misuse("not-allowed", role=SHARES)
    return NOBODY


def _shown(page: Page, gone: SavedView | None = None) -> Response:
    told: dict[str, Any] = {"gone": gone, "may_share": page.visitor.may(SHARES)}
    return page.show("views.html", **told)
