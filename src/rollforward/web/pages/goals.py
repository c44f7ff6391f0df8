"""Goals: set, changed and removed with undo, and how far each is."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from rollforward.errors import Misuse
from rollforward.state import METRICS
from rollforward.web.masking import HIDDEN
from rollforward.web.page import Filled
from rollforward.web.pages.access import to
from rollforward.web.pages.durability import opener
from rollforward.web.permission import allow
from rollforward.web.renewing import TERMS

router = APIRouter()

Text = Annotated[str, Form()]


@router.get("/goals")
@allow("restricted")
def goals(page: Filled) -> Response:
    """Every goal that stands with its figure so far; its number opens what it is the sum of."""
    table = page.ask("goals")

    def opens(record: Any, column: str) -> str:
        if column != "actual_mrr" or HIDDEN in (record["goal_where"], record["owner"]):
            return ""
        where = [w for w in (record["goal_where"], record["owner"] and f"owner={record['owner']}") if w]
        asked = page.address.but(own=(), where=tuple(where), start="", end="", currency=record["currency"])
        period = str(record["goal_period"])
        return asked.to("/open", metric="expansion", period=period, of=record["currency"], by=_by(period))

    return page.show(
        "goals.html", told=page.grid(table, "goals", opens, wide=False), listed=table.to_dicts(), metrics=METRICS,
        undo=page.address.get("undo"), currencies=[c for c in page.currencies() if c != "native"],
    )  # fmt: skip


SHOWN = 50
"""Expansions on a page of the list."""


@router.get("/goals/commission")
@allow("restricted")
def commission(page: Filled) -> Response:
    """A preview: own parameters `rate`, `split` (percent), `cap`, `claw` (days), and `page` of the list."""
    own: dict[str, object] = {n: page.address.get(n) for n in TERMS}
    number = page.number()
    owners = page.shown("commission-owners", own, segment="", by="month")
    listed = page.shown("commission", own | {"limit": SHOWN + 1, "skip": (number - 1) * SHOWN}, segment="", by="month")
    more = len(listed) > SHOWN
    listed.rows = listed.rows[:SHOWN]
    return page.show(
        "commission.html", owners=page.grid(owners, "commission-owners"), number=number, more=more,
        listed=page.grid(listed, "commission", opener(page, "ledger")),
        terms={"rate": "5", "split": "100", "cap": "", "claw": "90"} | {n: v for n, v in own.items() if v},
    )  # fmt: skip


@router.post("/goals/set")
@allow("analyst", "goal.set")
def set_goal(
    page: Filled, metric: Text = "expansion", period: Text = "", target: Text = "", where: Text = "", owner: Text = "",
    currency: Text = "",
) -> Response:  # fmt: skip
    """A goal, or another target for it."""
    try:
        told = Decimal(target.replace(",", "").strip().removesuffix("%"))
    except InvalidOperation:
        raise Misuse("bad-goal", value=target) from None
    if not told.is_finite() or not 0 <= told <= 10**15:  # before any sum: decimals beyond their range end in a fault
        raise Misuse("bad-goal", value=target)
    told = told / 100 if metric != "expansion" else told
    with page.store() as store:
        store.set_goal(page.visitor.actor, metric, period.strip(), told, where.strip(), owner.strip(), currency)
    page.visitor.did(metric, period=period)
    return to(page.address.page("/goals"))


@router.post("/goals/remove")
@allow("analyst", "goal.remove")
def remove(page: Filled, goal: Annotated[int, Form()] = 0) -> Response:
    """Takes a goal away; the page that follows offers to bring it back."""
    _again(page, goal, keep=False)
    return to(page.address.page("/goals", undo=goal))


@router.post("/goals/restore")
@allow("analyst", "goal.set")
def restore(page: Filled, goal: Annotated[int, Form()] = 0) -> Response:
    """Brings a version of a goal back, as a new one."""
    _again(page, goal, keep=True)
    return to(page.address.page("/goals"))


def _again(page: Filled, number: int, keep: bool) -> None:
    state = page.desk.state.goals
    found = state.get(number)
    target = found.target if keep else None
    state.set(page.visitor.actor, found.metric, found.period, target, found.where, found.owner, found.currency)
    page.visitor.did(found.metric, period=found.period)


def _by(period: str) -> str:
    return "quarter" if "Q" in period else "month" if "-" in period else "year"
