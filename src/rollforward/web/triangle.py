"""Cohorts as lines of text: what the heat map shows, each number with the address that opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rollforward.api import Table
from rollforward.charts.cohorts import MOST
from rollforward.periods import add_months
from rollforward.text import _, figures
from rollforward.text.cells import cell
from rollforward.web.drawing import cohort_grain
from rollforward.web.page import Page


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


def triangle(page: Page, table: Table, measure: str) -> list[Line]:
    """The cohorts that the heat map shows, the measure in the cells."""
    by, lines = cohort_grain(page.address.by), dict[date, list[dict[str, Any]]]()
    calendar = next(iter(table.calendars.values()), (0, 1))
    for row in table.to_dicts():
        assert isinstance(row["cohort"], date)
        lines.setdefault(row["cohort"], []).append(row)
    found = []
    for began in sorted(lines)[-MOST:]:
        rows = lines[began]
        few = "~" if rows[0]["is_small"] else ""
        label = _("before") if began == date.min else figures.period(began, by, *calendar)
        ages = tuple(
            Age(cell(measure, r, by), _opens(page, r, began, by), bool(r["is_complete"]))
            for r in sorted(rows, key=lambda r: int(str(r["age"])))
            if int(str(r["age"])) <= MOST
        )
        found.append(Line(label + few, figures.number(int(str(rows[0]["accounts_start"]))), ages))
    return found


def _opens(page: Page, row: Mapping[str, Any], began: date, by: str) -> str:
    """The MRR of the cohort's accounts in that period; who paid before the data begins is in no month of a cohort."""
    if began == date.min:
        return ""
    policy = str(row["policy"]) if "," in page.address.policy else page.address.policy
    asked = page.address.but(own=(), segment="", span="12", start="", end="", by=by, policy=policy)
    at = add_months(began, row["age"] * (3 if by == "quarter" else 1))
    calendar = page.days().calendar
    cohort, period = (figures.key(d, by, calendar.week_start, calendar.fiscal_year_start) for d in (began, at))
    return asked.to("/open", metric="mrr", period=period, of=row["currency"], cohort=cohort)
