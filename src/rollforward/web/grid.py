"""A Table as a page shows it: columns with their headings, cells as text, and where each number opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rollforward.api import Table
from rollforward.text import _, note
from rollforward.text.cells import cell, heading
from rollforward.text.columns import COMPOSED
from rollforward.text.views import VIEWS

Opens = Callable[[Mapping[str, Any], str], str]
"""(record, column) → address that opens the number, '' where it does not open."""

_TAIL = frozenset(("policy", "policy_version", "as_of", "basis", "store_version"))
_WHOLE = frozenset(("row", "detail", "note", "ref", "source_ref"))
"""Shown as they are: a page has room, and wraps."""


@dataclass(frozen=True)
class Column:
    """One column: its name in machine formats, its heading, and how it is set."""

    name: str
    label: str
    is_number: bool


@dataclass(frozen=True)
class Cell:
    """One value: its text, whether it is a number, its sign (-1, 0, 1), and the address that opens it or ''."""

    text: str
    is_number: bool
    sign: int
    href: str


@dataclass(frozen=True)
class Line:
    """One row: its cells, the record they are of, and whether its period is over."""

    cells: tuple[Cell, ...]
    record: Mapping[str, Any]
    is_complete: bool


@dataclass(frozen=True)
class Grid:
    """A table for a page. `notes` are the answer's remarks in words."""

    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lines)


def grid(
    table: Table, view: str = "", by: str = "month", opens: Opens | None = None, columns: Sequence[str] = (),
    wide: bool = True,
) -> Grid:  # fmt: skip
    """The columns of a view (or `columns`) of `table`; those that are 0 throughout are left out where the view says so.

    Without view and columns: all but those that every table ends with; of several currencies, the currency is shown.
    """
    records = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    for record in records:
        record["calendar"] = table.calendars.get(str(record.get("policy")), (0, 1))
    shown = VIEWS.get(view)
    names = list(columns)
    if not names and shown:
        picked = [*shown.columns, *(shown.wide if wide else ())]
        names = [n for n in picked if n in table.columns or n in COMPOSED]
        names = [n for n in names if n not in shown.unless_zero or any(r[n] for r in records)]
    names = names or [n for n in table.columns if n not in _TAIL]
    for extra, at in (("currency", 1), ("policy", 0)):
        if extra in table.columns and extra not in names and len({r[extra] for r in records}) > 1:
            names.insert(at, extra)
    numeric = {n: any(is_number(r.get(n)) for r in records) or n.endswith("_interval") for n in names}
    heads = tuple(Column(n, heading(n), numeric[n]) for n in names)
    lines = tuple(
        Line(tuple(_cell(r, n, by, numeric[n], opens) for n in names), r, r.get("is_complete", True) is not False)
        for r in records
    )
    return Grid(_(shown.title) if shown else "", heads, lines, remarks(table))


def remarks(table: Table) -> tuple[str, ...]:
    """The remarks of an answer in words, each once; what sums a listing has is for the page to say."""
    said = (note(n.code, n.params) for n in table.notes if n.code not in ("sum-of-rows", "ratio-of-rows"))
    return tuple(dict.fromkeys(said))


def is_number(value: object) -> bool:
    """Whether a value is set to the right."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _cell(record: Mapping[str, Any], name: str, by: str, is_right: bool, opens: Opens | None) -> Cell:
    value = record.get(name)
    number = value if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else 0
    sign = (number > 0) - (number < 0)
    text = str(value) if name in _WHOLE and value is not None else cell(name, dict(record), by)
    return Cell(text, is_right, sign, opens(record, name) if opens and value is not None else "")
