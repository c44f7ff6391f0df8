"""MRR ahead: where it stands, the mean of what was drawn, and the interval."""

from __future__ import annotations

from rollforward.answers.table import Table
from rollforward.charts.chart import (
    Chart,
    Record,
    amounts,
    frame,
    in_currency,
    label,
    money,
    nothing,
    period_axis,
    records,
    tip,
    value,
)
from rollforward.charts.look import ACCENT, Spec
from rollforward.text import _
from rollforward.text.cells import cell, heading


def ahead(table: Table, currency: str | None = None) -> Chart:
    """The closing MRR of each month ahead as a dashed line, with its 80 % interval; the axis may not begin at zero."""
    title = _("MRR ahead")
    rows = records(table, currency)
    if not rows:
        return nothing(title)
    found: list[Record] = []
    for r in rows:
        lines = [(heading("closing"), money(r, "closing"))]
        if r.get("closing_low") is not None:
            lines.append((_("Interval (80%)"), cell("closing_interval", r, "month")))
        found.append(
            {
                "x": label(r, "month"), "v": value(r["closing"]), "lo": value(r.get("closing_low")),
                "hi": value(r.get("closing_high")), "tip": tip(label(r, "month"), lines),
            }
        )  # fmt: skip
    x = period_axis(rows, "month", point=True)
    axis = amounts(in_currency("mrr", rows) + _(" · axis does not start at zero"))
    y: Spec = {"field": "v", "type": "quantitative", "scale": {"zero": False, "nice": True}, "axis": axis}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.lo != null"}],
            "mark": {"type": "area", "color": ACCENT, "opacity": 0.15},
            "encoding": {"x": x, "y": {**y, "field": "lo"}, "y2": {"field": "hi"}},
        },
        {"mark": {"type": "line", "color": ACCENT, "strokeDash": [5, 4]}, "encoding": {"x": x, "y": y}},
        {
            "mark": {"type": "point", "filled": True, "size": 90, "color": ACCENT},
            "encoding": {"x": x, "y": y, "opacity": {"value": 0}, "tooltip": {"field": "tip"}},
        },
    ]
    said = _("{title} from {first} to {last}: {total} in {last}.").format(
        title=title, first=label(rows[0], "month"), last=label(rows[-1], "month"), total=money(rows[-1], "closing")
    )
    return Chart(title, said, frame(found, layers, 240))
