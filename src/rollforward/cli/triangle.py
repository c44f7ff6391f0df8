"""Cohorts as a person reads them: one line a cohort, one column an age, the chosen metric in the cells."""

from __future__ import annotations

from datetime import date

from rollforward.cli import render
from rollforward.cli.render import Rows
from rollforward.cli.terminal import BOLD, DIM, styled
from rollforward.text import _, figures
from rollforward.text.cells import NOT_OVER, Value, cell

CELLS = {"ndr": "ndr", "grr": "grr", "logos": "logo_retention", "mrr": "mrr"}
"""The column that each --metric shows."""

FEW = "~"
"""Marks a cohort of few accounts."""

_AGE = 9


def triangle(rows: Rows, metric: str, by: str, width: int) -> str:
    """One block a currency and segment; as many ages as fit into `width`, cells of periods not over with a star."""
    names = list(rows.columns)
    records = [dict(zip(names, row, strict=True)) for row in rows.rows]
    if not records:
        return _("Nothing in this time.")
    groups: dict[tuple[str, str], list[dict[str, Value]]] = {}
    for r in records:
        groups.setdefault((str(r["currency"]), str(r.get("segment", ""))), []).append(r)
    return "\n\n".join(_block(group, key, metric, by, width) for key, group in groups.items())


def _block(records: list[dict[str, Value]], key: tuple[str, str], metric: str, by: str, width: int) -> str:
    cohorts: dict[object, dict[int, dict[str, Value]]] = {}
    for r in records:
        cohorts.setdefault(r["cohort"], {})[int(str(r["age"]))] = r
    ages = min(max(len(c) for c in cohorts.values()), max(1, (width - 24) // _AGE))
    lines = []
    for cohort, found in cohorts.items():
        first = found[0]
        label = _("before") if cohort == date.min else figures.period(_day(cohort), by)
        shown = [_cell(found[age], metric, by) if age in found else "" for age in range(ages)]
        lines.append(
            [label + (FEW if first["is_small"] else ""), figures.number(int(str(first["accounts_start"]))), *shown]
        )
    header = [_("Cohort"), _("Accounts"), *map(str, range(ages))]
    title = ", ".join(t for t in (_("Cohorts"), metric.upper(), *key) if t)
    foot = [_("~ fewer than 20 accounts: not comparable."), _(NOT_OVER)]
    told = [foot[0]] if any(c[0]["is_small"] for c in cohorts.values()) else []
    told += [foot[1]] if any(r["is_complete"] is False for r in records) else []
    table = render.grid(header, lines, [False] + [True] * (ages + 1))
    return "\n".join([styled(title, BOLD), *table, *(styled(t, DIM) for t in told)])


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value


def _cell(record: dict[str, Value], metric: str, by: str) -> str:
    text = cell(CELLS[metric], record, by)
    return text + ("" if record["is_complete"] else "*")
