"""Published figures beside one's own: by metric, of all companies and of one's own size, or of companies of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from rollforward.text import N_
from rollforward.web.drawing import chosen, of_currency
from rollforward.web.page import Filled
from rollforward.web.permission import allow

router = APIRouter()

METRICS = (
    ("NRR", N_("NDR (NRR)")),
    ("GRR", N_("GRR")),
    ("new_customer_CAC_ratio", N_("Cost of new ARR")),
    ("expansion_CAC_ratio", N_("Cost of expansion ARR")),
    ("expansion_share_of_new_ARR", N_("Expansion in new ARR")),
)


@router.get("/benchmarks")
@allow("restricted")
def benchmarks(page: Filled) -> Response:
    """Own parameters: `metric` (NRR), `like` (type=value), `all` (1: every row) and `of` (currency)."""
    metric, like = page.address.get("metric") or "NRR", page.address.get("like")
    plain = {"segment": "", "where": (), "by": "month"}
    table = page.ask("benchmarks", {"metric": metric, "like": like, "all": page.address.get("all")}, **plain)
    every = page.ask("benchmarks", {"metric": metric, "all": "1"}, **plain).to_dicts()
    kinds = sorted({f"{r['segment_type']}={r['peer_segment']}" for r in every if r["segment_type"] in _KINDS})
    codes = list(dict.fromkeys(str(r["currency"]) for r in every))
    of = chosen(page, codes)
    return page.show(
        "benchmarks.html", table=page.grid(of_currency(table, of), "benchmarks", _sources, columns=SHOWN),
        metric=metric, metrics=METRICS, like=like, kinds=kinds, of=of, currencies=codes,
        is_all=page.address.get("all") == "1",
        mine=next((r for r in every if r["currency"] == of and r["own"] is not None), None),
    )  # fmt: skip


SHOWN = ("publisher", "year", "peer_segment", "statistic", "published", "standing", "sample", "n", "population", "note")
_KINDS = ("model", "pricing", "motion", "stage", "funding", "growth")


def _sources(record: Mapping[str, Any], column: str) -> str:
    """Where a report can be read: its own address, as published."""
    address = str(record.get("source") or "")
    return address if column == "publisher" and address.startswith("https://") else ""
