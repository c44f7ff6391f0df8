"""Reconciling: our figures beside another policy's or another tool's, each difference with its reasons."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from rollforward.api import Store
from rollforward.text import N_, _
from rollforward.web.page import Filled, Page
from rollforward.web.pages.accounts import address_of
from rollforward.web.pages.data import uploads_of
from rollforward.web.permission import allow
from rollforward.web.waiting import Later, answer

router = APIRouter()

MEASURES = {
    "mrr": N_("MRR"), "new": N_("New"), "expansion": N_("Expansion"), "contraction": N_("Contraction"),
    "churn": N_("Churn"), "reactivation": N_("Reactivation"),
}  # fmt: skip

SHOWN = 200
"""Rows of one period that are shown; the file has all."""


@router.get("/data/reconcile")
@allow("viewer")
def reconcile(page: Filled) -> Response:
    """Differences by period and reason; with `of`, one period's by account."""
    told = page.address
    file = uploads_of(page).get(told.get("file")) if told.get("file") else None
    against = told.get("against")
    context: dict[str, Any] = {
        "file": file, "against": against, "measures": MEASURES, "measure": told.get("measure") or "mrr",
        "profile": told.get("profile"), "of": told.get("of"), "by_period": None, "by_account": None, "more": 0,
    }  # fmt: skip
    if not file and not against:
        return page.show("data_reconcile.html", **context)
    try:
        found = answer(
            page, _("Comparing, one difference after the other"), _work(page, file, against), "/data/reconcile"
        )
    except Later as later:
        return later.response
    if told.get("of"):
        context["more"] = max(0, len(found.rows) - SHOWN)
        found.rows = (
            sorted(found.rows, key=lambda row: -abs(row[6]))[:SHOWN] if "difference" in found.columns else found.rows
        )
        context["by_account"] = page.grid(found, "reconcile", opens=_account(page))
    else:
        left = found.columns.index("reason"), found.columns.index("amount")
        found.rows = [row for row in found.rows if row[left[0]] != "unexplained" or row[left[1]]]
        columns = ["period", "ours", "theirs", "difference", "reason", "amount", "accounts", "share"]
        context["by_period"] = page.grid(found, opens=_deeper(page), columns=columns)
    return page.show("data_reconcile.html", **context)


def _work(page: Page, file: Any, against: str) -> Any:
    told = page.address
    asked = told.question() | {"by": "period", "segment": None, "where": None, "currency": told.currency or None}
    if told.get("of"):
        asked |= {"by": "account", "start": told.get("of"), "end": told.get("of")}

    def work(store: Store, progress: Any) -> Any:
        place = file.path if file else f"policy:{against}"
        mapping = file.mapping if file else None
        return store.reconcile(
            place, measure=told.get("measure") or "mrr", profile=told.get("profile") or None, mapping=mapping,
            **asked | {"progress": progress},
        )  # fmt: skip

    return work


def _deeper(page: Page) -> Any:
    def opens(record: Any, column: str) -> str:
        if column not in ("difference", "amount") or not record.get("period"):
            return ""
        return page.address.to("/data/reconcile", of=f"{record['period']:%Y-%m}", job="")

    return opens


def _account(page: Page) -> Any:
    def opens(record: Any, column: str) -> str:
        if column != "account_id" or not record.get("account_id"):
            return ""
        return address_of(page, str(record["account_id"]))

    return opens
