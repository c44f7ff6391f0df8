"""Tables that Python makes and models read: windows and closed days. SQL reads no clock.

Comes in: dates. Goes out: tables by name, each as columns of equal length and their DuckDB types, in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from rollforward import closings, periods
from rollforward.schema import DRIVERS

NEVER = 1_000_000
"""Number of a window that does not exist."""

_DAY = timedelta(days=1)

Columns = Mapping[str, Sequence[object]]
Tables = dict[str, tuple[Columns, str]]
"""Name → (columns, their types with spaces between)."""

CONSTANT = {
    "driver": " union all ".join(f"select {n} as nth" for n in range(1, 9)),
    "no_item": "select cast(0 as bigint) as product_key, cast(0 as bigint) as plan_key, 0 as per, '' as currency, "
    "'' as family, '' as value, '' as shown, 0 as kept where false",
    "side": "select 1 as side union all select -1",
    "driver_name": " union all ".join(f"select '{d}' as driver" for d in DRIVERS),
    "horizon": " union all ".join(f"select {n} as months" for n in (12, 24, 36)),
    "discount_part": "select 1 as part union all select 2 union all select 3",
}
"""Tables that are the same for every store."""

AS_KNOWN = {
    "known_window": "account_window", "known_reclass": "reclass", "known_apart": "apart",
    "known_change": "mrr_change", "known_involuntary": "involuntary", "known_member": "member_span",
}  # fmt: skip
"""What the models of closed periods call the models whose place they take."""


def before(day: date) -> datetime:
    """The moment that belongs to the last day before `day`, and to `day` what is restated at it.

    Just before the day's first window, which may be what a link moves (handed_window): no window has two rows.
    """
    midnight = datetime(day.year, day.month, day.day)
    return midnight - timedelta(microseconds=3) if day > date.min else midnight


def closed(spans: Sequence[closings.Span], began: date) -> Tables:
    """Which days are closed and in which commit, the first open day (0001-01-01: all), closed months since `began`."""
    told = [(s.closing.commit_id, s.from_on, s.to_on) for s in spans]
    first = closings.open_from(list(spans))
    days_from = sorted({first, *(s.from_on for s in spans)})
    last = first - timedelta(days=1 if spans else 0)
    months = list(periods.Calendar().spread("month", began, last, (began, first))) if spans else []
    days = days_between(began, last) if spans else []
    return {
        "closed_span": (columns("commit_id from_on to_on", told), "BIGINT DATE DATE"),
        "boundary": (
            columns("restated_at on_date", [(before(d), d) for d in days_from if d > date.min]),
            "TIMESTAMP DATE",
        ),
        "open_from": ({"on_date": [first], "restated_at": [before(first)]}, "DATE TIMESTAMP"),
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


def lookback(known_to: date) -> Tables:
    """`lookback`: the first day not known, the last one known, and the first days after 30 days and 12 months ago."""
    row = (known_to, known_to - _DAY, known_to - 30 * _DAY, periods.add_months(known_to, -12))
    return {"lookback": (columns("known_to last_day month_ago year_ago", [row]), "DATE")}


def columns(names: str, rows: Sequence[Sequence[object]]) -> Columns:
    """`rows` turned: the cells of each column, by its name."""
    return {name: [row[i] for row in rows] for i, name in enumerate(names.split())}
