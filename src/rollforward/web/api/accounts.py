"""Accounts: the list, searched and read page by page, and one account with all that is known of it."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi import Path as InPath
from pydantic import BaseModel

from rollforward.answers.account import Account
from rollforward.answers.listing import SORTS, STATES
from rollforward.api import Question, Table
from rollforward.errors import Misuse
from rollforward.text import N_
from rollforward.web.address import Address
from rollforward.web.api import cursors
from rollforward.web.api.answering import HEADERS, Answer, columns, linked, remarks, told_as, wants_csv
from rollforward.web.api.call import Called, digest
from rollforward.web.api.faults import repeated
from rollforward.web.api.figures import ASKED, TABLE, faults
from rollforward.web.api.parameters import FILTERS, PAGING, TEXT, Told, asking, pairs, text, word
from rollforward.web.masking import SEES, attributes_for, check_cut, masked
from rollforward.web.permission import allow

router = APIRouter(prefix="/v1", tags=["figures"])

_FILTERS = ("currency", "where", "policy", "basis", "as-of", "minor")
_BY_PERSON = ("name", "owner")

LISTED: dict[str, Told] = {
    "search": text(N_("Words that must all stand in id, name, e-mail or domain."), "acme"),
    "state": word(Literal[("", *STATES)], N_("Only accounts in this state; active has those that will end, too."), ""),
    "sort": word(
        Literal[tuple(sign + name for name in SORTS for sign in ("", "-"))],
        N_("Order: mrr, change_30, name, first_on, …; -COLUMN has the largest first."), "-mrr",
    ),
    "plan": text(N_("Only accounts that have this plan."), "pro"),
    "owner": text(N_("Only accounts of this owner."), "Kim"),
    **{name: FILTERS[name] for name in _FILTERS},
    **PAGING,
}  # fmt: skip
"""What the list can be told."""

ONE: dict[str, Told] = {name: FILTERS[name] for name in _FILTERS if name != "where"}

Listed: Any = asking("accounts", LISTED)
One: Any = asking("account", ONE)


class OneAccount(BaseModel):
    """One account. Each part is a table: its rows, its columns, remarks; what they hold is in the manual."""

    account_id: str
    asked_for: str
    day: str
    events_total: int
    store_version: int
    parts: dict[str, Answer]


@router.get(
    "/accounts", operation_id="accounts", summary=N_("Accounts as they stand now: searched, filtered, in order."),
    description=N_("A row for each currency in which an account pays. X-Total-Count says how many rows there are."),
    responses=TABLE | faults(*ASKED), response_model=None,
)  # fmt: skip
@allow("restricted")
def accounts(call: Called, told: Annotated[Listed, Query()]) -> Response:
    """The list, a page at a time."""
    repeated([n for n, _value in call.request.query_params.multi_items()], ("where",))
    said = pairs(told)
    own = {n: v for n, v in said if n in ("search", "state", "sort", "plan", "owner")}
    address, minor = _asked(said)
    sees = call.visitor.may(SEES)
    if not sees and ("owner" in own or own.get("sort", "").removeprefix("-") in _BY_PERSON):
        raise Misuse("hidden-from-you", what=own.get("sort", "owner").removeprefix("-"))
    if address.where:
        check_cut(call.know("dimensions", lambda s: s.dimensions()), "", address.where, call.visitor.role)
    everything = told.model_dump()
    limit, is_csv = int(everything["p_limit"]), wants_csv(call.request, dict(said).get("format", ""))
    version, question = call.desk.version(), digest("accounts", address, sorted(own.items()), minor)
    etag = call.etag(question, limit, everything["p_cursor"], is_csv)
    after = cursors.read_text(everything["p_cursor"], version, question)
    if call.has(etag):
        return Response(status_code=304, headers=HEADERS | {"etag": etag})
    asked = address.question() | Question(minor=minor, limit=limit)
    asked.pop("start"), asked.pop("end"), asked.pop("segment")  # a list has none
    found = call.know(
        ("v1-accounts", address, tuple(sorted(own.items())), minor, limit, after, sees),
        lambda store: store.accounts(
            own.get("search", ""), own.get("state") or None, own.get("sort") or "-mrr", after or None,
            own.get("plan") or None, own.get("owner") or None, is_blind=not sees, **asked,
        ),
    )  # fmt: skip
    table = masked(found.table, call.visitor.role)
    following = cursors.written(version, question, found.next) if found.next else None
    headers = HEADERS | {"etag": etag, "x-total-count": str(found.total)}
    if following:
        headers["link"] = linked(call.request, said, following)
    if is_csv:
        call.exported()
    return told_as(table, table.rows, following, version, is_csv, headers, "accounts")


@router.get(
    "/accounts/{account_id:path}", operation_id="account", summary=N_("All that is known of one account."),
    responses={304: TABLE[304], 200: {"model": OneAccount, "description": N_("The account, part by part.")},
               **faults(*ASKED)},
    response_model=None,
)  # fmt: skip
@allow("restricted")
def account(
    call: Called,
    account_id: Annotated[str, InPath(pattern=f"^{TEXT}$", min_length=1, max_length=300)],
    told: Annotated[One, Query()],
) -> Response:
    """Steps of MRR, items, usage, contracts, events, attributes, links, what is scheduled, what was kept."""
    said = pairs(told)
    repeated([n for n, _value in call.request.query_params.multi_items()])
    address, minor = _asked(said)
    etag = call.etag("account", account_id, address, minor)
    if call.has(etag):
        return Response(status_code=304, headers=HEADERS | {"etag": etag})
    asked = address.question() | Question(minor=minor)
    asked.pop("start"), asked.pop("end"), asked.pop("segment"), asked.pop("where")
    version = call.desk.version()
    found = call.know(("v1-account", account_id, address, minor), lambda store: store.account(account_id, **asked))
    role, dimensions = call.visitor.role, call.know("dimensions", lambda store: store.dimensions())
    tables = {f.name: t for f in fields(Account) if isinstance(t := getattr(found, f.name), Table)}
    seen = {name: masked(t, role) for name, t in tables.items()}
    seen["attributes"] = attributes_for(found.attributes, dimensions, role)
    parts = {name: _part(t, version) for name, t in seen.items()}
    head = {"account_id": found.account_id, "asked_for": found.asked_for, "day": found.day.isoformat(),
            "events_total": found.events_total, "store_version": version}  # fmt: skip
    body = (
        json.dumps(head, ensure_ascii=False)[:-1]
        + ', "parts": {'
        + ", ".join(f'"{name}": {part}' for name, part in parts.items())
        + "}}"
    )
    return Response(body, media_type="application/json", headers=HEADERS | {"etag": etag})


def _asked(said: list[tuple[str, str]]) -> tuple[Address, bool]:
    minor = any(n == "minor" for n, _value in said)
    return Address.of((n, v) for n, v in said if n in _FILTERS and n != "minor"), minor


def _part(table: Table, version: int) -> str:
    around = {"columns": columns(table), "notes": remarks(table), "next": None, "store_version": version}
    return f'{{"data": {table.to_json().rstrip()}, {json.dumps(around, ensure_ascii=False)[1:]}'
