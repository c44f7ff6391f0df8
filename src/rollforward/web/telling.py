"""How errors are told: a page for people in their language, one envelope for programs.

    {"error": {"code": …, "message": …, "remedy": …, "params": {…}, "request_id": …}}

Nobody outside sees a traceback: a fault of the program gives its request's id, and the server's log says the rest.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rollforward import text
from rollforward.errors import Misuse, NoStore, RollforwardError, ServiceError
from rollforward.web.api.faults import STATUS, named, parameters_of
from rollforward.web.desk import Working
from rollforward.web.page import Page
from rollforward.web.visitor import API

log = logging.getLogger("rollforward.web")

_STATUS = {
    "unknown-account": 404, "no-such-page": 404, "no-such-user": 404, "no-such-token": 404, "no-such-note": 404,
    "no-such-view": 404, "no-such-opportunity": 404, "no-such-contact": 404, "no-such-quote": 404, "no-such-goal": 404,
    "no-such-renewal": 404, "no-such-delivery": 404, "no-such-job": 404, "over-budget": 409, "already-open": 409,
    "offer-first": 409, "not-shown": 409, "quote-ended": 409, "not-approved": 409,
    "wrong-method": 405, "wrong-host": 421, "not-for-others": 403, "not-allowed": 403, "not-yours": 403,
    "hidden-from-you": 403, "not-logged-in": 401, "wrong-login": 401, "foreign-form": 403, "old-form": 403,
    "too-large": 413, "too-many-logins": 429, "bad-parameter": 422,
} | STATUS  # fmt: skip


def status_of(error: RollforwardError) -> int:
    """The HTTP status that says what kind of error it is."""
    if error.code in _STATUS:
        return _STATUS[error.code]
    if isinstance(error, ServiceError):
        return 503
    if isinstance(error, Misuse):
        return 400
    return 500 if not isinstance(error, NoStore) else 404


def refused(request: Request, error: Exception) -> Response:
    """What cannot be answered: what happened and what to do, in the language in force."""
    assert isinstance(error, RollforwardError)
    is_program = _is_program(request)
    if error.code == "empty-store" and not is_program:
        return Response(status_code=303, headers={"location": "/start"})
    status = status_of(error)
    what, remedy = text.sentences(error.code, error.params)
    if is_program:
        answer: Response = _envelope(request, status, error, what, remedy)
    else:
        # without its filters the page itself can be shown, but for those that are nothing without parameters
        again = (
            quote(str(request.scope["path"])) if status == 400 and request.url.query and request.method == "GET" else ""
        )
        again = "" if again == "/open" else again
        answer = _page(request).show("error.html", status, what=what, remedy=remedy, again=again)
    if status == 401:
        answer.headers["www-authenticate"] = "Bearer"
    if status == 503:
        answer.headers["retry-after"] = "2"
    if "seconds" in error.params and status == 429:
        answer.headers["retry-after"] = str(error.params["seconds"])
    return answer


def working(request: Request, error: Exception) -> Response:
    """What takes longer than anybody likes to wait: how far it is; the browser asks again by itself."""
    assert isinstance(error, Working)
    visitor = getattr(request.state, "visitor", None)
    if _is_program(request) or (visitor is not None and visitor.action == "export"):
        return refused(request, ServiceError("busy"))
    answer = _page(request).show("working.html", 202, stage=error.stage, done=error.done)
    answer.headers["refresh"] = "2"
    return answer


def unmatched(request: Request, error: Exception) -> Response:
    """An address or a method that no route takes, or a body that cannot be read."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return refused(request, Misuse("no-such-endpoint" if _is_program(request) else "no-such-page"))
    if error.status_code == 405:
        answer = refused(request, Misuse("wrong-method", method=request.method))
        answer.headers.update(error.headers or {})  # Allow
        return answer
    if _is_program(request):
        return refused(request, Misuse("bad-body"))
    return refused(request, Misuse("bad-parameter", name="", detail=str(error.detail)))


def unfit(request: Request, error: Exception) -> Response:
    """Parameters that are missing or of the wrong kind."""
    assert isinstance(error, RequestValidationError)
    if _is_program(request):
        return refused(request, named(error.errors(), parameters_of(request)))
    first: dict[str, Any] = next(iter(error.errors()), {})
    name = ".".join(str(part) for part in first.get("loc", ())[1:])
    return refused(request, Misuse("bad-parameter", name=name, detail=str(first.get("msg", ""))))


def failed(request: Request, error: Exception) -> Response:
    """A fault of the program: a reference for the person, the rest in the server's log."""
    reference = _request_id(request)
    log.error("%s %s failed, reference %s", request.method, request.url.path, reference, exc_info=error)
    return refused(request, RollforwardError("internal", reference=reference))


def _envelope(request: Request, status: int, error: RollforwardError, what: str, remedy: str) -> Response:
    params = {name: str(value) for name, value in error.params.items()}
    told = {"code": error.code, "message": what, "remedy": remedy, "params": params}
    return JSONResponse({"error": told | {"request_id": _request_id(request)}}, status)


def _page(request: Request) -> Page:
    try:
        return Page(request)
    except RollforwardError:  # the address itself is at fault
        return Page(Request({**request.scope, "query_string": b""}))


def _is_program(request: Request) -> bool:
    return request.url.path.startswith(API + "/") or "authorization" in request.headers


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))
