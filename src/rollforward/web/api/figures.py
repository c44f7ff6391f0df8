"""One address for each of `QUESTIONS`: a question added there is answered, checked and described here by itself."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from rollforward.text import N_
from rollforward.web.api.answering import Answer, answered
from rollforward.web.api.call import Call, Called
from rollforward.web.api.faults import Envelope
from rollforward.web.api.parameters import model
from rollforward.web.permission import allow
from rollforward.web.questions import QUESTIONS

router = APIRouter(prefix="/v1")

SUMMARIES = {
    "mrr": N_("The roll-forward, one row a period and currency."),
    "metrics": N_("The usual metrics, one row a period and currency."),
    "expansion": N_("Expansion of movements and the drivers it adds up from."),
    "drivers": N_("Any movement and the drivers it adds up from."),
    "retention": N_("NDR, GRR and logos of the accounts that paid when each window opened."),
    "cohorts": N_("What is left, at each age, of the accounts that began in one period."),
    "bridge": N_("What moved NDR from one window to another: rate and mix of each segment."),
    "pricing-watch": N_("Pairs of plans down which more accounts go than before, with limits of what is usual."),
    "pricing-rerated": N_("What accounts pay, against the cheapest plan that would have done for their use."),
    "bridge-accounts": N_("What each account gave to the difference of NDR between two windows, the largest first."),
    "bridge-concentration": N_("NDR of two windows without the accounts that moved it most."),
    "explain": N_(
        "What lies behind one cell: accounts, movements, ledger rows, rows of your files; they add up to it."
    ),
    "restatements": N_("Where closed periods differ from what is known now, with the cause of each difference."),
    "dimensions": N_("What segment and where can name."),
    "imports": N_("Every import and what took it back, oldest first."),
    "problems": N_("Rows of files that were refused, or accepted with a remark."),
    "policies": N_("Policies under which can be counted."),
    "closings": N_("Every close and reopen, oldest first."),
    "signals": N_("Every reason to talk to an account now, with its evidence and a sentence of it."),
    "headroom": N_("How much MRR each account could still add, and by what."),
    "headroom-steps": N_("The single steps that would raise MRR: which plan, in what quantity."),
    "headroom-total": N_("All headroom, and the share of MRR with nowhere to go."),
    "cross-sell": N_("What accounts like each one add next, of what it lacks, with support, share, lift and limits."),
    "commission": N_("A preview of commission on expansion that lasts, one row an expansion."),
    "commission-owners": N_("The same preview by owner and currency."),
    "goals": N_("Every goal that stands, its figure so far, pace and naive forecast."),
    "renewals": N_("What comes up for renewal: value, use, history, signals, a step with its reason, and the calls."),
    "renewal-calendar": N_("Renewals by the month in which they end, and what each voice expects."),
    "renewals-past": N_("What was due, its outcome, and the calls that stood on the day before."),
    "renewal-rate": N_("The share of renewals kept by period, by number and by money, with intervals."),
    "renewal-scores": N_("How right the calls of the rules, of owners and of leaders were."),
    "quote": N_("What a change would cost an account to the day, at the next bill, and in MRR by driver."),
    "quotes": N_("Quotes, what became of them, and the movement that came."),
    "value": N_("What an account's own use is worth to it, by the store's unit values."),
    "contact-days": N_("By channel, from which day on an account may be offered something, and why not before."),
    "signal-kinds": N_("How many accounts show each signal, and their MRR."),
}

FAULTS = {
    400: N_("The question cannot be answered as asked."),
    401: N_("The token is missing or not valid."),
    403: N_("The token's role may not do that, or does not see it."),
    404: N_("What is named does not exist."),
    405: N_("The address does not take this method."),
    409: N_("What is asked contradicts what the store holds now."),
    413: N_("The body is too large."),
    415: N_("The body is of another type than it has to be."),
    422: N_("A parameter is unknown, missing, or not as described."),
    429: N_("Too many requests; Retry-After says when to come again."),
    500: N_("A fault of the program; the server's log has the request_id."),
    503: N_("Everybody is busy; come again in a moment."),
}
"""Status → when it is given."""

ASKED = (400, 401, 403, 404, 409, 422, 429, 500, 503)


def faults(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of an address, as the description has them."""
    return {status: {"model": Envelope, "description": FAULTS[status]} for status in statuses}


def _headers(*names: str) -> dict[str, Any]:
    told = {
        "ETag": N_("A mark of this answer, for If-None-Match."),
        "Link": N_("The address of the next rows, if any."),
    }
    return {"headers": {n: {"description": told[n], "schema": {"type": "string"}} for n in names}}


TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Answer,
        "description": N_("The rows asked for."),
        "content": {"text/csv": {"schema": {"type": "string"}, "example": "period,currency,opening\n"}},
        **_headers("ETag", "Link"),
    },
    304: {"description": N_("It is the answer that If-None-Match names."), **_headers("ETag")},
}


def _endpoint(name: str) -> Callable[..., Response]:
    def answer(call: Call, told: BaseModel) -> Response:
        return answered(call, name, told)

    answer.__name__ = name
    answer.__doc__ = None
    # FastAPI reads the parameters off the signature
    answer.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter("call", Parameter.KEYWORD_ONLY, annotation=Called),
            Parameter("told", Parameter.KEYWORD_ONLY, annotation=Annotated[model(name), Query()]),
        ]
    )
    return allow("restricted")(answer)


for _name in QUESTIONS:
    router.add_api_route(
        f"/{_name}", _endpoint(_name), methods=["GET"], tags=["figures"], operation_id=_name,
        summary=SUMMARIES.get(_name, _name), responses=TABLE | faults(*ASKED), response_model=None,
    )  # fmt: skip
