"""Retention: NDR, GRR and logos over time, by segment and by cohort, and what moved NDR since a window before."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.text import N_, _
from rollforward.text.cells import cell
from rollforward.web.drawing import Asked, draw
from rollforward.web.page import Filled, Page
from rollforward.web.pages.expansion import in_turn
from rollforward.web.permission import allow

router = APIRouter()

WINDOWS = (("12", N_("12 months")), ("3", N_("3 months")), ("1", N_("1 month")))
MEASURES = (("ndr", N_("NDR")), ("grr", N_("GRR")), ("logo_retention", N_("Logos")))
LABELS = {
    "ndr": N_("Net dollar retention (NDR)"),
    "grr": N_("Gross dollar retention (GRR)"),
    "logo_retention": N_("Accounts that stayed"),
}


@dataclass(frozen=True)
class Kept:
    """One measure of the last window: as text, its interval and band, and the address that opens it."""

    label: str
    text: str
    interval: str
    href: str


@router.get("/retention")
@allow("restricted")
def retention(page: Filled) -> Response:
    """Whether existing customers stay and grow; own parameters `window` (12, 3, 1), `measure` (of cohorts) and `of`."""
    whole, page = page, page.under(page.whose[0])
    start, _end = page.last_complete()
    of, currencies = in_turn(page, page.key(start))
    asked = Asked(page, of=of, window=page.address.get("window"), measure=page.address.get("measure"))
    own = {"of": of, "window": asked.window}
    measure = asked.kept(tuple(name for name, _label in MEASURES))
    ratio = measure if measure != "logo_retention" else "ndr"
    over_time = draw(whole, "retention", **own)
    return whole.show(
        "retention.html", of=of, currencies=currencies, label=page.label(start), window=asked.months, windows=WINDOWS,
        measure=measure, measures=MEASURES, ratio=ratio, asked=asked,
        kept=_kept(page, over_time.table), over_time=over_time,
    )  # fmt: skip


def _kept(page: Page, table: Table) -> list[Kept]:
    """The measures of the last window that is over."""
    rows = [r for r in table.to_dicts() if r["is_complete"]]
    by, found = page.address.by, []
    for name, label in LABELS.items() if rows else ():
        row = rows[-1]
        known = row.get(f"{name}_low") is not None
        interval = _("interval (95%): {interval}").format(interval=cell(f"{name}_interval", row, by)) if known else ""
        band = f" · {cell('band', row, by)}" if name == "ndr" else ""
        found.append(Kept(_(label), cell(name, row, by), interval + band, page.opens(row, name)))
    return found
