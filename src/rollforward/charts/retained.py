"""Charts of retention: over time, by segment, and the bridge between two windows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from rollforward.answers.table import Table
from rollforward.charts.chart import (
    Chart,
    Record,
    frame,
    is_whole,
    label,
    nothing,
    period_axis,
    records,
    tip,
    value,
)
from rollforward.charts.look import MEASURES, MIX, MUTED, PAPER, PERCENTS, POINTS, RATE, Spec
from rollforward.text import _, figures
from rollforward.text.cells import cell, heading

MOST_SEGMENTS = 25
_ROW = 32


def retention_trend(
    table: Table, currency: str | None = None, by: str = "month", measures: Sequence[str] = ("ndr", "grr")
) -> Chart:
    """NDR, GRR (and `logo_retention`) over time, with the 95 % interval as a band and 100 % as a line.

    The axis may begin above zero, as lines are read by their place; its title says so.
    """
    title = _("Retention")
    rows = [r for r in records(table, currency) if any(r.get(m) is not None for m in measures)]
    if not rows:
        return nothing(title)
    found: list[Record] = []
    for r in rows:
        for m in measures:
            lines = [(heading(m), cell(m, r, by))]
            if r.get(f"{m}_low") is not None:
                lines.append((_("Interval (95%)"), cell(f"{m}_interval", r, by)))
            lines.append((heading("accounts_opening"), cell("accounts_opening", r, by)))
            at = label(r, by, "window_end")
            found.append(
                {
                    "x": at,
                    "m": m,
                    "v": value(r.get(m)),
                    "lo": value(r.get(f"{m}_low")),
                    "hi": value(r.get(f"{m}_high")),
                    "tip": tip(at, lines, is_whole(r)),
                }
            )
    x = period_axis(rows, by, "window_end", point=True)
    scale = {"zero": False, "nice": True}
    axis: Spec = {"title": _("Axis does not start at zero"), "labelExpr": PERCENTS, "tickCount": 5}
    y: Spec = {"field": "v", "type": "quantitative", "scale": scale, "axis": axis}
    colour: Spec = {
        "field": "m",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(measures), "range": [MEASURES[m] for m in measures]},
    }
    dash: Spec = {"condition": {"test": "datum.m == 'logo_retention'", "value": [5, 4]}, "value": [1, 0]}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.lo != null"}],
            "mark": {"type": "area", "opacity": 0.13},
            "encoding": {"x": x, "y": {**y, "field": "lo"}, "y2": {"field": "hi"}, "color": colour},
        },
        {"mark": {"type": "rule", "color": MUTED, "strokeWidth": 1}, "encoding": {"y": {"datum": 1}}},
        {
            "mark": {"type": "line", "invalid": "break-paths-show-domains"},
            "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 110},
            "encoding": {
                "x": x,
                "y": y,
                "color": colour,
                "opacity": {"value": 1 if len(rows) == 1 else 0},
                "tooltip": {"field": "tip"},
            },
        },
        {
            "data": {"values": _ends(rows[-1], label(rows[-1], by, "window_end"), by, measures)},
            "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": 600},
            "encoding": {
                "x": x,
                "y": y,
                "color": colour,
                "text": {"field": "t"},
                "yOffset": {"field": "dy", "type": "quantitative", "scale": None},
            },
        },
    ]
    last = ", ".join(f"{heading(m)} {cell(m, rows[-1], by)}" for m in measures)
    said = _("{title} from {first} to {last}: {total} in {last}.").format(
        title=title, first=label(rows[0], by, "window_end"), last=label(rows[-1], by, "window_end"), total=last
    )
    return Chart(title, said, frame(found, layers, 260))


def _ends(row: Record, at: str, by: str, measures: Sequence[str]) -> list[Record]:
    """What stands behind the end of each line, moved apart where two would touch."""
    told = sorted(((float(str(row[m])), m) for m in measures if row.get(m) is not None), reverse=True)
    ends: list[Record] = []
    for place, (v, m) in enumerate(told):
        near = place and told[place - 1][0] - v < 0.03
        ends.append({"x": at, "m": m, "v": v, "t": f"{heading(m)} {figures.percent(v)}", "dy": 9 if near else 0})
    return ends


def segments(table: Table, currency: str | None = None, measure: str = "ndr", by: str = "month") -> Chart:
    """NDR (or GRR) of each segment in its last window: a dot, its 95 % interval, 100 % as a line.

    A segment of few accounts has an empty dot and no interval; those with the most MRR come first where there are many.
    """
    title = _("{measure} by segment").format(measure=heading(measure))
    rows = [r for r in records(table, currency) if r.get(measure) is not None]
    if not rows:
        return nothing(title)
    column = "segment" if "segment" in rows[0] else "product"
    last = max(str(r["window_end"]) for r in rows)
    rows = sorted((r for r in rows if str(r["window_end"]) == last), key=lambda r: -float(str(r["opening"])))
    remark = _few(rows)
    if len(rows) > MOST_SEGMENTS:
        more = _("The {shown} largest of {all}; the table has all.").format(shown=MOST_SEGMENTS, all=len(rows))
        rows, remark = rows[:MOST_SEGMENTS], " ".join(filter(None, (more, remark)))
    rows.sort(key=lambda r: -float(str(r[measure])))
    found: list[Record] = []
    for r in rows:
        lines = [(heading(measure), cell(measure, r, by))]
        if r.get(f"{measure}_low") is not None:
            lines.append((_("Interval (95%)"), cell(f"{measure}_interval", r, by)))
        lines.append((heading("accounts_opening"), cell("accounts_opening", r, by)))
        v, low, high = (value(r.get(n)) for n in (measure, f"{measure}_low", f"{measure}_high"))
        found.append(
            {
                "k": _segment(r[column]),
                "v": v,
                "lo": low,
                "hi": high,
                "right": high if high is not None else v,
                "small": bool(r.get("is_small")),
                "t": ("~" if r.get("is_small") else "") + figures.percent(float(str(r[measure]))),
                "tip": tip(_segment(r[column]), lines, is_whole(r)),
            }
        )
    axis: Spec = {"title": _("Axis does not start at zero"), "labelExpr": PERCENTS, "tickCount": 5, "grid": True}
    x: Spec = {"field": "v", "type": "quantitative", "scale": {"zero": False, "padding": 20}, "axis": axis}
    y: Spec = {"field": "k", "type": "nominal", "sort": None, "axis": {"title": None}}
    colour = MEASURES[measure]
    fill: Spec = {"condition": {"test": "datum.small", "value": PAPER}, "value": colour}
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": MUTED, "strokeWidth": 1}, "encoding": {"x": {"datum": 1}}},
        {
            "transform": [{"filter": "datum.lo != null"}],
            "mark": {"type": "rule", "color": colour, "strokeWidth": 2, "opacity": 0.5},
            "encoding": {"x": {**x, "field": "lo"}, "x2": {"field": "hi"}, "y": y},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 90, "stroke": colour, "strokeWidth": 1.5, "opacity": 1},
            "encoding": {"x": x, "y": y, "fill": fill, "tooltip": {"field": "tip"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 8},
            "encoding": {"x": {**x, "field": "right"}, "y": y, "text": {"field": "t"}},
        },
    ]
    said = ", ".join(f"{f['k']} {f['t']}" for f in found)
    return Chart(title, f"{title}: {said}", frame(found, layers, {"step": _ROW}), remark)


def _few(rows: Sequence[Record]) -> str:
    return _("~ fewer than 20 accounts: not comparable.") if any(r.get("is_small") for r in rows) else ""


def _segment(name: object) -> str:
    return cell("segment", {"segment": str(name)}, "month")


def bridge(table: Table, currency: str | None = None) -> Chart:
    """What each segment gave to the change of NDR between two windows: by its own rate, and by its weight (mix)."""
    title = _("Bridge of NDR: rate and mix")
    rows = records(table, currency)
    if not rows:
        return nothing(title)
    *parts, total = rows
    remark = _few(parts)
    if len(parts) > MOST_SEGMENTS:
        more = _("The {shown} largest of {all}; the table has all.").format(shown=MOST_SEGMENTS, all=len(parts))
        parts, remark = parts[:MOST_SEGMENTS], " ".join(filter(None, (more, remark)))
    found: list[Record] = []
    for r in (*parts, total):
        name = _segment(r["segment"]) + ("~" if r.get("is_small") and r is not total else "")
        lines = [(heading(n), _points(r[n])) for n in ("rate", "mix", "contribution")]
        lines += [
            (heading(n), cell(n, r, "month")) for n in ("ndr_before", "ndr_after", "weight_before", "weight_after")
        ]
        for kind in ("rate", "mix"):
            told = tip(name, lines)
            found.append({"k": name, "n": heading(kind), "v": value(r[kind]) or 0, "t": _points(r[kind]), "tip": told})
    names = [heading("rate"), heading("mix")]
    axis: Spec = {
        "title": _("Change of NDR, percentage points"),
        "labelExpr": POINTS,
        "tickCount": 5,
        "grid": True,
    }
    x: Spec = {"field": "v", "type": "quantitative", "scale": {"zero": True, "padding": 30}, "axis": axis}
    y: Spec = {"field": "k", "type": "nominal", "sort": None, "axis": {"title": None}}
    place: Spec = {"field": "n", "type": "nominal", "sort": None, "scale": {"domain": names}}
    colour: Spec = {"field": "n", "type": "nominal", "scale": {"domain": names, "range": [RATE, MIX]}}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar"},
            "encoding": {"x": x, "y": y, "yOffset": place, "color": colour, "tooltip": {"field": "tip"}},
        },
        {"mark": {"type": "rule", "color": MUTED, "strokeWidth": 1}, "encoding": {"x": {"datum": 0}}},
    ]
    for side, test in ((1, "datum.v >= 0"), (-1, "datum.v < 0")):
        mark: Spec = {"type": "text", "align": "left" if side > 0 else "right", "dx": 5 * side, "fontSize": 10}
        encoding: Spec = {"x": x, "y": y, "yOffset": place, "text": {"field": "t"}}
        layers.append({"transform": [{"filter": test}], "mark": mark, "encoding": encoding})
    said = _("{title}: from {before} in {first} to {after} in {last}.").format(
        title=title, before=cell("ndr_before", total, "month"), after=cell("ndr_after", total, "month"),
        first=_window(total["window_end_before"]), last=_window(total["window_end_after"]),
    )  # fmt: skip
    return Chart(title, said, frame(found, layers, {"step": 46, "for": "position"}), remark)


def _window(end: object) -> str:
    return figures.period(end - timedelta(days=1), "month") if isinstance(end, date) else figures.NONE


def _points(ratio: object) -> str:
    """A difference of two ratios in percentage points."""
    told = float(ratio) if isinstance(ratio, int | float) else 0.0
    return ("+" if round(told, 4) > 0 else "") + figures.percent(told, 2)[:-1]
