"""How long expansions last: the share still held after so many months."""

from __future__ import annotations

from rollforward.answers.table import Table
from rollforward.charts.chart import Chart, Record, frame, nothing, records, tip, value
from rollforward.charts.look import ACCENT, DRIVER_COLOURS, MEASURES, PERCENTS, Spec
from rollforward.text import _
from rollforward.text.cells import cell, heading

MOST = 8
"""Lines of one chart; of more groups those with the most expansions are drawn."""

BOTH = ("held", "money_held")


def durability(table: Table, currency: str | None = None, split: str = "", measure: str = "held") -> Chart:
    """Shares held by months since the expansion; without a split by number and by money, each with its interval.

    split: the column by whose values the table is split; measure: then `held` or `money_held`. Groups under 20
    expansions are drawn dotted.
    """
    title = _("Expansions still held after so many months")
    rows = [r for r in records(table, currency) if r.get("held") is not None]
    if not rows:
        return nothing(title)
    found: list[Record] = []
    remark = ""
    if split:
        made = {str(r[split]): int(str(r["made"])) for r in rows}
        kept = sorted(made, key=lambda g: -made[g])[:MOST]
        if len(made) > len(kept):
            remark = _("The {shown} largest of {all} groups; the table has all.").format(shown=MOST, all=len(made))
        names = {g: cell(split, {split: g}, "") for g in kept}
        for r in rows:
            if (g := str(r[split])) in names:
                found += _points(r, measure, names[g], is_first=int(str(r["age_months"])) == 1)
        domain = [names[g] for g in kept]
        colours = list(DRIVER_COLOURS.values())[: len(domain)]
    else:
        for m in BOTH:
            for r in rows:
                found += _points(r, m, heading(m), is_first=int(str(r["age_months"])) == 1)
        domain, colours = [heading(m) for m in BOTH], [ACCENT, MEASURES["grr"]]
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "axis": {"title": _("Months since the expansion"), "tickMinStep": 1},
    }
    y: Spec = {
        "field": "v", "type": "quantitative", "scale": {"domain": [0, 1]},
        "axis": {"title": None, "labelExpr": PERCENTS, "tickCount": 5},
    }  # fmt: skip
    colour: Spec = {"field": "k", "type": "nominal", "sort": None, "scale": {"domain": domain, "range": colours}}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.lo != null"}],
            "mark": {"type": "area", "opacity": 0.1 if split else 0.15, "interpolate": "step-after"},
            "encoding": {"x": x, "y": {**y, "field": "lo"}, "y2": {"field": "hi"}, "color": colour},
        },
        {
            "mark": {"type": "line", "interpolate": "step-after"},
            "encoding": {
                "x": x, "y": y, "color": colour,
                "strokeDash": {"condition": {"test": "datum.few", "value": [2, 4]}, "value": [1, 0]},
            },
        },
        {
            "mark": {"type": "point", "filled": True, "size": 90},
            "encoding": {"x": x, "y": y, "color": colour, "opacity": {"value": 0}, "tooltip": {"field": "tip"}},
        },
    ]  # fmt: skip
    last = rows[-1]
    said = _("{title}: {share} by number and {money} by money after {months} months.").format(
        title=title, share=cell("held", last, ""), money=cell("money_held", last, ""), months=last["age_months"]
    )
    return Chart(title, title if split else said, frame(found, layers[0 if not split else 1 :], 280), remark)


def _points(row: Record, measure: str, name: str, is_first: bool) -> list[Record]:
    stem = measure.removesuffix("_held")
    months = int(str(row["age_months"]))
    lines = [(heading(measure), cell(measure, row, ""))]
    if row.get(f"{stem}_low") is not None:
        lines.append((_("Interval (95%)"), cell(f"{stem}_interval", row, "")))
    lines += [(heading("at_risk"), cell("at_risk", row, ""))]
    told = _("{name}, after {months} months").format(name=name, months=months)
    point: Record = {
        "x": months, "k": name, "v": value(row.get(measure)), "lo": value(row.get(f"{stem}_low")),
        "hi": value(row.get(f"{stem}_high")), "few": bool(row.get("is_small")), "tip": tip(told, lines),
    }  # fmt: skip
    start: Record = {
        "x": 0,
        "k": name,
        "v": 1,
        "lo": 1,
        "hi": 1,
        "few": point["few"],
        "tip": tip(name, [(heading("made"), cell("made", row, ""))]),
    }
    return [start, point] if is_first else [point]
