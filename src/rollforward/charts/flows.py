"""Charts of movements: a period's waterfall, movements and drivers over time, drivers and accounts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from rollforward.answers.table import Table
from rollforward.charts.chart import (
    Chart,
    Record,
    amount_of,
    amounts,
    by_kind,
    frame,
    in_currency,
    is_whole,
    label,
    last_bars,
    money,
    nothing,
    period_axis,
    records,
    short,
    signed,
    tip,
    value,
)
from rollforward.charts.look import ACCENT, DRIVER_COLOURS, FADED, KINDS, MUTED, TEXT, Spec
from rollforward.text import _, figures
from rollforward.text.cells import heading

ALWAYS = ("new", "reactivation", "expansion", "contraction", "churn")
"""Movements that a waterfall shows even where they are 0."""

BY = tuple(f"by_{d}" for d in DRIVER_COLOURS)

_ROW = 30
"""Height of a bar that lies, with its space."""


def _at(rows: Sequence[Record], period: date | None) -> Record | None:
    """The row of the period; without one the last that is whole, else the last."""
    if period is not None:
        return next((r for r in rows if r["period"] == period), None)
    return next((r for r in reversed(rows) if is_whole(r)), rows[-1] if rows else None)


def waterfall(table: Table, period: date | None = None, currency: str | None = None, by: str = "month") -> Chart:
    """From opening to closing of one period of a roll-forward: balances as marks, movements as bars of their length.

    Bars tell by their length alone, so the axis may begin near the balances; its title says so. Without `period` the
    last whole one.
    """
    title = _("MRR roll-forward")
    row = _at(rows := records(table, currency), period)
    if row is None or row["opening"] is None or row["closing"] is None:
        return nothing(title)
    title = f"{title}, {label(row, by)}"
    height, steps = Decimal(0), list[Record]()
    for name in ("opening", *KINDS, "closing"):
        amount = amount_of(row, name)
        if name in KINDS and name not in ALWAYS and not amount:
            continue
        before = height if name in KINDS else amount
        height = before + amount if name in KINDS else amount
        steps.append(
            {
                "k": heading(name),
                "n": name,
                "a": value(before),
                "b": value(height),
                "top": value(max(before, height)),
                "t": short(amount) if name not in KINDS else signed(amount),
                "tip": tip(heading(name), [(label(row, by), money(row, name))], is_whole(row)),
            }
        )
    for step, after in pairwise(steps):
        step["next"] = after["k"]
    ends = [float(str(s[side])) for s in steps for side in ("a", "b")]
    low, high = min(ends), max(ends)
    room = (high - low or abs(high) or 1) * 0.06
    from_zero = low >= 0 and low <= (high - low) * 0.5
    domain = [0 if from_zero else low - room, high + room * 2.5]
    y: Spec = {"field": "k", "type": "nominal", "sort": None, "axis": {"title": None, "grid": False}}
    told = in_currency("mrr", rows) + ("" if from_zero else _(" · axis does not start at zero"))
    x: Spec = {
        "field": "a",
        "type": "quantitative",
        "scale": {"domain": domain, "nice": False, "zero": False},
        "axis": amounts(told, grid=True),
    }
    moved = {"filter": {"field": "n", "oneOf": list(KINDS)}}
    held = {"filter": {"field": "n", "oneOf": ["opening", "closing"]}}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.next != null"}],
            "mark": {"type": "rule", "strokeWidth": 1, "color": MUTED, "opacity": 0.6},
            "encoding": {
                "x": {"field": "b", "type": "quantitative"},
                "y": {**y, "bandPosition": 0.5},
                "y2": {"field": "next", "bandPosition": 0.5},
            },
        },
        {
            "transform": [moved],
            "mark": {"type": "bar", "height": {"band": 0.66}, "opacity": 1 if is_whole(row) else FADED},
            "encoding": {
                "x": x,
                "x2": {"field": "b"},
                "y": y,
                "color": {**by_kind(KINDS, list(KINDS)), "legend": None},
                "tooltip": {"field": "tip"},
            },
        },
        {
            "transform": [held],
            "mark": {"type": "tick", "thickness": 3, "height": {"band": 0.8}, "color": TEXT},
            "encoding": {"x": {**x, "field": "b"}, "y": y, "tooltip": {"field": "tip"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 7},
            "encoding": {"x": {**x, "field": "top"}, "y": y, "text": {"field": "t"}},
        },
    ]
    said = ", ".join(f"{heading(str(s['n']))} {money(row, str(s['n']))}" for s in steps)
    return Chart(title, f"{title}: {said}", frame(steps, layers, {"step": _ROW}))


def _stacked(
    rows: Sequence[Record], names: Sequence[str], by: str, whole: str
) -> tuple[list[Record], list[str]]:  # fmt: skip
    """A datum for each part that is not 0, and the parts that occur; tooltips end with the column `whole`."""
    found, used = list[Record](), list[str]()
    for name in names:
        if any(amount_of(r, name) for r in rows):
            used.append(name)
    for r in rows:
        for order, name in enumerate(used):
            if amount_of(r, name):
                lines = [(heading(name), money(r, name)), (heading(whole), money(r, whole))]
                found.append(
                    {
                        "x": label(r, by),
                        "k": heading(name),
                        "o": order,
                        "v": value(r[name]),
                        "whole": is_whole(r),
                        "tip": tip(label(r, by), lines, is_whole(r)),
                    }
                )
    return found, used


def _bars(rows: Sequence[Record], used: Sequence[str], colours: dict[str, str], by: str, title: str) -> Spec:
    return {
        "mark": {"type": "bar"},
        "encoding": {
            "x": period_axis(rows, by),
            "y": {"field": "v", "type": "quantitative", "stack": "zero", "axis": amounts(title)},
            "color": by_kind(colours, used),
            "order": {"field": "o"},
            "opacity": {"condition": {"test": "!datum.whole", "value": FADED}, "value": 1},
            "tooltip": {"field": "tip"},
        },
    }


def movements(
    table: Table, currency: str | None = None, by: str = "month", kinds: Sequence[str] = (), title: str = ""
) -> Chart:
    """Movements of a roll-forward over time: gains above zero, losses below, and the line of what remains net.

    `kinds`: only these movements; the line is then what they leave.
    """
    title = title or _("Movements")
    rows, remark = last_bars([r for r in records(table, currency) if r["opening"] is not None])
    if not rows:
        return nothing(title)
    net = [{**r, "net_new": sum((amount_of(r, n) for n in kinds or KINDS), Decimal(0))} for r in rows]
    found, used = _stacked(net, [n for n in KINDS if not kinds or n in kinds], by, "net_new")
    line = [
        {
            "x": label(r, by),
            "v": value(r["net_new"]),
            "tip": tip(label(r, by), [(heading(n), money(r, n)) for n in ("net_new", *used)], is_whole(r)),
        }
        for r in net
    ]
    x: Spec = {"field": "x", "type": "ordinal", "sort": None}
    over: Spec = {"x": x, "y": {"field": "v", "type": "quantitative"}, "tooltip": {"field": "tip"}}
    point = {"filled": True, "size": 14 if len(line) > 40 else 30, "color": TEXT}
    drawn = {"type": "line", "color": TEXT, "strokeWidth": 1.5, "point": point}
    layers: list[Spec] = [
        _bars(rows, used or ["new"], KINDS, by, in_currency("mrr", rows)),
        {"mark": {"type": "rule", "color": MUTED, "strokeWidth": 1}, "encoding": {"y": {"datum": 0}}},
        {"data": {"values": line}, "mark": drawn, "encoding": over},
    ]
    last = net[-1]
    said = _("{title} from {first} to {last}; the line is the net: {net} in {last}.").format(
        title=title, first=label(rows[0], by), last=label(last, by), net=money(last, "net_new")
    )
    return Chart(title, said, frame(found, layers, 260), remark)


def drivers(table: Table, currency: str | None = None, by: str = "month") -> Chart:
    """Expansion MRR over time by driver."""
    title = _("Expansion MRR by driver")
    rows, remark = last_bars([r for r in records(table, currency) if r.get("expansion") is not None])
    found, used = _stacked(rows, BY, by, "expansion")
    if not found:
        return nothing(title)
    layers = [_bars(rows, used, DRIVER_COLOURS, by, in_currency("expansion", rows))]
    said = _("{title} from {first} to {last}: {total} in {last}.").format(
        title=title, first=label(rows[0], by), last=label(rows[-1], by), total=money(rows[-1], "expansion")
    )
    return Chart(title, said, frame(found, layers, 240), remark)


def driver_bars(table: Table, period: date | None = None, currency: str | None = None, by: str = "month") -> Chart:
    """Expansion MRR of one period by driver, the largest first, with each one's part of the whole."""
    title = _("Expansion MRR by driver")
    row = _at(rows := records(table, currency), period)
    if row is None or not any(amount_of(row, n) for n in BY):
        return nothing(title)
    whole = amount_of(row, "expansion")
    found: list[Record] = []
    for name in sorted(BY, key=lambda n: -amount_of(row, n)):
        if amount := amount_of(row, name):
            part = figures.percent(amount / whole) if whole else figures.NONE
            found.append(
                {
                    "k": heading(name),
                    "v": value(amount),
                    "t": f"{short(amount)} · {part}",
                    "tip": tip(heading(name), [(label(row, by), money(row, name)), (heading("share"), part)]),
                }
            )
    said = ", ".join(f"{f['k']} {f['t']}" for f in found)
    title = f"{title}, {label(row, by)}"
    used = [n for n in BY if amount_of(row, n)]
    spec = frame(found, _lying(in_currency("expansion", rows), by_kind(DRIVER_COLOURS, used)), {"step": _ROW})
    return Chart(title, f"{title}: {said}", spec)


