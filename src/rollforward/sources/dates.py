"""Slashed and dotted dates: which of day and month stands first, decided for a whole column or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from rollforward.errors import Misuse

_SHAPE = r"^(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4})( \d{1,2}:\d{2}(:\d{2})?)?$"
_CLOCKS = ("", " %H:%M:%S", " %H:%M")


@dataclass(frozen=True)
class Form:
    """How one column writes dates: strptime formats, and the word a person reads (DD/MM/YYYY)."""

    formats: tuple[str, ...]
    shown: str


def find_form(con: duckdb.DuckDBPyConnection, relation: str, column: str, header: str, file: str) -> Form | None:
    """The form of a column of slashed or dotted dates, None if it has none.

    A value above 12 in one place decides for the column. Misuse `ambiguous-date` where nothing decides,
    `mixed-dates` where values contradict each other.
    """
    day, sign, month = (f"regexp_extract(x, '{_SHAPE}', {n})" for n in (1, 2, 3))
    query = (
        f"select coalesce(max(cast({day} as integer)), 0), coalesce(max(cast({month} as integer)), 0), "
        f"list(distinct {sign}), min(x) from (select trim({column}) as x from {relation}) "
        f"where regexp_matches(x, '{_SHAPE}')"
    )
    first, second, signs, example = con.execute(query).fetchall()[0]
    if not example:
        return None
    if first <= 12 and second <= 12:
        raise Misuse("ambiguous-date", file=file, column=header, value=example, first="%d/%m/%Y", second="%m/%d/%Y")
    if first > 12 and second > 12:
        raise Misuse("mixed-dates", file=file, column=header, value=example)
    order, shown = (("%d", "%m"), "DD{0}MM{0}YYYY") if first > 12 else (("%m", "%d"), "MM{0}DD{0}YYYY")
    formats = tuple(f"{order[0]}{s}{order[1]}{s}%Y{clock}" for s in sorted(signs) for clock in _CLOCKS)
    return Form(formats, shown.format(sorted(signs)[0]))
