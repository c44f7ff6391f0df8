"""Cells of cohorts that are longer than a month: what the accounts of each of its months have, together.

The dimension `cohort` is the month of the first MRR, so no account is in two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rollforward.answers.table import Note, Table


def together(tables: Sequence[Table], limit: int, skip: int) -> Table:
    """One listing of several of the same level: accounts the largest first, anything else in the order of time.

    Its remarks tell the sum and the number of all rows; `limit` of them (0 = all) behind `skip` are shown.
    """
    first = tables[0]
    rows = [row for table in tables for row in table.rows]
    if "on_date" in first.columns:
        at = first.columns.index("on_date")
        rows.sort(key=lambda row: str(row[at]))
    elif "amount" in first.columns:
        at, by = first.columns.index("amount"), first.columns.index("account_id")
        rows.sort(key=lambda row: (-abs(Decimal(str(row[at]))), str(row[by])))
    sums: dict[tuple[str, str], Note] = {}
    said: list[Note] = []
    for note in (note for table in tables for note in table.notes):
        if note.code != "sum-of-rows":
            said += [] if note in said else [note]
            continue
        key = note.params["code"], note.params["segment"]
        before = sums[key].params if key in sums else {"total": "0", "rows": "0"}
        both = {
            "total": str(Decimal(before["total"]) + Decimal(note.params["total"])),
            "rows": str(int(before["rows"]) + int(note.params["rows"])),
        }
        sums[key] = replace(note, params=note.params | both)
    found = Table(first.columns, rows[skip:][: limit or None], [*said, *sums.values()], first.kinds)
    found.calendars = first.calendars
    return found
