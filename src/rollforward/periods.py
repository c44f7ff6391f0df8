"""Periods of the calendar: days, weeks, months, quarters, years; and the calendar tables that models read.

Comes in: dates. Goes out: rows for the tables `period`, `period_day` and `window_day`. SQL reads no clock and
makes no series; all of that happens here. A policy says on which day weeks begin and in which month years do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rollforward.errors import Misuse

GRAINS = ("day", "week", "month", "quarter", "year")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def end_of(grain: str, start: date) -> date:
    """First day after the period of `grain` that begins at `start`."""
    if grain == "day":
        return start + timedelta(days=1)
    if grain == "week":
        return start + timedelta(days=7)
    return add_months(start, _MONTHS[grain])


def add_months(on: date, months: int) -> date:
    """The same day of the month `months` later or earlier; the month's last day where it has no such day.

    >>> add_months(date(2024, 3, 31), -1)
    datetime.date(2024, 2, 29)
    """
    index = on.year * 12 + on.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(on.day, last))


@dataclass(frozen=True)
class Period:
    """One period `[start, end)`; complete when it is over and its whole time is covered."""

    grain: str
    start: date
    end: date
    is_complete: bool


@dataclass(frozen=True)
class Calendar:
    """Where weeks begin (0 = Monday … 6 = Sunday), and in which month fiscal years and their quarters (1 … 12)."""

    week_start: int = 0
    fiscal_year_start: int = 1

    def start_of(self, grain: str, on: date) -> date:
        """First day of the period of `grain` that holds `on`."""
        if grain == "day":
            return on
        if grain == "week":
            return on - timedelta(days=(on.weekday() - self.week_start) % 7)
        if grain not in _MONTHS:
            raise Misuse("unknown-option", option="--by", value=grain, known=", ".join(GRAINS))
        return add_months(on.replace(day=1), -((on.month - self.fiscal_year_start) % _MONTHS[grain]))

    def months(self, text: str, option: str = "--period") -> list[str]:
        """The months (`2026-03`) of a month, quarter or year. Misuse `bad-period`, also for weeks and days."""
        start, end = self.parse(text, option)
        if start.day != 1 or end.day != 1:
            raise Misuse("bad-period", option=option, value=text)
        count = (end.year - start.year) * 12 + end.month - start.month
        return [f"{add_months(start, n):%Y-%m}" for n in range(count)]

    def parse(self, text: str, option: str = "--period") -> tuple[date, date]:
        """First day and first day after of `2026`, `2026-Q1`, `2026-03`, `2026-W12` or `2026-03-05`.

        `2026` is the year that begins in 2026; week 1 is the one that holds 4 January, as in ISO 8601. Misuse
        `bad-period`.
        """
        text = text.strip()
        try:
            if m := re.fullmatch(r"(\d{4})", text):
                start = date(int(m[1]), self.fiscal_year_start, 1)
                return start, end_of("year", start)
            if m := re.fullmatch(r"(\d{4})-?[Qq]([1-4])", text):
                start = add_months(date(int(m[1]), self.fiscal_year_start, 1), int(m[2]) * 3 - 3)
                return start, end_of("quarter", start)
            if m := re.fullmatch(r"(\d{4})-(\d{2})", text):
                start = date(int(m[1]), int(m[2]), 1)
                return start, end_of("month", start)
            if m := re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", text):
                start = self._week(int(m[1]), int(m[2]))
                return start, end_of("week", start)
            start = date.fromisoformat(text)
            return start, end_of("day", start)
        except (ValueError, OverflowError):
            raise Misuse("bad-period", option=option, value=text) from None

    def _week(self, year: int, number: int) -> date:
        start = self.start_of("week", date(year, 1, 4)) + timedelta(days=7 * (number - 1))
        if number < 1 or start >= self.start_of("week", date(year + 1, 1, 4)):
            raise ValueError(number)
        return start

    def spread(self, grain: str, first: date, last: date, known: tuple[date, date]) -> Iterator[Period]:
        """Periods from the one that holds `first` to the one that holds `last`; complete inside `known`, [from, to)."""
        start = self.start_of(grain, first)
        while start <= last:
            end = end_of(grain, start)
            yield Period(grain, start, end, known[0] <= start and end <= known[1])
            start = end
