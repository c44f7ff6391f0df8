"""Signals: reasons to talk to accounts by kind, how right each kind has been, chances of accounts and headroom."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Response

from rollforward.api import Store, Table
from rollforward.errors import Misuse
from rollforward.text import sentences
from rollforward.text.signals import KINDS
from rollforward.web.masking import masked
from rollforward.web.page import Filled, Page
from rollforward.web.pages.access import to
from rollforward.web.pages.accounts import address_of
from rollforward.web.pages.tables import as_file
from rollforward.web.permission import allow

router = APIRouter()

SHOWN = 50
"""Rows on a page of the list."""


@router.get("/signals")
@allow("restricted")
def signals(page: Filled) -> Response:
    """Every kind with its accounts and MRR; the list of one, `kind`, a `page` at a time."""
    kinds = page.ask("signal-kinds", **_now())
    records = kinds.to_dicts()
    on = [str(r["signal"]) for r in records if r["is_on"]]
    off = page.settings.signals_off.split()
    kind = page.address.get("kind") or (on[0] if on else "")
    number = page.number()
    listed = Table((), [])
    if kind:
        listed = page.ask("signals", {"kind": kind, "limit": SHOWN + 1, "skip": (number - 1) * SHOWN}, **_now())
    more = len(listed) > SHOWN
    listed.rows = listed.rows[:SHOWN]
    return page.show(
        "signals.html", kinds=_merged(records), kind=kind, number=number, more=more, listed=listed.to_dicts(),
        is_on=kind in on or kind not in off, known=kind in KINDS, remarks=page.grid(kinds),
        to_account=lambda name: address_of(page, name, show="signals"),
    )  # fmt: skip


@router.get("/signals/backtest")
@allow("restricted")
def backtest(page: Filled) -> Response:
    """How right each signal was at past month ends."""
    return page.show("backtest.html", tested=page.grid(_tested(page), "backtest", wide=False))


@router.get("/risks")
@allow("restricted")
def risks(page: Filled) -> Response:
    """The chance of each account to shrink or churn (`for` expansion: to expand) in 90 days, a `page` at a time."""
    number = page.number()
    target = "expansion" if page.address.get("for") == "expansion" else "churn"
    told_anyway = "1" if page.address.get("anyway") else ""
    asked = {"for": target, "anyway": told_anyway, "limit": SHOWN + 1, "skip": (number - 1) * SHOWN}
    try:
        listed = page.ask("risks", asked, **_now())
    except Misuse as error:
        if error.code not in ("no-history", "score-thin", "missing-extra"):
            raise
        return page.show("risks.html", target=target, refused=sentences(error.code, error.params))
    more = len(listed) > SHOWN
    listed = Table(listed.columns, listed.rows[:SHOWN], listed.notes)
    methods = page.ask("score-report", {"for": target}, **_now())
    tenths = page.ask("score-report", {"for": target, "part": "deciles"}, **_now())
    return page.show(
        "risks.html", target=target, refused=None, number=number, more=more, anyway=told_anyway,
        model=methods.to_dicts()[0], remarks=page.grid(listed), listed=listed.to_dicts(),
        methods=page.grid(methods, "score_report", wide=False), tenths=page.grid(tenths, "score_deciles", wide=False),
        to_account=lambda name: address_of(page, name, show="signals"),
    )  # fmt: skip


@router.get("/headroom")
@allow("restricted")
def headroom(page: Filled) -> Response:
    """How much MRR accounts could still add; `ceiling`: those without any step; a `page` at a time."""
    number = page.number()
    ceiling = "1" if page.address.get("ceiling") else ""
    asked = {"ceiling": ceiling, "limit": SHOWN + 1, "skip": (number - 1) * SHOWN}
    listed = page.ask("headroom", asked, **_now())
    more = len(listed) > SHOWN
    listed.rows = listed.rows[:SHOWN]
    total = page.grid(page.ask("headroom-total", **_now()), "headroom_total", wide=False)
    return page.show(
        "headroom.html", total=total, number=number, more=more, ceiling=ceiling,
        remarks=page.grid(listed), listed=listed.to_dicts(),
        to_account=lambda name: address_of(page, name, show="signals"),
    )  # fmt: skip


@router.get("/tables/backtest.{kind}")
@allow("restricted", "export")
def download(page: Filled, kind: Literal["csv", "json"]) -> Response:
    """The same as a file."""
    return as_file(_tested(page), "backtest", kind)


@router.post("/signals/switch")
@allow("admin", "settings")
def switch(
    page: Filled,
    off: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
    tested: Annotated[str, Form()] = "",
) -> Response:
    """Switches a signal on or off for everybody, or all as the backtest found them."""
    with page.store() as store:
        if tested:
            store.switch_by(_tested(page), page.visitor.actor)
        else:
            store.switch_signals(page.visitor.actor, [off] if off else [], [on] if on else [])
    page.visitor.did(off or on or "backtest")
    return to(page.address.page("/signals/backtest") if tested else page.address.page("/signals", kind=off or on))


def _tested(page: Page) -> Table:
    policy, basis = page.address.policy.split(",")[0], page.address.basis

    def answer(store: Store, progress: Any) -> Table:
        return store.backtest(policy=policy, basis=basis, progress=progress)

    return masked(page.desk.follow(("backtest", policy, basis), answer, PATIENCE), page.visitor.role)


PATIENCE = 6.0
"""Seconds that a page waits before it says how far a backtest is."""


def _now() -> dict[str, Any]:
    """Filters that accounts as they stand have none of."""
    return {"start": "", "end": "", "segment": "", "by": "month"}


def _merged(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One record a kind, with its MRR as (currency, amount)."""
    found: dict[str, dict[str, Any]] = {}
    for r in records:
        one = found.setdefault(r["signal"], {"signal": r["signal"], "is_on": r["is_on"], "accounts": 0, "mrr": []})
        one["accounts"] += r["accounts"]
        if r["mrr"] is not None:
            one["mrr"].append((r["currency"], r["mrr"]))
    return list(found.values())
