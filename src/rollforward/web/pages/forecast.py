"""What is ahead: MRR of the next twelve months by movement, and how such forecasts have done."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from rollforward.web.drawing import chosen, draw, of_currency
from rollforward.web.page import Filled
from rollforward.web.permission import allow

router = APIRouter()


@router.get("/forecast")
@allow("restricted")
def forecast(page: Filled) -> Response:
    """The months ahead; own parameter `of` (currency)."""
    plain: dict[str, Any] = {"segment": "", "by": "month", "start": "", "end": ""}
    page.address = page.address.but(by="month")  # there are no other steps ahead
    table = page.ask("forecast", **plain)
    codes = list(dict.fromkeys(str(r["currency"]) for r in table.to_dicts()))
    of = chosen(page, codes)
    scores = page.ask("forecast-scores", **plain)
    return page.show(
        "forecast.html", of=of, currencies=codes, chart=draw(page, "ahead", of=of),
        table=page.grid(of_currency(table, of), "forecast"),
        scores=page.grid(of_currency(scores, of), "forecast_scores"),
    )  # fmt: skip
