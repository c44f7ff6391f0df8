"""Expansion: by driver, by cohort and by segment; its rate, growth and share of growth; the losses beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response

from rollforward.text import N_, _
from rollforward.text.cells import cell
from rollforward.web.drawing import DIMENSION, chosen, draw, of_currency
from rollforward.web.page import Filled, Page
from rollforward.web.permission import allow

router = APIRouter()

OF_EXPANSION = {
    "expansion": N_("Expansion MRR"),
    "expansion_growth": N_("Growth since the period before"),
    "expansion_rate": N_("Expansion rate: of MRR at the start"),
    "expansion_share": N_("Share of gross new MRR"),
    "expansion_share_of_net_new": N_("Share of net new MRR"),
}
OF_LOSSES = {"churn": N_("Churned MRR"), "contraction": N_("Contracted MRR")}


@dataclass(frozen=True)
class Figure:
    """One number: what it is, as text, and the address that opens it or ''."""

    label: str
    text: str
    unit: str
    href: str


@router.get("/expansion")
@allow("restricted")
def expansion(page: Filled) -> Response:
    """Where expansion MRR comes from in the last period that is over, and over time."""
    whole, page = page, page.under(page.whose[0])
    start, _after = page.last_complete()
    period, by = page.key(start), page.address.by
    of, currencies = in_turn(page, period)
    rows = of_currency(page.ask("expansion", segment="", start=period, end=period), of).to_dicts()
    flows = of_currency(page.ask("mrr", segment="", start=period, end=period), of).to_dicts()
    found = [
        Figure(_(label), cell(name, row, by), of if name in ("expansion", *OF_LOSSES) else "", page.opens(row, name))
        for told, names in ((rows, OF_EXPANSION), (flows, OF_LOSSES))
        for row in told[-1:]
        for name, label in names.items()
    ]
    table = of_currency(whole.shown("expansion", segment=""), of, is_one=False)
    return whole.show(
        "expansion.html",
        of=of,
        currencies=currencies,
        label=page.label(start),
        figures_=found,
        charts={name: draw(whole, name, of=of) for name in ("drivers", "driver-bars", "losses")},
        split=page.address.segment or DIMENSION,
        table=whole.grid(table, "expansion"),
    )


def in_turn(page: Page, period: str) -> tuple[str, list[str]]:
    """The currency that a page shows and all there are, the one with the most MRR first."""
    rows: list[Mapping[str, Any]] = list(page.ask("mrr", segment="", start=period, end=period).to_dicts())
    found = {str(r["currency"]): r["closing"] or 0 for r in rows}
    codes = sorted(found, key=lambda code: -found[code])
    return chosen(page, codes), codes
