"""Closed periods: close and reopen with what it means, and where closed figures differ from what is known now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Form, Response

from rollforward.api import Store
from rollforward.periods import add_months
from rollforward.text import _, figures
from rollforward.web.page import Any_, Filled, Page
from rollforward.web.pages.accounts import address_of
from rollforward.web.permission import allow
from rollforward.web.waiting import Later, answer, change

router = APIRouter()

OFFERED = 13
"""Months that can be chosen in the form."""


def _months(page: Page, closed_to: date | None) -> list[str]:
    """Months that are over and not closed, the first of them first; as far as there are many, the last."""
    days = page.days()
    at = date(days.first.year, days.first.month, 1)
    end = days.complete_to
    found = []
    while add_months(at, 1) <= end:
        if closed_to is None or at >= closed_to:
            found.append(figures.key(at, "month"))
        at = add_months(at, 1)
    return found[-OFFERED:]


def _closed_to(page: Page, policy: str) -> date | None:
    """The first day that is open under a policy; None if nothing is closed."""
    open_from: date | None = None
    for row in page.ask("closings").to_dicts():
        if row["policy"] == policy:
            told = row["to_on"] if row["kind"] == "close" else row["from_on"]
            open_from = told if isinstance(told, date) else open_from
    return open_from


@router.get("/data/closings")
@allow("viewer")
def closings(page: Filled) -> Response:
    """What is closed, what can be, and the restatements since."""
    told = page.ask("closings")
    policy = page.address.policy.split(",")[0]
    open_from = _closed_to(page, policy)
    rows = [r | {"last": to - timedelta(days=1)} for r in told.to_dicts() if isinstance(to := r["to_on"], date)]
    restated: Any = None
    if rows:

        def work(store: Store, progress: Any) -> Any:
            return store.restatements(**page.address.question() | {"progress": progress})

        try:
            restated = page.grid(answer(page, _("Comparing closed periods with what is known"), work, "/data"),
                                 "restatements", opens=_account(page))  # fmt: skip
        except Later as later:
            return later.response
    return page.show(
        "data_closings.html", rows=list(reversed(rows)), months=_months(page, open_from), policy=policy,
        open_from=open_from, restated=restated, asked=page.address.get("ask"), period=page.address.get("period"),
        table=_preview(page),
    )  # fmt: skip


def _preview(page: Page) -> Any:
    period = page.address.get("period")
    if not period:
        return None
    return page.grid(page.ask("mrr", start=period, end=period, by="month"), "mrr")


def _account(page: Page) -> Any:
    def opens(record: Any, column: str) -> str:
        if column != "account_id" or not record.get("account_id"):
            return ""
        return address_of(page, str(record["account_id"]))

    return opens


@router.post("/data/closings")
@allow("analyst", "close")
def close(page: Any_, period: str = Form(), policy: str = Form("default")) -> Response:
    """Closes a period and the open ones before it."""
    page.visitor.did(period, policy=policy)
    title = _("Closing {period}").format(period=period)
    return change(
        page, title, lambda store, progress: store.close(period, policy, progress), _back(policy), _back(policy)
    )


@router.post("/data/closings/reopen")
@allow("admin", "reopen")
def reopen(page: Any_, period: str = Form(), policy: str = Form("default")) -> Response:
    """Opens a closed period and all after it again."""
    page.visitor.did(period, policy=policy)
    title = _("Opening {period} again").format(period=period)
    return change(page, title, lambda store, progress: store.reopen(period, policy), _back(policy), _back(policy))


def _back(policy: str) -> str:
    return "/data/closings" + (f"?policy={policy}" if policy != "default" else "")
