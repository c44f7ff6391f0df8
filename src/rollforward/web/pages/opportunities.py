"""Opportunities and offers: whom to talk to about what, when it may be, and how accounts respond."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Response, UploadFile

from rollforward.api import Table
from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.state import CLOSED, STAGES
from rollforward.web.masking import SEES, coded_only, masked
from rollforward.web.page import Any_, Filled, Page
from rollforward.web.pages.access import to
from rollforward.web.pages.accounts import address_of, quote_address
from rollforward.web.permission import allow

router = APIRouter()

SHOWN = 50
"""Rows on a page of the list; of a column of the board a fifth."""

KINDS = ("upsell", "cross-sell", "add-on", "seats", "save")
CHANNELS = ("email", "call", "meeting")
CSV_BYTES = 4 * 1024**2

HANDED = ("handed_at", "from_owner", "to_owner", "comment")
MADE = ("offered_at", "channel", "person", "outcome")
"""Columns of what belongs to one opportunity."""

Text = Annotated[str, Form(max_length=500)]


@router.get("/opportunities")
@allow("restricted")
def opportunities(page: Filled) -> Response:
    """The list, or the board by stage; of one `stage`, `kind` or `owner`."""
    told, is_board = _listed(page), bool(page.address.get("board"))
    number = page.number()
    records = told.to_dicts()
    columns = [
        (stage, len(of), of[: SHOWN // 5])
        for stage in STAGES
        if (of := [r for r in records if r["stage"] == stage]) or stage not in CLOSED
    ]
    rows = records[(number - 1) * SHOWN : number * SHOWN]
    undo = page.address.get("undo")
    return page.show(
        "opportunities.html", rows=rows, total=len(records), number=number, more=number * SHOWN < len(records),
        columns=columns, is_board=is_board, never=any(n.code == "never-refreshed" for n in told.notes),
        stages=STAGES, kinds=KINDS, channels=CHANNELS, remarks=page.grid(told),
        done=page.address.get("done"), undo=int(undo) if is_whole(undo) else 0, was=page.address.get("was"),
        to_account=lambda name: address_of(page, name, show="signals"), conflicts=_conflicts(page),
        to_quote=lambda name, plan: quote_address(page, name, plan=plan),
    )  # fmt: skip


@router.get("/opportunities.{kind}")
@allow("restricted", "export")
def download(page: Filled, kind: Literal["csv", "json"]) -> Response:
    """The list as a file, with the headings by which it can be read again."""
    table = _listed(page)
    body, media = (
        (table.to_json(), "application/json") if kind == "json" else (table.to_csv(), "text/csv; charset=utf-8")
    )
    named = {"content-disposition": f'attachment; filename="opportunities.{kind}"'}
    return Response(body, media_type=media, headers=named)


@router.get("/offers")
@allow("restricted")
def offers(page: Filled) -> Response:
    """The contact budget, how accounts respond to the first, second, … offer, and what became of notices."""
    with page.store() as store:
        fatigue, funnel, made, rules = store.fatigue(), store.notice_funnel(), store.offers(), store.acting_rules()
    made.rows = made.rows[:SHOWN]
    return page.show(
        "offers.html", budget=rules.budget, owners=rules.owners if page.visitor.may(SEES) else (),
        hand_over=rules.hand_over, fatigue=page.grid(fatigue, "fatigue"),
        funnel=page.grid(funnel, "notice_funnel"), made=page.grid(masked(made, page.visitor.role), "offers"),
        rules=page.settings.acting_rules if page.visitor.may("admin") else "", done=page.address.get("done"),
    )  # fmt: skip


@router.get("/opportunities/{number:number}")
@allow("restricted")
def opportunity(page: Filled, number: int) -> Response:
    """One: its reasons, who had it, and what was offered."""
    account = page.desk.state.opportunities.get(number).account_id
    with page.store() as store:
        told, handed, made = store.opportunities(account, is_all=True), store.handovers(number), store.offers()
    role = page.visitor.role
    records = coded_only(masked(told, role), "outcome", role).to_dicts()
    made.notes = []
    made.rows = [row for row in made.rows if row[made.columns.index("opportunity")] == number]
    return page.show(
        "opportunity.html", r=next(r for r in records if r["opportunity"] == number),
        handed=page.grid(masked(handed, role), "handovers", columns=HANDED),
        made=page.grid(masked(made, role), "offers", columns=MADE),
        to_account=address_of(page, account, show="signals"),
    )  # fmt: skip


@router.post("/opportunities/refresh")
@allow("analyst", "opportunity.refresh")
def refresh(page: Any_) -> Response:
    """Opens what signals call for and closes what is over."""
    with page.store() as store:
        store.refresh_opportunities(page.visitor.actor)
    return _back(page, done="refresh")


@router.post("/opportunities/{number:number}/offer")
@allow("analyst", "opportunity.offer")
def offer(page: Any_, number: int, channel: Text = "email") -> Response:
    """Writes down that it is offered now, if the budget allows it."""
    with page.store() as store:
        store.offer(page.visitor.actor, number, channel)
    return _back(page, done="offer")


@router.post("/opportunities/{number:number}/stage")
@allow("analyst", "opportunity.stage")
def stage(page: Any_, number: int, stage: Text, outcome: Text = "") -> Response:
    """Moves it; where to go back is offered."""
    kept = page.desk.state.opportunities
    was = kept.get(number).stage
    kept.move(page.visitor.actor, number, stage, outcome)
    return _back(page, done="stage", undo=number, was=was)


@router.post("/opportunities/{number:number}/owner")
@allow("analyst", "opportunity.owner")
def owner(page: Any_, number: int, owner: Text, why: Text = "") -> Response:
    """Hands it over."""
    page.desk.state.opportunities.hand_over(page.visitor.actor, number, owner, why)
    return _back(page, done="owner")


@router.post("/opportunities/read")
@allow("analyst", "opportunity.stage", body=CSV_BYTES)
def read(page: Any_, file: UploadFile) -> Response:
    """Takes stages, outcomes and owners from a CSV file."""
    try:
        told = file.file.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Misuse("bad-opportunities", line=1) from error
    with page.store() as store:
        store.read_opportunities(told, page.visitor.actor)
    return _back(page, done="read")


@router.post("/offers/rules")
@allow("admin", "settings")
def rules(page: Any_, rules: Annotated[str, Form(max_length=50_000)] = "") -> Response:
    """Keeps the contact budget and owners for everybody."""
    with page.store() as store:
        store.keep_acting_rules(rules.replace("\r\n", "\n").strip(), page.visitor.actor)
    return to("/offers?done=rules")


def _back(page: Page, done: str, undo: object = "", was: str = "") -> Response:
    """To the list as it was, with what was done."""
    return to(page.address.to("/opportunities", done=done, undo=undo, was=was))


def _listed(page: Page) -> Table:
    asked = {name: page.address.get(name) for name in ("stage", "kind", "account")}
    owner = page.address.get("owner") or None
    if owner and not page.visitor.may(SEES):
        raise Misuse("hidden-from-you", what="owner")
    with page.store() as store:
        table = store.opportunities(**asked, owner=owner, is_all=bool(page.address.get("all")))
    return coded_only(masked(table, page.visitor.role), "outcome", page.visitor.role)


def _conflicts(page: Page) -> list[dict[str, Any]]:
    if not page.visitor.may(SEES):
        return []
    with page.store() as store:
        return store.conflicts().to_dicts()[:SHOWN]
