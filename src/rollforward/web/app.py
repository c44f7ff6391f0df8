"""The application: routes, what lies around every request, and how errors are told."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from rollforward import text
from rollforward.errors import Misuse, NoStore, RollforwardError, ServiceError
from rollforward.web.desk import Desk
from rollforward.web.page import Page
from rollforward.web.pages import opening, overview, rollforward, tables
from rollforward.web.rendering import HERE
from rollforward.web.speaking import Speaking

PAGES = (overview, rollforward, opening, tables)
"""One router a page."""

log = logging.getLogger("rollforward.web")


def create(store: Path) -> FastAPI:
    """The web application over the store in the folder `store`, which is made if it is missing.

    Raises StoreError if the folder is something else, damaged, or of a newer release.
    """
    app = FastAPI(title="rollforward", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = Desk(store)
    for page in PAGES:
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(RollforwardError, refused)
    app.add_exception_handler(404, missing)
    app.add_exception_handler(Exception, failed)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(Speaking)
    return app


def status_of(error: RollforwardError) -> int:
    """The HTTP status that says what kind of error it is."""
    if isinstance(error, ServiceError):
        return 503
    if isinstance(error, Misuse):
        return 404 if error.code == "unknown-account" else 400
    return 500 if not isinstance(error, NoStore) else 404


def refused(request: Request, error: Exception) -> Response:
    """What cannot be answered: what happened and what to do, in the language in force."""
    assert isinstance(error, RollforwardError)
    if error.code == "empty-store":
        return Response(status_code=303, headers={"location": "/start"})
    what, remedy = text.sentences(error.code, error.params)
    return _told(request, status_of(error), what, remedy)


def missing(request: Request, error: Exception) -> Response:
    """An address that nothing lies at."""
    return _told(request, 404, text._("There is no such page."), text._("Choose one from the menu."))


def failed(request: Request, error: Exception) -> Response:
    """A fault of the program: a reference for the person, the rest in the server's log."""
    reference = secrets.token_hex(4)
    log.exception("%s %s failed, reference %s", request.method, request.url.path, reference, exc_info=error)
    what = text._("Something went wrong in the program. Reference: {reference}").format(reference=reference)
    return _told(request, 500, what, text._("The server's log says more under this reference."))


def _told(request: Request, status: int, what: str, remedy: str) -> Response:
    try:
        page = Page(request)
    except RollforwardError:
        # the address itself is at fault
        page = Page(Request({**request.scope, "query_string": b""}))
    return page.show("error.html", status, what=what, remedy=remedy)
