"""Retention: NDR, GRR and logos over time, by segment and by cohort, and what moved NDR since a window before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.errors import Misuse
from rollforward.periods import add_months
from rollforward.text import N_, _, figures, sentences
from rollforward.text.cells import cell
from rollforward.web.drawing import Asked, Drawn, cohort_grain, draw
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

LINES = 48
"""Cohorts in the table on the page, the last ones; the file has all."""


@dataclass(frozen=True)
class Kept:
    """One measure of the last window: as text, its interval and band, and the address that opens it."""

    label: str
    text: str
    interval: str
    href: str


@dataclass(frozen=True)
class Age:
    """A cell of the triangle of cohorts: its number, the address that opens it, and whether its period is over."""

    text: str
    href: str
    is_complete: bool


@dataclass(frozen=True)
class Line:
    """A cohort: its period (`~` where it has few accounts), its accounts at the start, and a cell for each age."""

    label: str
    accounts: str
    ages: tuple[Age, ...]


@router.get("/retention")
@allow("restricted")
def retention(page: Filled) -> Response:
    """Whether existing customers stay and grow; own parameters `window` (12, 3, 1), `measure` (of cohorts) and `of`."""
    start, _end = page.last_complete()
    of, currencies = in_turn(page, page.key(start))
    asked = Asked(page, of=of, window=page.address.get("window"), measure=page.address.get("measure"))
    own = {"of": of, "window": asked.window}
    measure = asked.kept(tuple(name for name, _label in MEASURES))
    ratio = measure if measure != "logo_retention" else "ndr"
    over_time = draw(page, "retention", **own)
    cohorts = draw(page, "cohorts", of=of, measure=asked.measure)
    bridge, no_bridge = _bridge(page, own)
    return page.show(
        "retention.html", of=of, currencies=currencies, label=page.label(start), window=asked.months, windows=WINDOWS,
        measure=measure, measures=MEASURES, kept=_kept(page, over_time.table), over_time=over_time,
        segments=draw(page, "segments", measure=ratio, **own), cohorts=cohorts,
        lines=_triangle(page, cohorts.table, measure), bridge=bridge, no_bridge=no_bridge,
        is_hatched=any(not r["is_complete"] for r in cohorts.table.to_dicts()),
    )  # fmt: skip


def _bridge(page: Page, own: Mapping[str, str]) -> tuple[Drawn | None, str]:
    """The bridge, or why there is none yet."""
    try:
        return draw(page, "bridge", **own), ""
    except Misuse as error:
        if error.code != "no-such-window":
            raise
        return None, sentences(error.code, error.params)[0]


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


def _triangle(page: Page, table: Table, measure: str) -> list[Line]:
    """Cohorts as lines of text: what the heat map shows, each number with the address that opens it."""
    by, lines = cohort_grain(page.address.by), dict[date, list[dict[str, Any]]]()
    calendar = next(iter(table.calendars.values()), (0, 1))
    for row in table.to_dicts():
        assert isinstance(row["cohort"], date)
        lines.setdefault(row["cohort"], []).append(row)
    found = []
    for began in sorted(lines)[-LINES:]:
        rows = lines[began]
        few = "~" if rows[0]["is_small"] else ""
        label = _("before") if began == date.min else figures.period(began, by, *calendar)
        ages = tuple(
            Age(cell(measure, r, by), _opens(page, r, began, by), bool(r["is_complete"]))
            for r in sorted(rows, key=lambda r: int(str(r["age"])))
        )
        found.append(Line(label + few, figures.number(int(str(rows[0]["accounts_start"]))), ages))
    return found


def _opens(page: Page, row: Mapping[str, Any], began: date, by: str) -> str:
    """The MRR of the cohort's accounts in that period; cohorts of quarters are no filter."""
    if by != "month" or began == date.min:
        return ""
    where = (*page.address.where, f"cohort={began:%Y-%m}")
    asked = page.address.but(own=(), segment="", where=where, span="12", start="", end="", by="month")
    return asked.to("/open", metric="mrr", period=f"{add_months(began, row['age']):%Y-%m}", of=row["currency"])
