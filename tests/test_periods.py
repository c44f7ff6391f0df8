"""Periods under a policy's calendar: where weeks, quarters and years begin, and how they are written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rollforward import periods
from rollforward.errors import Misuse
from rollforward.text import figures


@pytest.mark.parametrize(
    ("calendar", "text", "start", "end"),
    [
        (periods.Calendar(), "2026", "2026-01-01", "2027-01-01"),
        (periods.Calendar(), "2026-Q2", "2026-04-01", "2026-07-01"),
        (periods.Calendar(), "2026-W01", "2025-12-29", "2026-01-05"),
        (periods.Calendar(), "2026-W53", "2026-12-28", "2027-01-04"),
        (periods.Calendar(), "2026-03-05", "2026-03-05", "2026-03-06"),
        (periods.Calendar(0, 4), "2026", "2026-04-01", "2027-04-01"),
        (periods.Calendar(0, 4), "2026-Q4", "2027-01-01", "2027-04-01"),
        (periods.Calendar(0, 12), "2026-Q1", "2026-12-01", "2027-03-01"),
        (periods.Calendar(0, 4), "2026-03", "2026-03-01", "2026-04-01"),
        (periods.Calendar(6), "2026-W01", "2026-01-04", "2026-01-11"),
        (periods.Calendar(5), "2026-W01", "2026-01-03", "2026-01-10"),
    ],
)
def test_a_period_is_the_policys(calendar: periods.Calendar, text: str, start: str, end: str) -> None:
    assert calendar.parse(text) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("text", ["2025-W53", "2026-W00", "2026-Q5", "2026-13", "0000", "March", ""])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Misuse) as err:
        periods.Calendar().parse(text)
    assert err.value.code == "bad-period"


@pytest.mark.parametrize("calendar", [periods.Calendar(w, m) for w in range(7) for m in (1, 2, 4, 7, 10, 12)])
def test_every_day_is_in_one_period_that_is_read_back_as_it_is_written(calendar: periods.Calendar) -> None:
    for on in (date(2023, 12, 20) + timedelta(days=n) for n in range(0, 800, 3)):
        for grain in periods.GRAINS:
            start = calendar.start_of(grain, on)
            end = periods.end_of(grain, start)
            assert start <= on < end and calendar.start_of(grain, end - timedelta(days=1)) == start
            label = figures.period(start, grain, calendar.week_start, calendar.fiscal_year_start)
            assert calendar.parse(label) == (start, end)
            last = end - timedelta(days=1)
            assert (
                figures.period(last, grain, calendar.week_start, calendar.fiscal_year_start) == label or grain == "day"
            )
