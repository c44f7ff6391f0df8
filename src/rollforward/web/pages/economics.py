"""What growth costs: 1 of new and of expansion MRR, payback, and what accounts have been worth."""

from __future__ import annotations

from fastapi import APIRouter, Response

from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.web.drawing import chosen, draw, of_currency
from rollforward.web.page import Filled
from rollforward.web.permission import allow

router = APIRouter()


@router.get("/economics")
@allow("restricted")
def economics(page: Filled) -> Response:
    """The cost of growth; own parameters `of` (currency) and `margin` (gross margin in percent)."""
    margin = page.address.get("margin") or "100"
    if not (is_whole(margin) and 0 < int(margin) <= 100):
        raise Misuse("unknown-option", option="margin", value=margin, known="1 … 100")
    by = page.address.by if page.address.by in ("month", "quarter", "year") else "month"
    whole = {"segment": "", "where": (), "by": by}
    table = page.shown("economics", {"margin": margin}, **whole)
    codes = list(dict.fromkeys(str(r["currency"]) for r in table.to_dicts()))
    of = chosen(page, codes)
    worth = of_currency(page.ask("lifetime", {"margin": margin}, **whole, start="", end=""), of)
    return page.show(
        "economics.html", of=of, currencies=codes, margin=margin, is_empty=not codes,
        chart=draw(page, "costs", of=of), table=page.grid(of_currency(table, of), "economics"),
        worth=page.grid(worth, "lifetime"),
    )  # fmt: skip
