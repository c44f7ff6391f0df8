"""The heat map of cohorts: a line a cohort, a column an age."""

from __future__ import annotations

from datetime import date

from rollforward.answers.table import Table
from rollforward.charts.chart import Chart, Record, frame, is_whole, label, nothing, records, tip, value
from rollforward.charts.look import BETTER, EVEN, HATCH, INK, INK_ON_COLOUR, MUTED, WORSE, Spec
from rollforward.text import _, figures
from rollforward.text.cells import cell, heading

MOST = 60
"""Cohorts and ages of a heat map; more would be smaller than can be told apart."""

_TALLEST, _LOWEST, _ALL = 24, 7, 640
"""Height of a line: at most, at least, and of all lines together."""

MEASURES = ("ndr", "grr", "logo_retention")


def cohorts(table: Table, measure: str = "ndr", currency: str | None = None, by: str = "month") -> Chart:
    """What is left of each cohort at each age: `ndr`, `grr` or `logo_retention`.

    Cells of periods that are not over are hatched, cohorts of few accounts have a `~` before their number. Cells
    carry their number where it fits.
    """
    title = _("Cohorts: {measure}").format(measure=heading(measure))
    rows = [r for r in records(table, currency) if r.get(measure) is not None]
    if not rows:
        return nothing(title)
    began = sorted({_day(r["cohort"]) for r in rows})
    kept, remark = began[-MOST:], left_out(len(began), max(int(str(r["age"])) for r in rows))
    first = kept[0]
    found: list[Record] = []
    names: dict[date, str] = {}
    for r in rows:
        day, age = _day(r["cohort"]), int(str(r["age"]))
        if day < first or age > MOST:
            continue
        if day not in names:
            name = _("before") if day == date.min else label(r | {"period": day}, by)
            names[day] = name + ("~" if r["is_small"] else "")
        lines = [
            (heading("age"), str(age)),
            (heading(measure), cell(measure, r, by)),
            (heading("mrr"), cell("mrr", r, by) + f" {r['currency']}"),
            (heading("accounts"), f"{cell('accounts_left', r, by)} / {cell('accounts_start', r, by)}"),
        ]
        found.append(
            {
                "y": names[day],
                "x": age,
                "v": value(r[measure]),
                "t": figures.percent(float(str(r[measure])), 0)[:-1],
                "whole": is_whole(r),
                "tip": tip(names[day], lines, is_whole(r)),
            }
        )
    if any(r["is_small"] for r in rows):
        remark = " ".join(filter(None, (remark, _("~ fewer than 20 accounts: not comparable."))))
    ages = max(int(str(f["x"])) for f in found)
    step = max(_LOWEST, min(_TALLEST, _ALL // len(names)))
    scale = {"domain": [names[d] for d in kept if d in names], "paddingInner": 0.06}
    y: Spec = {
        "field": "y",
        "type": "ordinal",
        "sort": None,
        "scale": scale,
        "axis": {"title": None, "domain": False, "ticks": False, "labelOverlap": "greedy", "labelFontSize": 11},
    }
    each = next(s for s in (1, 3, 6, 12) if ages <= 24 * s)
    x: Spec = {
        "field": "x",
        "type": "ordinal",
        "scale": {"domain": list(range(ages + 1)), "paddingInner": 0.04},
        "axis": {
            "orient": "top",
            "domain": False,
            "ticks": False,
            "title": _("Age in quarters") if by == "quarter" else _("Age in months"),
            "titleAlign": "left",
            "titleAnchor": "start",
            "values": list(range(0, ages + 1, each)),
        },
    }
    colours: Spec = {
        "field": "v",
        "type": "quantitative",
        "scale": {"domain": [0.5, 1, 1.5], "range": [WORSE, EVEN, BETTER], "interpolate": "lab", "clamp": True},
        "legend": {"orient": "bottom", "gradientLength": 160, "labelExpr": "format(datum.value, '~%')", "tickCount": 4},
    }
    fits = f"bandwidth('x') >= 26 && {step} >= 14 ? 1 : 0"
    layers: list[Spec] = [
        {"mark": {"type": "rect"}, "encoding": {"x": x, "y": y, "color": colours, "tooltip": {"field": "tip"}}},
        {
            "mark": {"type": "text", "fontSize": 10, "opacity": {"expr": fits}},
            "encoding": {
                "x": x,
                "y": y,
                "text": {"field": "t"},
                "color": {"condition": {"test": "abs(datum.v - 1) > 0.36", "value": INK_ON_COLOUR}, "value": INK},
            },
        },
    ]
    if open_cells := [{"x": f["x"], "y": f["y"], "tip": f["tip"]} for f in found if not f["whole"]]:
        edge = {"type": "rect", "fill": HATCH, "stroke": MUTED, "strokeWidth": 0.5, "strokeDash": [2, 2]}
        hatched: Spec = {"x": x, "y": y, "tooltip": {"field": "tip"}}
        layers.insert(1, {"data": {"values": open_cells}, "mark": edge, "encoding": hatched})
    said = _("{title}, {number} cohorts from {first} to {last}.").format(
        title=title, number=len(names), first=names[kept[0]], last=names[kept[-1]]
    )
    return Chart(title, said, frame(found, layers, {"step": step}), remark)


def left_out(cohorts: int, oldest: int) -> str:
    """What to say where there are more cohorts, or ages, than are shown; '' where all are."""
    if cohorts > MOST:
        return _("The last {shown} of {all} cohorts, up to the age of {shown}.").format(shown=MOST, all=cohorts)
    return _("Ages up to {shown} of {all}.").format(shown=MOST, all=oldest) if oldest > MOST else ""


def _day(told: object) -> date:
    assert isinstance(told, date)
    return told
