"""What 1 of new and of expansion MRR cost over time."""

from __future__ import annotations

from rollforward.answers.table import Table
from rollforward.charts.chart import Chart, Record, frame, is_whole, label, nothing, period_axis, records, tip, value
from rollforward.charts.look import KINDS, MUTED, Spec
from rollforward.text import _
from rollforward.text.cells import cell, heading

COSTS = {"cost_new": KINDS["new"], "cost_expansion": KINDS["expansion"], "cost_blended": MUTED}


def costs(table: Table, currency: str | None = None, by: str = "month") -> Chart:
    """The cost of 1 of new, of expansion MRR and of both, as lines from zero."""
    title = _("What 1 of MRR cost")
    rows = [r for r in records(table, currency) if any(r.get(c) is not None for c in COSTS)]
    if not rows:
        return nothing(title, _("Nothing is said of what was spent in this time."))
    found: list[Record] = [
        {
            "x": label(r, by), "k": heading(c), "v": value(r.get(c)),
            "tip": tip(label(r, by), [(heading(c), cell(c, r, by))], is_whole(r)),
        }
        for r in rows for c in COSTS if r.get(c) is not None
    ]  # fmt: skip
    x = period_axis(rows, by, point=True)
    y: Spec = {"field": "v", "type": "quantitative", "scale": {"zero": True}, "axis": {"title": None, "tickCount": 5}}
    scale = {"domain": [heading(c) for c in COSTS], "range": list(COSTS.values())}
    colour: Spec = {"field": "k", "type": "nominal", "sort": None, "scale": scale}
    layers: list[Spec] = [
        {"mark": {"type": "line"}, "encoding": {"x": x, "y": y, "color": colour}},
        {
            "mark": {"type": "point", "filled": True, "size": 90},
            "encoding": {"x": x, "y": y, "color": colour, "opacity": {"value": 0}, "tooltip": {"field": "tip"}},
        },
    ]
    last = ", ".join(f"{heading(c)} {cell(c, rows[-1], by)}" for c in COSTS)
    said = _("{title} from {first} to {last}: {total} in {last}.").format(
        title=title, first=label(rows[0], by), last=label(rows[-1], by), total=last
    )
    return Chart(title, said, frame(found, layers, 240))
