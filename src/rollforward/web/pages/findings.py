"""Findings: what stands out in the last twelve months, ranked by the MRR at stake."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from rollforward.text import language
from rollforward.web.drawing import chosen, of_currency
from rollforward.web.page import Filled
from rollforward.web.permission import allow

router = APIRouter()

PAGES = {"segment_below": "/retention", "segment_above": "/retention", "loss_cause": "/roll-forward",
         "concentration": "/expansion", "unsustainable": "/durability", "downgrades": "/pricing"}  # fmt: skip
"""Where a finding can be looked into."""


@router.get("/findings")
@allow("restricted")
def findings(page: Filled) -> Response:
    """What stands out; own parameter `of` (currency)."""
    table = page.ask("findings", segment="", where=(), by="month", start="", end="")
    codes = list(dict.fromkeys(str(r["currency"]) for r in table.to_dicts()))
    of = chosen(page, codes)
    rows: list[dict[str, Any]] = of_currency(table, of).to_dicts()
    told = [(r, str(r[f"sentence_{language()}"]), _where(page, r)) for r in rows]
    return page.show("findings.html", found=told, of=of, currencies=codes, notes=page.grid(table).notes)


def _where(page: Filled, row: dict[str, Any]) -> str:
    path = PAGES.get(row["finding"], "")
    if path == "/retention":
        dimension = str(row["subject"]).partition(" = ")[0]
        return page.address.but(segment=dimension).page(path)
    return page.address.page(path) if path else ""
