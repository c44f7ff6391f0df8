"""Charts of balances: MRR over time, the steps of one account."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from rollforward.answers.table import Table
from rollforward.charts.chart import (
    Chart,
    Record,
    amounts,
    frame,
    in_currency,
    is_whole,
    label,
    money,
    nothing,
    period_axis,
    records,
    short,
    tip,
    value,
)
from rollforward.charts.look import ACCENT, MUTED, PAPER, Spec
from rollforward.text import _, figures
from rollforward.text.cells import cell, heading


def trend(table: Table, column: str = "mrr", currency: str | None = None, by: str = "month") -> Chart:
    """A balance over time as an area from zero: `mrr`, `arr` or `accounts` of the metrics, `closing` of a roll-forward.

    Periods at the end that are not over are drawn with dashes.
    """
    title = heading("mrr" if column == "closing" else column)
    rows = [r for r in records(table, currency) if r.get(column) is not None]
    if not rows:
        return nothing(title)
    is_count = isinstance(rows[0][column], int) and column.startswith("accounts")

    def told(r: Record) -> str:
        return cell(column, r, by) if is_count else money(r, column)

    found: list[Record] = [
        {
            "x": label(r, by),
            "v": value(r[column]),
            "whole": is_whole(r),
            "tip": tip(label(r, by), [(heading(column), told(r))], is_whole(r)),
        }
        for r in rows
    ]
    ends = max((i for i, r in enumerate(rows) if is_whole(r)), default=0)
    x, axis = period_axis(rows, by, point=True), title if is_count else in_currency(column, rows)
    y: Spec = {"field": "v", "type": "quantitative", "scale": {"zero": True}, "axis": amounts(axis)}
    line: Spec = {"type": "line", "color": ACCENT}
    layers: list[Spec] = [
        {"mark": {"type": "area", "color": ACCENT, "opacity": 0.12}, "encoding": {"x": x, "y": y}},
        {"data": {"values": found[: ends + 1]}, "mark": line, "encoding": {"x": x, "y": y}},
        {"data": {"values": found[ends:]}, "mark": {**line, "strokeDash": [4, 4]}, "encoding": {"x": x, "y": y}},
        # what the pointer finds: a point for each period, seen where the line is short
        {
            "mark": {"type": "point", "filled": True, "color": ACCENT, "size": 60 if len(found) > 400 else 120},
            "encoding": {"x": x, "y": y, "opacity": {"value": 0}, "tooltip": {"field": "tip"}},
        },
        {
            "data": {"values": found[-1:]},
            "mark": {"type": "point", "filled": True, "size": 50, "color": ACCENT, "opacity": 1},
            "encoding": {"x": x, "y": y, "tooltip": {"field": "tip"}},
        },
        {
            "data": {"values": [{**found[-1], "t": short(rows[-1][column])}]},
            "mark": {"type": "text", "dy": -12, "fontWeight": 600, "align": "right", "dx": 6},
            "encoding": {"x": x, "y": y, "text": {"field": "t"}},
        },
    ]
    said = _("{title} from {first} to {last}: {total} in {last}.").format(
        title=title, first=label(rows[0], by), last=label(rows[-1], by), total=told(rows[-1])
    )
    return Chart(title, said, frame(found, layers, 220))


def account_steps(table: Table, currency: str | None = None, until: date | None = None) -> Chart:
    """The MRR of one account as steps, each with its movement and drivers: a table with `on_date`, `before`, `after`,
    `movement` and `by_…`, as `explain` gives for one account. The last step lasts to `until`.
    """
    title = heading("mrr")
    rows = [r for r in records(table, currency) if isinstance(r["on_date"], date)]
    if not rows:
        return nothing(title, _("No MRR yet."))
    rows.sort(key=lambda r: str(r["on_date"]))
    found: list[Record] = []
    for r in rows:
        lines = [(cell("movement", r, "day"), money(r, "amount"))]
        lines += [(heading("drivers"), made)] if (made := cell("drivers", r, "day")) else []
        lines += [(heading("mrr"), money(r, "after"))]
        found.append(
            {"x": _instant(r["on_date"]), "v": value(r["after"]), "tip": tip(cell("on_date", r, "day"), lines)}
        )
    days = [r["on_date"] for r in rows if isinstance(r["on_date"], date)]
    end = max(until or days[-1], days[-1])
    if end == days[0]:
        end = date.fromordinal(end.toordinal() + 30)
    steps = [*found, {"x": _instant(end), "v": found[-1]["v"]}]
    marks = _marks(days[0], end)
    names = json.dumps({str(_instant(d)): text for d, text in marks.items()}, ensure_ascii=False)
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [_instant(days[0]), _instant(end)], "nice": False, "zero": False},
        "axis": {"title": None, "values": [_instant(d) for d in marks], "labelExpr": f"({names})[datum.value]"},
    }
    y: Spec = {
        "field": "v",
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": amounts(in_currency("mrr", rows)),
    }
    course: Spec = {"x": x, "y": y}
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "interpolate": "step-after", "color": ACCENT, "opacity": 0.12},
            "encoding": course,
        },
        {"mark": {"type": "line", "interpolate": "step-after", "color": ACCENT}, "encoding": course},
        {
            "data": {"values": found},
            "mark": {"type": "point", "filled": True, "fill": PAPER, "stroke": ACCENT, "strokeWidth": 1.5, "size": 50},
            "encoding": {**course, "opacity": {"value": 1}, "tooltip": {"field": "tip"}},
        },
        {"mark": {"type": "rule", "color": MUTED}, "encoding": {"y": {"datum": 0}}},
    ]
    said = _("{title} of the account since {first}: {total} now.").format(
        title=title, first=figures.day(days[0]), total=money(rows[-1], "after")
    )
    return Chart(title, said, frame(steps, layers, 220))


def _instant(day: object) -> int:
    assert isinstance(day, date)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _marks(first: date, last: date) -> dict[date, str]:
    """Days to name on an axis of days: at most twelve firsts of months."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if len(months) <= 12 * s)
    days = [date(m // 12, m % 12 + 1, 1) for m in months if m % step == 0]
    found = {d: figures.period(d, "year" if step >= 12 else "month") for d in days if first <= d <= last}
    return found or {first: figures.day(first)}
