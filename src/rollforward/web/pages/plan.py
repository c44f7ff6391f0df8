"""A plan: what a target NDR asks of each lever, and plays ranked by what they bring for their cost."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from rollforward.errors import Misuse
from rollforward.text import sentences
from rollforward.web.drawing import chosen, of_currency
from rollforward.web.page import Filled
from rollforward.web.permission import allow

router = APIRouter()

EXAMPLE = """play,lever,reach,effect_low,effect_high,cost
"""


@router.get("/plan")
@allow("restricted")
def plan(page: Filled) -> Response:
    """Own parameters: `target` in percent, `gap` (split of it), `plays` (CSV text), `of` (currency)."""
    plain: dict[str, Any] = {"segment": "", "by": "month", "start": "", "end": ""}
    target, gap, told = page.address.get("target") or "110", page.address.get("gap"), page.address.get("plays")
    table = page.ask("plan", {"target": target, "gap": gap}, **plain)
    codes = list(dict.fromkeys(str(r["currency"]) for r in table.to_dicts()))
    of = chosen(page, codes)
    rows = of_currency(table, of)
    ranked, fault = None, ""
    if told.strip() and told.strip() != EXAMPLE.strip():
        try:
            ranked = page.grid(of_currency(page.ask("plays", {"plays": told}, **plain), of), "plays")
        except Misuse as error:
            fault = " ".join(sentences(error.code, error.params))
    return page.show(
        "plan.html", of=of, currencies=codes, target=target, gap=gap, plays=told or EXAMPLE, ranked=ranked,
        table=page.grid(rows, "plan"), now=next(iter(rows.to_dicts()), None), fault=fault,
    )  # fmt: skip
