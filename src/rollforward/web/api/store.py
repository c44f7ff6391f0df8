"""The store itself: what it holds, how fresh it is, whether it ties; and questions in SQL."""

from __future__ import annotations

import threading
from datetime import date

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from rollforward import __version__
from rollforward.api import Store
from rollforward.errors import Misuse, ServiceError
from rollforward.text import N_
from rollforward.web.address import Address
from rollforward.web.api.answering import HEADERS, Answer, told_as, wants_csv
from rollforward.web.api.call import Called
from rollforward.web.api.figures import ASKED, TABLE, faults
from rollforward.web.api.parameters import MOST, USUAL
from rollforward.web.permission import allow

router = APIRouter(prefix="/v1", tags=["store"])

SECONDS = 30
"""A query of a program is stopped after that."""

_ONE = threading.Semaphore()
"""One query at a time: pages have the other hands."""


class StoreSaid(BaseModel):
    """What a store says of itself. Days are null where it is empty; `known_to` and `complete_to` are the first days of
    which nothing, and not everything, is known. `violations` that are known: 0 = it ties."""

    version: int
    release: str
    is_empty: bool
    ties: bool
    violations: int
    reporting_currency: str
    currencies: list[str]
    first_day: date | None = None
    last_change: date | None = None
    known_to: date | None = None
    complete_to: date | None = None
    today: date | None = None


class Select(BaseModel):
    """One SELECT over the tables of docs/tables.md; money there is in minor units."""

    model_config = ConfigDict(extra="forbid")
    query: str = Field(min_length=1, max_length=20_000, examples=["select count(*) as accounts from account"])
    policy: str = Field("default", max_length=200, pattern=r"^[\w.\-]+(@[0-9]+)?(,[\w.\-]+(@[0-9]+)?)*$")
    limit: int = Field(USUAL, ge=1, le=MOST)


class Only:
    """Refuses bodies of other types than one: Misuse `other-media-type`."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted

    def __call__(self, request: Request) -> None:
        """The dependency."""
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given != self.wanted:
            raise Misuse("other-media-type", given=given or "-", wanted=self.wanted)


def no_parameters(request: Request) -> None:
    """The dependency of addresses without parameters: Misuse `unknown-parameter`."""
    for name in request.query_params:
        raise Misuse("unknown-parameter", name=name[:100], nearest="", known="-")


@router.get(
    "/store", operation_id="store", summary=N_("What the store holds, how fresh it is, whether it ties."),
    description=N_("As of now; asking costs little, so that a script can wait for a new version."),
    responses={304: TABLE[304], **faults(*ASKED)}, response_model=StoreSaid,
    dependencies=[Depends(no_parameters)],
)  # fmt: skip
@allow("restricted")
def described(call: Called) -> Response:
    """As of now; asking costs little, so that a script can wait for a new version."""
    etag = call.etag("store")
    if call.has(etag):
        return Response(status_code=304, headers=HEADERS | {"etag": etag})
    said = call.know("v1-store", _said)
    return Response(said.model_dump_json(), media_type="application/json", headers=HEADERS | {"etag": etag})


def _said(store: Store) -> StoreSaid:
    version, violations = store.version(), store.known_violations()
    said = StoreSaid(
        version=version, release=__version__, is_empty=not version, ties=not violations, violations=violations,
        reporting_currency=store.reporting_currency(), currencies=store.currencies() if version else [],
    )  # fmt: skip
    if version:
        days = store.days()
        said.first_day, said.last_change, said.today = days.first, days.last, days.today
        said.known_to, said.complete_to = days.known_to, days.complete_to
    return said


@router.post(
    "/sql", operation_id="sql", summary=N_("Rows of one SELECT over the documented tables."),
    description=N_("It changes nothing. It is stopped after 30 seconds; a note says when there were more rows."),
    responses={200: {"model": Answer, **{k: v for k, v in TABLE[200].items() if k in ("description", "content")}},
               **faults(*ASKED, 413, 415)},
    dependencies=[Depends(no_parameters), Depends(Only("application/json"))], response_model=None,
)  # fmt: skip
@allow("viewer", "export")
def select(call: Called, told: Select) -> Response:
    """It changes nothing. It is stopped after 30 seconds; a note says when there were more rows."""
    Address.of([("policy", told.policy)])  # no file of the server
    if not _ONE.acquire(timeout=SECONDS):
        raise ServiceError("busy")
    try:
        with call.store() as store:
            version = store.version()
            table = store.sql(told.query, policy=told.policy, limit=told.limit, seconds=SECONDS)
    finally:
        _ONE.release()
    call.did(query=told.query[:2000])
    return told_as(table, table.rows, None, version, wants_csv(call.request), HEADERS, "sql")
