"""What every chart is made of: rows of one currency, labels of periods, tooltips, the frame of a specification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from rollforward.answers.table import Table
from rollforward.charts.look import CONFIG, DARK, MUTED, THOUSANDS, Spec
from rollforward.text import _, figures
from rollforward.text.cells import cell, heading

if TYPE_CHECKING:
    import altair

Record = dict[str, object]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
MOST_BARS = 240
"""Periods that a chart of bars shows, the last ones; a line takes all."""


@dataclass(frozen=True)
class Chart:
    """A chart: `title`, `says` (the same for who does not see it), `spec` (Vega-Lite, light), a `remark` if something
    is left out. `is_empty`: there is nothing to draw; the specification then shows a sentence that says so.
    """

    title: str
    says: str
    spec: Spec
    remark: str = ""
    is_empty: bool = False

    @property
    def height(self) -> int:
        """About how many pixels high it is drawn, for the place that it will take."""
        told = self.spec["height"]
        if isinstance(told, int):
            return told + 60
        axis = "y" if any("y" in v for v in self.spec["data"]["values"]) else "k"
        return int(told["step"]) * len({str(v.get(axis)) for v in self.spec["data"]["values"]}) + 60

    def altair(self) -> altair.LayerChart:
        """The chart for a notebook."""
        import altair

        return altair.LayerChart.from_dict({**self.spec, "width": 640}, validate=False)


def records(table: Table, currency: str | None = None) -> list[Record]:
    """Rows of one currency (the first, if none is named) and of the first policy, as dictionaries by column."""
    rows = table.to_dicts()
    if rows and "currency" in table.columns:
        wanted = currency or rows[0]["currency"]
        rows = [r for r in rows if r["currency"] == wanted]
    if rows and "policy" in table.columns:
        first = (rows[0]["policy"], rows[0]["policy_version"])
        rows = [r for r in rows if (r["policy"], r["policy_version"]) == first]
        if calendar := table.calendars.get(str(first[0])):
            rows = [{**r, "calendar": calendar} for r in rows]
    return rows


def label(record: Record, by: str, name: str = "period") -> str:
    """The label of a row's period, without the mark of a period that is not over."""
    return cell(name, {**record, "is_complete": True}, by)


def is_whole(record: Record) -> bool:
    """Whether the row's period is over and wholly covered."""
    return bool(record.get("is_complete", True))


def value(told: object) -> float | int | None:
    """A figure as JSON has it: the shortest decimal that reads back as the same number, None for an empty one."""
    if isinstance(told, int):
        return told
    return float(told) if isinstance(told, Decimal | float) else None


def amount_of(record: Record, name: str) -> Decimal:
    """An amount, 0 where there is none."""
    told = record.get(name)
    return Decimal(told) if isinstance(told, int | Decimal) else Decimal(0)


def money(record: Record, name: str) -> str:
    """An amount with its currency, all digits."""
    told = record.get(name)
    return figures.money(told, str(record.get("currency") or "")) if isinstance(told, int | Decimal) else figures.NONE


def tip(title: str, lines: Iterable[tuple[str, str]], whole: bool = True) -> str:
    """A tooltip: a title, then a line for each label and value, set apart by a tab."""
    found = [title, *(f"{name}\t{text}" for name, text in lines)]
    return "\n".join(found if whole else [*found, _("not over yet or not fully covered")])


def short(amount: object) -> str:
    """An amount in at most three digits and k, M, B: 17.5k. Labels beside a bar; tooltips have all digits."""
    number = float(amount) if isinstance(amount, int | Decimal | float) else 0.0
    for unit, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= unit * 0.9995:
            scaled = number / unit
            return f"{scaled:.{0 if abs(scaled) >= 99.95 else 1 if abs(scaled) >= 9.995 else 2}f}{suffix}"
    return f"{number:.0f}" if number == int(number) or abs(number) >= 100 else f"{number:.2f}"


def signed(amount: object) -> str:
    """`short` with a plus before a gain."""
    return ("+" if isinstance(amount, int | Decimal | float) and amount > 0 else "") + short(amount)


def last_bars(rows: list[Record], periods: int = MOST_BARS) -> tuple[list[Record], str]:
    """The last rows that bars are legible for, and what to say of the others."""
    if len(rows) <= periods:
        return rows, ""
    return rows[-periods:], _("The last {shown} of {all} periods; the table has all.").format(
        shown=periods, all=len(rows)
    )


def ticks(rows: Sequence[Record], by: str, name: str = "period") -> list[str]:
    """Labels of at most about a dozen periods, at round places (January, a quarter's first month)."""
    days = [(d - timedelta(days=1) if name == "window_end" else d) for r in rows if isinstance(d := r[name], date)]
    at = list(range(len(days)))
    if by == "month":
        step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if len(days) <= 12 * s)
        at = [i for i, d in enumerate(days) if (d.year * 12 + d.month - 1) % step == 0]
    elif by == "day" and len(days) > 12:
        firsts = [i for i, d in enumerate(days) if d.day == 1]
        step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 1200) if len(firsts) <= 12 * s)
        kept = [i for i in firsts if (days[i].year * 12 + days[i].month - 1) % step == 0]
        at = kept if len(firsts) > 2 else at[:: -(-len(days) // 8)]
    else:
        at = at[:: max(1, -(-len(days) // 12))]
    return [label(rows[i], by, name) for i in at] or [label(r, by, name) for r in rows[:1]]


def period_axis(rows: Sequence[Record], by: str, name: str = "period", point: bool = False) -> Spec:
    """The encoding of x by periods: `x` of each datum is the period's label."""
    kept: Spec = {"type": "point", "padding": 0} if point else {"type": "band", "paddingInner": 0.25}
    # one or two bars would be as wide as walls
    kept |= {} if point or len(rows) > 4 else {"paddingInner": 0.6, "paddingOuter": 0.4}
    return {
        "field": "x",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": [label(r, by, name) for r in rows], **kept},
        "axis": {"title": None, "values": ticks(rows, by, name)},
    }


def amounts(title: str, **more: object) -> Spec:
    """An axis of amounts with k and M."""
    return {"title": title, "labelExpr": THOUSANDS, "tickCount": 5, **more}


def in_currency(name: str, rows: Sequence[Record]) -> str:
    """The title of an axis of amounts: what it shows, and the currency."""
    currency = str(rows[0].get("currency") or "") if rows else ""
    return f"{heading(name)}, {currency}" if currency else heading(name)


def by_kind(colours: dict[str, str], names: Sequence[str]) -> Spec:
    """The encoding of colour by columns: `k` of each datum is the column's heading on one line."""
    domain = [heading(n) for n in names]
    painted = [colours[n.removeprefix("by_")] for n in names]
    return {"field": "k", "type": "nominal", "sort": None, "scale": {"domain": domain, "range": painted}}


def frame(rows: list[Record], layers: list[Spec], height: int | Spec, **more: object) -> Spec:
    """A whole specification of layers over `rows`."""
    return {
        "$schema": SCHEMA,
        "data": {"values": rows},
        "width": "container",
        "height": height,
        "layer": layers,
        "config": CONFIG,
        "usermeta": {"dark": DARK},
        **more,
    }


def nothing(title: str, why: str = "") -> Chart:
    """The chart of nothing: a sentence."""
    said = why or _("Nothing in this time.")
    layer: Spec = {
        "mark": {"type": "text", "color": MUTED, "fontSize": 13, "text": said},
        "encoding": {"x": {"value": {"expr": "width / 2"}}, "y": {"value": 40}},
    }
    return Chart(title, said, frame([{}], [layer], 80), is_empty=True)
