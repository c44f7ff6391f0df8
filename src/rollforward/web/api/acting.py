"""Opportunities, offers and in-app notices for programs: what may be said to whom, and what became of it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from rollforward import text
from rollforward.answers import restraint
from rollforward.state import NEVER, NOTICE, STAGES, STEPS, Limits, may
from rollforward.state.opportunities import KINDS
from rollforward.text import N_
from rollforward.text.words import CODED
from rollforward.web.api.answering import HEADERS, told_as, wants_csv
from rollforward.web.api.call import Call, Called
from rollforward.web.api.changing import JSON
from rollforward.web.api.faults import repeated
from rollforward.web.api.figures import ASKED, TABLE, faults
from rollforward.web.api.parameters import MOST, TEXT, Flag, Told, asking, pairs, word
from rollforward.web.api.parameters import text as text_of
from rollforward.web.masking import HIDDEN, SEES, coded_only, masked, masked_record
from rollforward.web.permission import allow

router = APIRouter(prefix="/v1", tags=["changes"])

LISTED: dict[str, Told] = {
    "account": text_of(N_("Only this account."), "acme"),
    "stage": word(Literal[("", *STAGES)], N_("Only those in this stage."), ""),
    "kind": word(Literal[("", *KINDS)], N_("Only those of this kind."), ""),
    "all": (Flag, Field(False, description=N_("Also closed ones."))),
}
"""What the list can be told."""

Listed: Any = asking("opportunities", LISTED)

TITLES = {
    "upsell": N_("You are close to what your plan includes."),
    "seats": N_("Nearly all of your seats are in use."),
    "cross-sell": N_("Others like you also use {offered}."),
    "add-on": N_("Others like you also use {offered}."),
}
"""What a notice says, by kind of opportunity."""

Number = Annotated[int, InPath(ge=1, le=2**53 - 1, description=N_("Number of the opportunity."))]
Account = Annotated[str, InPath(pattern=f"^{TEXT}$", min_length=1, max_length=300)]


class Given(BaseModel):
    """The opportunity after the change; money in minor units of `currency`."""

    opportunity_id: int
    account_id: str
    kind: str
    stage: str
    outcome: str
    currency: str
    gain: int
    due_on: date


class Counted(BaseModel):
    """How many were opened, and how many closed as what."""

    opened: int
    won: int
    lost: int
    expired: int


class Offer(BaseModel):
    """In which channel it is offered."""

    model_config = ConfigDict(extra="forbid")
    channel: str = Field("email", min_length=1, max_length=64, pattern=r"^[\w\-]+$", examples=["email"])


class Move(BaseModel):
    """The stage that it is in from now on, and why."""

    model_config = ConfigDict(extra="forbid")
    stage: Literal["open", "contacted", "quoted", "won", "lost", "expired"]
    outcome: str = Field("", max_length=500, examples=["budget cut"])


class HandOver(BaseModel):
    """To whom it goes, and why."""

    model_config = ConfigDict(extra="forbid")
    owner: str = Field(min_length=1, max_length=64, examples=["kim"])
    why: str = Field("", max_length=500, examples=["knows them"])


class Handed(BaseModel):
    """When it went from whom to whom, and why."""

    handed_at: datetime
    from_owner: str
    to_owner: str
    comment: str


class One(Given):
    """The opportunity with its evidence and its hand-overs, the latest first; probability null: not known."""

    offered: str
    owner: str
    probability: float | None
    signals: str
    reasons_en: str
    reasons_th: str
    opened_at: datetime
    closed_at: datetime | None
    handovers: list[Handed]


class Showing(BaseModel):
    """The opportunity that the notice was about."""

    model_config = ConfigDict(extra="forbid")
    opportunity: int = Field(ge=1, le=2**53 - 1, examples=[1])


class Prompt(BaseModel):
    """What may be shown: its number, what is offered, a title and the evidence, in the language of Accept-Language."""

    opportunity: int
    kind: str
    offered: str
    title: str
    evidence: str


class NoticeSaid(BaseModel):
    """The one notice that may be shown now; null with a `reason` (nothing, budget, cool_down, at_risk, save,
    owner_busy, hold_out, not_refreshed), and the day from which on one may be, where it is known."""

    notice: Prompt | None
    reason: str
    next_on: date | None


_GIVEN: dict[int | str, dict[str, Any]] = {200: {"model": Given, "description": N_("It was done.")}}


@router.get(
    "/opportunities", operation_id="opportunities",
    summary=N_("Whom to talk to about what, and whether it may be now."),
    description=N_("Those that weigh most first; at most 10,000 rows."), responses=TABLE | faults(*ASKED),
    response_model=None,
)  # fmt: skip
@allow("restricted")
def opportunities(call: Called, told: Annotated[Listed, Query()]) -> Response:
    """The list."""
    repeated([n for n, _value in call.request.query_params.multi_items()])
    said = dict(pairs(told))
    with call.store() as store:
        table = store.opportunities(
            said.get("account", ""), said.get("stage", ""), None, said.get("kind", ""), is_all="all" in said
        )
        version = store.version()
    role, is_csv = call.visitor.role, wants_csv(call.request)
    table = coded_only(masked(table, role), "outcome", role)
    if is_csv:
        call.exported()
    return told_as(table, table.rows[:MOST], None, version, is_csv, HEADERS, "opportunities")


@router.post(
    "/opportunities/refresh", operation_id="refresh_opportunities",
    summary=N_("Open what signals call for, and close what moved, is over or stands no longer."),
    description=N_("Doing it again changes nothing."),
    responses={200: {"model": Counted, "description": N_("It was done.")}, **faults(*ASKED)},
    dependencies=JSON[:1], response_model=None,
)  # fmt: skip
@allow("analyst", "opportunity.refresh")
def refresh(call: Called) -> Response:
    """Doing it again changes nothing."""
    with call.store() as store:
        return _told(store.refresh_opportunities(call.visitor.actor))


@router.get(
    "/opportunities/{number:number}", operation_id="opportunity", summary=N_("One opportunity, and who had it."),
    responses={200: {"model": One, "description": N_("The opportunity.")}, **faults(*ASKED)},
    response_model=None,
)  # fmt: skip
@allow("restricted")
def opportunity(call: Called, number: Number) -> Response:
    """One, without names for who may see none."""
    kept, role = call.desk.state.opportunities.get(number), call.visitor.role
    told = masked_record({name: getattr(kept, name) for name in One.model_fields if name != "handovers"}, role)
    if not may(role, SEES) and told["outcome"] and told["outcome"] not in CODED["outcome"]:
        told["outcome"] = HIDDEN
    with call.store() as store:
        handed = masked(store.handovers(number), role).to_dicts()
    told["handovers"] = [{name: record[name] for name in Handed.model_fields} for record in handed]
    return _told(told)


@router.post(
    "/opportunities/{number}/owner", operation_id="hand_over", summary=N_("Hand an opportunity over."),
    description=N_("From whom, when and why is kept."),
    responses=_GIVEN | faults(*ASKED, 413, 415), dependencies=JSON, response_model=None,
)  # fmt: skip
@allow("analyst", "opportunity.owner")
def hand_over(call: Called, number: Number, told: HandOver) -> Response:
    """From whom, when and why is kept."""
    call.desk.state.opportunities.hand_over(call.visitor.actor, number, told.owner, told.why)
    return _given(call, number)


@router.post(
    "/opportunities/{number}/offer", operation_id="offer", summary=N_("Write down that an opportunity is offered now."),
    description=N_("Refused with over-budget, a reason and the next day where the contact budget does not allow it."),
    responses=_GIVEN | faults(*ASKED, 413, 415), dependencies=JSON, response_model=None,
)  # fmt: skip
@allow("analyst", "opportunity.offer")
def offer(call: Called, number: Number, told: Offer) -> Response:
    """Refused where the contact budget does not allow it."""
    with call.store() as store:
        store.offer(call.visitor.actor, number, told.channel)
    return _given(call, number)


@router.post(
    "/opportunities/{number}/stage", operation_id="move_opportunity",
    summary=N_("Move an opportunity to another stage."),
    description=N_("A closed one is opened again by moving it back."),
    responses=_GIVEN | faults(*ASKED, 413, 415), dependencies=JSON, response_model=None,
)  # fmt: skip
@allow("analyst", "opportunity.stage")
def stage(call: Called, number: Number, told: Move) -> Response:
    """A closed one is opened again by moving it back."""
    call.desk.state.opportunities.move(call.visitor.actor, number, told.stage, told.outcome)
    return _given(call, number)


@router.get(
    "/accounts/{account_id:path}/notice", operation_id="notice",
    summary=N_("The one notice that may be shown to an account in your application now, or none and why."),
    description=N_("It tells evidence only, and stays within the contact budget. A token of the role notice may ask."),
    responses={200: {"model": NoticeSaid, "description": N_("The notice, or none.")}, **faults(*ASKED)},
    dependencies=JSON[:1], response_model=None,
)  # fmt: skip
@allow(NOTICE)
def notice(call: Called, account_id: Account) -> Response:
    """Reads no fact, so that it answers at once."""
    state = call.desk.state
    found, may = state.notices.eligible(account_id, _limits(call), call.desk.version())
    prompt = None
    if found is not None:
        title = text.fill(TITLES[found.kind], {"offered": found.offered})
        evidence = found.reasons_th if text.language() == "th" else found.reasons_en
        prompt = {"opportunity": found.opportunity_id, "kind": found.kind, "offered": found.offered, "title": title,
                  "evidence": evidence}  # fmt: skip
    return _told({"notice": prompt, "reason": may.reason, "next_on": None if may.next_on == NEVER else may.next_on})


@router.post(
    "/accounts/{account_id:path}/notice/{step}", operation_id="notice_step",
    summary=N_("Record that a notice was shown, clicked, dismissed, or led to an upgrade."),
    description=N_("The first time it is shown is an offer and counts; dismissed is a no, upgraded a yes."),
    responses={200: {"model": NoticeSaid, "description": N_("It was recorded.")}, **faults(*ASKED, 413, 415)},
    dependencies=JSON, response_model=None,
)  # fmt: skip
@allow(NOTICE, "notice")
def record(
    call: Called, account_id: Account, step: Literal["shown", "clicked", "dismissed", "upgraded"], told: Showing
) -> Response:
    """The first time it is shown is an offer and counts; dismissed is a no, upgraded a yes."""
    assert step in STEPS
    call.desk.state.notices.record(call.visitor.actor, account_id, told.opportunity, step, _limits(call))
    return _told({"notice": None, "reason": step, "next_on": None})


def _limits(call: Call) -> Limits:
    return restraint.parsed(call.desk.state.settings.store().acting_rules).budget


def _given(call: Call, number: int) -> Response:
    kept = call.desk.state.opportunities.get(number)
    return _told({name: getattr(kept, name) for name in Given.model_fields})


def _told(value: object) -> Response:
    body = json.dumps(
        value, ensure_ascii=False, default=lambda v: v.isoformat() if isinstance(v, date | datetime) else v
    )
    return Response(body, media_type="application/json", headers=HEADERS)
