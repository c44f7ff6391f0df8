"""The periods and windows that are asked about, as tables that models read.

Comes in: a grain or a length, the days that answers are about. Goes out: `period`, `period_day`, `retention_window`,
`window_day` and `span`, to be made when something reads them, and the part of a file's name that says which they are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from rollforward import made, periods
from rollforward.coverage import Range

_DAY = timedelta(days=1)


class Calendars:
    """What is asked now; `days` says what answers are about, `complete_to` the first day not wholly known."""

    def __init__(self, calendar: periods.Calendar, days: Callable[[], Range], complete_to: Callable[[], date]) -> None:
        self._calendar, self._days, self._complete_to = calendar, days, complete_to
        self.tables: made.Tables = {}
        self.grain, self.of_windows = "month", ""
        self.ends: list[tuple[date, date, bool]] = []
        """Each window: start, end, whether it is complete."""

    def of_periods(self) -> str:
        """Which periods these are. Counts stop at what is known: with scheduled changes, others every day."""
        of = self._days()
        return f"@{self.grain}" + (f"-{of.known_to}" if of.known_to <= of.last else "")

    def ask_periods(self, grain: str) -> list[periods.Period]:
        """The periods from the first change to what is known today are asked about from now on."""
        spread, of = self._spread(grain), self._days()
        days = made.days_between(of.first, of.known_to - _DAY) if spread else []
        self.grain = grain
        told = [(grain, p.start, p.end, p.is_complete) for p in spread]
        self.tables |= {
            "period": (made.columns("grain period period_end is_complete", told), "VARCHAR DATE DATE BOOLEAN"),
            "period_day": ({"on_date": days, "period": [self._calendar.start_of(grain, d) for d in days]}, "DATE"),
        }
        return spread

    def ask_windows(self, grid: str, months: int) -> None:
        """Windows of `months` that end with the periods of `grid`; others have another grid, length or last end."""
        ends = [(periods.add_months(p.end, -months), p.end, p.is_complete) for p in self._spread(grid)]
        self._windows(ends, months, f"@{grid}-{months}-{ends[-1][1] if ends else 'none'}")

    def ask_window(self, start: date, end: date) -> None:
        """The one window [start, end)."""
        self._windows([(start, end, end <= self._complete_to())], 0, f"@{start}-{end}")

    def _windows(self, ends: list[tuple[date, date, bool]], months: int, name: str) -> None:
        of = self._days()
        self.of_windows, self.ends = name, ends
        self.tables |= made.windows(ends, months, of.first, min(of.last, of.known_to - _DAY), of.known_to)

    def _spread(self, grain: str) -> list[periods.Period]:
        of = self._days()
        first, to = of.first, of.known_to - _DAY
        known = (of.known_from, self._complete_to())
        return list(self._calendar.spread(grain, first, to, known)) if first <= to else []
