"""Quotes for programs: kept, approved, sent, answered; what one would cost is the question `quote`."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from rollforward.money import to_major
from rollforward.state import Quote
from rollforward.text import N_
from rollforward.web.api.answering import HEADERS
from rollforward.web.api.call import Called
from rollforward.web.api.changing import JSON
from rollforward.web.api.figures import ASKED, faults
from rollforward.web.api.parameters import DAY, TEXT, TIME
from rollforward.web.permission import allow

router = APIRouter(prefix="/v1", tags=["changes"])

Number = Annotated[int, InPath(ge=1, le=2**53 - 1, description=N_("Number of the quote."))]
Name = Annotated[str, Field(pattern=f"^{TEXT}$", max_length=200)]


class Terms(BaseModel):
    """Whom and what to quote, as in the question `quote`; `version_of`: a quote of which it is another version."""

    model_config = ConfigDict(extra="forbid")
    account: str = Field(pattern=f"^{TEXT}$", min_length=1, max_length=300, examples=["acme"])
    plan: str = Field("", pattern=f"^{TEXT}$", max_length=200, examples=["team"])
    seats: int = Field(0, ge=0, le=10**9)
    add_ons: list[Name] = Field([], max_length=20, examples=[["backup=2"]])
    discount: float = Field(0, ge=0, lt=100, description=N_("Discount on what changes, in percent."))
    months: int = Field(0, ge=0, le=120)
    on: str = Field("", pattern=f"^({DAY})?$", examples=["2026-07-05"])
    valid_days: int = Field(0, ge=0, le=3650)
    version_of: int = Field(0, ge=0, le=2**53 - 1)
    opportunity: int = Field(0, ge=0, le=2**53 - 1)
    asked: str = Field("", pattern=f"^({TIME})?$", examples=["2026-07-01T09:00"])


class Sending(BaseModel):
    """In which channel it is sent."""

    model_config = ConfigDict(extra="forbid")
    channel: str = Field("email", min_length=1, max_length=64, pattern=r"^[\w\-]+$", examples=["email"])


class Kept(BaseModel):
    """The quote after the change; money in major units of `currency`, as text."""

    quote: int
    version: int
    account_id: str
    status: str
    currency: str
    mrr_change: str
    due_now: str | None
    valid_until: date


_KEPT: dict[int | str, dict[str, Any]] = {200: {"model": Kept, "description": N_("It was done.")}}


@router.post(
    "/quotes/save", operation_id="save_quote", summary=N_("Keep a quote, or another version of one."),
    description=N_("It is kept as it is told now."), responses=_KEPT | faults(*ASKED, 413, 415), dependencies=JSON,
    response_model=None,
)  # fmt: skip
@allow("analyst", "quote.save")
def save(call: Called, told: Terms) -> Response:
    """It is kept as it is told now."""
    with call.store() as store:
        made = store.save_quote(
            call.visitor.actor, told.account, told.plan, told.seats, told.add_ons,
            Decimal(str(told.discount)) / 100, told.months, told.on, told.valid_days, number=told.version_of,
            asked_at=told.asked, opportunity=told.opportunity,
        )  # fmt: skip
    return _kept(made)


@router.post(
    "/quotes/{number}/approve", operation_id="approve_quote", summary=N_("Approve the discount of a quote."),
    description=N_("Of its last version; another version needs its own."), responses=_KEPT | faults(*ASKED),
    dependencies=JSON[:1], response_model=None,
)  # fmt: skip
@allow("admin", "quote.approved")
def approve(call: Called, number: Number) -> Response:
    """Of its last version."""
    with call.store() as store:
        return _kept(store.approve_quote(call.visitor.actor, number))


@router.post(
    "/quotes/{number}/send", operation_id="send_quote", summary=N_("Write down that a quote is sent now."),
    description=N_("Refused with over-budget, a reason and the next day where the contact budget does not allow it."),
    responses=_KEPT | faults(*ASKED, 413, 415), dependencies=JSON, response_model=None,
)  # fmt: skip
@allow("analyst", "quote.sent")
def send(call: Called, number: Number, told: Sending) -> Response:
    """Refused where the contact budget does not allow it."""
    with call.store() as store:
        return _kept(store.send_quote(call.visitor.actor, number, told.channel))


@router.post(
    "/quotes/{number}/{step}", operation_id="answer_quote", summary=N_("Note what became of a quote."),
    description=N_("An answer moves its opportunity; a no cools the account down."), responses=_KEPT | faults(*ASKED),
    dependencies=JSON[:1], response_model=None,
)  # fmt: skip
@allow("analyst", "quote.answer")
def answer(call: Called, number: Number, step: Literal["accepted", "declined", "withdrawn"]) -> Response:
    """An answer moves its opportunity."""
    with call.store() as store:
        return _kept(store.answer_quote(call.visitor.actor, number, step))


def _kept(made: Quote) -> Response:
    told = {
        "quote": made.number, "version": made.version, "account_id": made.account_id, "status": made.status,
        "currency": made.currency, "mrr_change": str(to_major(made.change, made.currency)),
        "due_now": None if made.due is None else str(to_major(made.due, made.currency)),
        "valid_until": made.valid_until.isoformat(),
    }  # fmt: skip
    return Response(json.dumps(told, ensure_ascii=False), media_type="application/json", headers=HEADERS)
