"""Care and voice: who looks after accounts, how they begin, what they say, how much they use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.errors import Misuse
from rollforward.text import N_
from rollforward.web.growing import VOICE
from rollforward.web.page import Filled, Page
from rollforward.web.permission import allow

router = APIRouter()

_COVERAGE = N_(
    "A touch is an event of that kind: a call, a meeting, a letter. An account without an owner has an empty name."
)
_MILESTONES = N_("From the first MRR. Who leaves before is counted as left, not as late.")
_LANDMARK = N_(
    "Only accounts that still pay on that day are in either group. The groups may differ in more than the milestone."
)
_THEMES = N_("Each account counts once. What goes together need not be a cause: accounts that write also use more.")
_ADOPTION = N_("Features used lately; accounts without use are not among them.")
_COMMUNITY = N_(
    "Accounts that took part before a fixed day, 180 days ago, beside the likest that did not. Nothing here says that "
    "taking part brings anything about."
)
VIEWS = {
    "coverage": (N_("Owners and touches"), _COVERAGE),
    "milestones": (N_("Time to value"), _MILESTONES),
    "landmark": (N_("Who stays"), _LANDMARK),
    "themes": (N_("Themes"), _THEMES),
    "adoption": (N_("Features used"), _ADOPTION),
    "community": (N_("Community"), _COMMUNITY),
}


@router.get("/voice")
@allow("restricted")
def voice(page: Filled) -> Response:
    """Own parameters: `view`, and `landmark` in days."""
    view = page.address.get("view") or "coverage"
    if view not in VIEWS:
        raise Misuse("unknown-option", option="view", value=view, known=", ".join(VOICE))
    landmark = page.address.get("landmark") or "30"
    plain: dict[str, Any] = {"segment": "", "where": (), "by": "month", "start": "", "end": ""}
    table = page.ask(f"voice-{view}", {"landmark": landmark}, **plain)
    alike = page.ask("voice-alike", **plain) if view == "community" and table.rows else None
    return page.show(
        "voice.html", table=page.grid(table, f"voice-{view}", _opener(page)), view=view, views=VIEWS, landmark=landmark,
        alike=page.grid(Table(alike.columns, alike.rows), "voice-alike") if alike else None,
    )  # fmt: skip


def _opener(page: Page) -> Any:
    """An owner opens as the list of the accounts that are his."""

    def opens(record: Mapping[str, Any], column: str) -> str:
        owner = record.get("account_owner")
        return page.address.page("/accounts", owner=owner) if column == "accounts" and owner else ""

    return opens
