"""Tables that Python makes and models read: windows and closed days. SQL reads no clock.

Comes in: dates. Goes out: tables by name, each as columns of equal length and their DuckDB types, in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from rollforward import closings, periods

NEVER = 1_000_000
"""Number of a window that does not exist."""

_DAY = timedelta(days=1)

Columns = Mapping[str, Sequence[object]]
Tables = dict[str, tuple[Columns, str]]
"""Name → (columns, their types with spaces between)."""

AS_KNOWN = {
    "known_window": "account_window", "known_reclass": "reclass", "known_apart": "apart",
    "known_change": "mrr_change", "known_involuntary": "involuntary",
}  # fmt: skip
"""What the models of closed periods call the models whose place they take."""


def closed(spans: Sequence[closings.Span], began: date) -> Tables:
    """Which days are closed and in which commit, the first open day, and the closed months since `began`."""
    told = [(s.closing.commit_id, s.from_on, s.to_on) for s in spans]
    first = closings.open_from(list(spans))
    # Just before the day's first window, so that no window has two rows.
    before = datetime(first.year, first.month, first.day) - timedelta(microseconds=1)
    last = first - timedelta(days=1)
    months = list(periods.Calendar().spread("month", began, last, (began, first)))
    days = days_between(began, last)
    return {
        "closed_span": (columns("commit_id from_on to_on", told), "BIGINT DATE DATE"),
        "open_from": ({"on_date": [first], "restated_at": [before]}, "DATE TIMESTAMP"),
        "closed_period": (
            columns("period following open_from", [(p.start, p.end, first) for p in months]),
            "DATE DATE DATE",
        ),
        "closed_period_day": ({"on_date": days, "period": [d.replace(day=1) for d in days]}, "DATE DATE"),
    }


def months(spans: Sequence[Sequence[object]]) -> Tables:
    """`calendar_month`: every calendar month that rows (first, last moment) touch, with a day on either side."""
    found: list[tuple[date, date]] = []
    for first, last in spans:
        assert isinstance(first, datetime) and isinstance(last, datetime)
        around = (first.date() - _DAY, last.date() + _DAY)
        found += [(p.start, p.end) for p in periods.Calendar().spread("month", *around, around)]
    return {"calendar_month": (columns("month_from month_to", found), "DATE DATE")}


def windows(ends: Sequence[tuple[date, date, bool]], months: int, first: date, last: date, known_to: date) -> Tables:
    """`retention_window`, `window_day` and `span` for windows (start, end, is_complete) and the days first … last.

    opening_day, closing_day: the days whose rates hold at a window's ends; nothing is known from `known_to` on.
    """
    starts, stops = [w[0] for w in ends], [w[1] for w in ends]
    n, days = len(ends), days_between(first, last)

    def after(bounds: list[date], day: date) -> int:
        seq = bisect_right(bounds, day) + 1
        return seq if seq <= n else NEVER

    lengths = list(range(1, n + 1))
    return {
        "window_day": (
            {
                "on_date": days,
                "months": [months] * len(days),
                "seq_close": [after(stops, d) for d in days],
                "seq_open": [after(starts, d) for d in days],
            },
            "DATE BIGINT BIGINT BIGINT",
        ),
        "retention_window": (
            {
                "months": [months] * n,
                "seq": lengths,
                "window_start": starts,
                "window_end": stops,
                "is_complete": [w[2] for w in ends],
                "opening_day": [s - _DAY for s in starts],
                "closing_day": [min(e, known_to) - _DAY for e in stops],
            },
            "BIGINT BIGINT DATE DATE BOOLEAN DATE DATE",
        ),
        "span": (
            {
                "months": [months] * n,
                "length": lengths,
                "width": [1 << (k.bit_length() - 1) for k in lengths],
                "windows": [n] * n,
            },
            "BIGINT BIGINT BIGINT BIGINT",
        ),
    }


def days_between(first: date, last: date) -> list[date]:
    """The days first … last, none if last is before first."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def columns(names: str, rows: Sequence[Sequence[object]]) -> Columns:
    """`rows` turned: the cells of each column, by its name."""
    return {name: [row[i] for row in rows] for i, name in enumerate(names.split())}
