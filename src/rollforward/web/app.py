"""The application: routes, and what lies around every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from rollforward import delivering
from rollforward.errors import RollforwardError
from rollforward.web import telling, warming
from rollforward.web.api import ROUTERS, description
from rollforward.web.desk import Desk, Working
from rollforward.web.guard import Guard
from rollforward.web.pages import (
    access,
    accounts,
    audit,
    benchmarks,
    bridge,
    charts,
    checks,
    closings,
    data,
    durability,
    economics,
    expansion,
    files,
    findings,
    forecast,
    goals,
    links,
    opening,
    opportunities,
    overview,
    plan,
    policies,
    pricing,
    quotes,
    reconciling,
    renewals,
    retention,
    rollforward,
    settings,
    signals,
    sql,
    tables,
    views,
    voice,
    webhook,
    worked,
)
from rollforward.web.rendering import HERE
from rollforward.web.speaking import Speaking

PAGES = (
    overview,
    findings,
    rollforward,
    forecast,
    plan,
    expansion,
    durability,
    economics,
    pricing,
    retention,
    bridge,
    benchmarks,
    charts,
    quotes,  # before accounts, whose ids may have any path
    accounts,
    voice,
    opening,
    signals,
    renewals,
    opportunities,
    webhook,
    worked,
    goals,
    tables,
    access,
    settings,
    audit,
    sql,
    data,
    files,
    links,
    closings,
    reconciling,
    policies,
    checks,
    views,
)
"""One router a page. Each route says with `@allow` who may use it (permission.py)."""

WARM = (
    ("/", overview.overview), ("/roll-forward", rollforward.roll_forward), ("/accounts", accounts.accounts),
    ("/accounts", accounts.foremost), ("/open", opening.foremost),
)  # fmt: skip
"""Pages whose first view is made before it is asked for."""


def create(store: Path, host: str = "127.0.0.1", hosts: Iterable[str] = ()) -> FastAPI:
    """The web application over the store in the folder `store`, which is made if it is missing.

    host: the address that is listened on; hosts: further names under which it is reached. Raises StoreError if the
    folder is something else, damaged, or of a newer release.
    """
    app = FastAPI(title="rollforward", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_running)
    app.state.desk = desk = Desk(store)
    app.state.warm = WARM
    for router in (*(page.router for page in PAGES), *ROUTERS, description):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(RollforwardError, telling.refused)
    app.add_exception_handler(Working, telling.working)
    app.add_exception_handler(HTTPException, telling.unmatched)
    app.add_exception_handler(RequestValidationError, telling.unfit)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(
        Guard, inner=app, state=desk.state, refused=telling.refused, failed=telling.failed, host=host, hosts=hosts
    )
    app.add_middleware(Speaking, usual=desk.state.settings.store)
    return app


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    """While the server runs, first views are kept warm; at its end no question is left behind."""
    ended, sent = warming.start(app, app.state.warm), delivering.start(app.state.desk.state)
    yield
    ended.set()
    sent.set()
    app.state.desk.close()