def movers(table: Table, currency: str | None = None, most: int = 12) -> Chart:
    """Accounts by the size of a movement, the largest first: a table with `account_id`, `movement` and `amount`."""
    title = _("Top movers")
    rows = sorted(
        (r for r in records(table, currency) if amount_of(r, "amount")), key=lambda r: -abs(amount_of(r, "amount"))
    )
    if not rows:
        return nothing(title)
    remark = ""
    if len(rows) > most:
        remark = _("The {shown} largest of {all}; the table has all.").format(shown=most, all=len(rows))
    found: list[Record] = []
    for r in rows[:most]:
        name = str(r.get("movement") or "")
        said = heading(name) if name else _("Change")
        lines = [(said, money(r, "amount"))]
        account = str(r["account_id"])
        found.append(
            {
                "id": f"{account} {len(found)}",
                "k": said,
                "name": account,
                "v": value(r["amount"]),
                "t": signed(r["amount"]),
                "tip": tip(account, lines),
            }
        )
    used = [n for n in KINDS if any(r.get("movement") == n for r in rows[:most])]
    layers = _lying(in_currency("amount", rows), by_kind(KINDS, used) if used else {"value": ACCENT}, "id")
    axis = layers[0]["encoding"]["y"]["axis"]
    # accounts may share a name in other currencies or movements: the datum's place tells them apart, its name is shown
    axis["labelExpr"] = "replace(datum.label, / [0-9]+$/, '')"
    said = ", ".join(f"{f['name']} {f['t']}" for f in found)
    return Chart(title, f"{title}: {said}", frame(found, layers, {"step": _ROW}), remark)


def _lying(title: str, colour: Spec, field: str = "k") -> list[Spec]:
    """Bars that lie, from zero, with their values beside them."""
    x: Spec = {"field": "v", "type": "quantitative", "axis": amounts(title, grid=True)}
    y: Spec = {"field": field, "type": "nominal", "sort": None, "axis": {"title": None}}
    legend = {} if field != "k" and len(colour.get("scale", {}).get("domain", ())) > 1 else {"legend": None}
    return [
        {
            "mark": {"type": "bar", "height": {"band": 0.66}},
            "encoding": {
                "x": x,
                "y": y,
                "color": colour | (legend if "field" in colour else {}),
                "tooltip": {"field": "tip"},
            },
        },
        {
            "transform": [{"filter": "datum.v >= 0"}],
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"x": x, "y": y, "text": {"field": "t"}},
        },
        {
            "transform": [{"filter": "datum.v < 0"}],
            "mark": {"type": "text", "align": "right", "dx": -6},
            "encoding": {"x": x, "y": y, "text": {"field": "t"}},
        },
    ]
