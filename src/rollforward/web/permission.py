"""What a route needs, said where the route is: `@allow("analyst", "import")`. `guard` enforces it, and nobody else.

@router.get("/data")
@allow("viewer")
@router.get("/tables/{name}.csv")
@allow("viewer", "export")          an export: a row of the audit log
@router.post("/data/import")
@allow("analyst", "import", body=UPLOAD)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from re import Pattern
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.convertors import IntegerConvertor, register_url_convertor

from rollforward.state import NOTICE, ROLES, may


class _Number(IntegerConvertor):
    """`{number:number}` of a path: a longer one names nothing, and Python makes no number of 4,300 digits or more."""

    regex = "[0-9]{1,20}"


register_url_convertor("number", _Number())

EVERYBODY = "everybody"
"""In place of a role: also who is not logged in."""

FORM = 256 * 1024
"""Bytes of a request's body, unless its route says otherwise."""

UPLOAD = 2 * 1024**3
"""Bytes of a request that carries files."""

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
"""Methods that change nothing."""

_OF_ANALYSTS = (
    "import",
    "upload",
    "mapping",
    "link",
    "unlink",
    "close",
    "policy",
    "note.add",
    "note.delete",
    "note.restore",
    "renewal.call",
    "renewal.keep",
    "goal.set",
    "quote.save",
    "quote.sent",
    "quote.answer",
    "goal.remove",
    "opportunity.refresh",
    "opportunity.offer",
    "opportunity.stage",
    "opportunity.owner",
    "webhook.again",
)
_OF_ADMINS = (
    "quote.approved",
    "retract",
    "reopen",
    "settings",
    "user.add",
    "user.role",
    "token.add",
    "token.revoke",
    "webhook.set",
)
LEAST = dict.fromkeys(_OF_ANALYSTS, "analyst") | dict.fromkeys(_OF_ADMINS, "admin")
"""The least role that an action needs, wherever it is done and whatever its route says."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True)
class Permission:
    """`role`: the least that may; `action`: what the audit log calls it, '' = not written; `body`: bytes at most."""

    role: str
    action: str = ""
    body: int = FORM


@dataclass(frozen=True)
class Route:
    """A way into the application; `permission` None: nobody has said who may, so nobody may."""

    path: str
    pattern: Pattern[str]
    methods: frozenset[str]
    permission: Permission | None


def allow(role: str, action: str = "", body: int = FORM) -> Callable[[Endpoint], Endpoint]:
    """Says what a route needs, at least what `LEAST` says of its action. Stands below the router's decorator."""
    assert role in (*ROLES, NOTICE, EVERYBODY), role
    if action in LEAST and not (role in ROLES and may(role, LEAST[action])):
        role = LEAST[action]

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.permission = Permission(role, action, body)  # type: ignore[attr-defined]
        return endpoint

    return mark


def routes(app: FastAPI) -> Iterator[Route]:
    """Every route of `app`, in the order in which they are tried; mounted folders of files are none."""
    for found in iter_route_contexts(app.routes):
        if found.methods:
            told = getattr(found.endpoint, "permission", None)
            yield Route(str(found.path), found.path_regex, frozenset(found.methods), told)


def faults(app: FastAPI) -> list[str]:
    """Routes that say too little: no permission, or a change that the audit log has no word for."""
    found = []
    for route in routes(app):
        if route.permission is None:
            found.append(f"{route.path}: no @allow")
        elif route.methods - SAFE and not route.permission.action:
            found.append(f"{route.path}: changes something, but @allow names no action")
    return found


def size(count: int) -> str:
    """A number of bytes as a person reads it: 256 kB, 2 GB."""
    for power, unit in ((3, "GB"), (2, "MB")):
        if count >= 1024**power:
            return f"{count / 1024**power:.3g} {unit}"
    return f"{count // 1024} kB"
