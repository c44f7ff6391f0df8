"""Expansion by segment or cohort, each bar made of its drivers."""

from __future__ import annotations

from decimal import Decimal

from rollforward.answers.table import Table
from rollforward.charts.chart import (
    Chart,
    Record,
    amount_of,
    amounts,
    by_kind,
    frame,
    in_currency,
    money,
    nothing,
    records,
    short,
    tip,
    value,
)
from rollforward.charts.flows import BY
from rollforward.charts.look import DRIVER_COLOURS, Spec
from rollforward.text import _, figures
from rollforward.text.cells import cell, heading
from rollforward.text.cells import dimension as called

MOST = 25
_ROW = 28


def driver_split(table: Table, dimension: str = "", currency: str | None = None) -> Chart:
    """Expansion MRR of each segment by driver, in the last period of the table.

    The largest first; months (`cohort`) in their order. Segments without expansion are left out.
    """
    title = _("Expansion MRR by cohort")
    if dimension != "cohort":
        title = _("Expansion MRR by {dimension}").format(
            dimension=called(dimension) if dimension else heading("segment")
        )
    rows = [r for r in records(table, currency) if amount_of(r, "expansion")]
    if not rows:
        return nothing(title)
    last = max(str(r["period"]) for r in rows)
    rows = [r for r in rows if str(r["period"]) == last]
    all_rows = len(rows)
    if dimension == "cohort":
        rows = sorted(rows, key=lambda r: str(r["segment"]))[-MOST:]
    else:
        rows = sorted(rows, key=lambda r: -amount_of(r, "expansion"))[:MOST]
    remark = ""
    if all_rows > MOST:
        remark = _("{shown} of {all} are drawn; the table has all.").format(shown=MOST, all=all_rows)
    found: list[Record] = []
    ends: list[Record] = []
    used = [n for n in BY if any(amount_of(r, n) for r in rows)]
    for r in rows:
        name = str(r["segment"])
        rate = cell("expansion_rate", r, "month")
        for order, part in enumerate(used):
            if amount_of(r, part):
                lines = [(heading(part), money(r, part)), (heading("expansion"), money(r, "expansion"))]
                lines.append((heading("expansion_rate"), rate))
                told = {"k": heading(part), "y": name, "o": order, "v": value(r[part]), "tip": tip(name, lines)}
                found.append(told)
        gains = sum((max(amount_of(r, n), Decimal(0)) for n in used), Decimal(0))
        known = "" if rate == figures.NONE else f" · {rate}"
        ends.append({"y": name, "v": value(gains), "t": short(r["expansion"]) + known})
    x: Spec = {"field": "v", "type": "quantitative", "stack": "zero"}
    x["axis"] = amounts(in_currency("expansion", rows), grid=True)
    domain = [str(r["segment"]) for r in rows]
    y: Spec = {"field": "y", "type": "nominal", "sort": None, "scale": {"domain": domain}, "axis": {"title": None}}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.66}},
            "encoding": {
                "x": x,
                "y": y,
                "color": by_kind(DRIVER_COLOURS, used),
                "order": {"field": "o"},
                "tooltip": {"field": "tip"},
            },
        },
        {
            "data": {"values": ends},
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"x": {"field": "v", "type": "quantitative"}, "y": y, "text": {"field": "t"}},
        },
    ]
    said = ", ".join(f"{e['y']} {e['t']}" for e in ends)
    return Chart(title, f"{title}: {said}", frame(found, layers, {"step": _ROW}), remark)
