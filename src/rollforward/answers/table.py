"""An answer: rows with named columns, ready for a terminal, a notebook, a file or a data frame.

Comes in: rows with money in minor units. Goes out: the same in major units (`Decimal`, the currency's own decimals), as
Arrow, Polars, pandas, dictionaries, CSV, JSON or Parquet. Those libraries are imported only when asked for.
A spreadsheet never finds a formula in CSV: text that starts like one gets an apostrophe there, and only there.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rollforward.errors import Misuse
from rollforward.money import exponent

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

_SHOWN = 20
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BIGINT = 2**63
_DIGITS = 38


@dataclass(frozen=True)
class Note:
    """A remark on an answer: what is assumed, left out or incomplete; `code` names its text."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


class Table:
    """Rows of an answer. `columns` are names, `rows` tuples in the same order, `notes` remarks.

    A name that comes again gets a number (`a`, `a_2`). `kinds` are DuckDB's types by column, where they are known: a
    Parquet file then has them even in columns without a value.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        notes: Sequence[Note] = (),
        kinds: Sequence[str] = (),
    ) -> None:
        self.columns = _numbered(columns)
        self.rows: list[tuple[object, ...]] = [tuple(r) for r in rows]
        self.notes = list(notes)
        self.kinds = tuple(kinds)
        self.calendars: dict[str, tuple[int, int]] = {}
        """By policy: weekday (0 = Monday) and month in which weeks and years begin, if not Monday and January."""

    @classmethod
    def of_money(
        cls,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        money: frozenset[str],
        minor: bool,
        notes: Sequence[Note] = (),
    ) -> Table:
        """A table whose columns `money` hold minor units of the row's `currency`; major units unless `minor`.

        Averages (fractions of a minor unit) are rounded half up to the currency's decimals.
        """
        places = [i for i, c in enumerate(columns) if c in money]
        at = list(columns).index("currency") if "currency" in columns else -1
        done = []
        for row in rows:
            cells = list(row)
            # a remark on a whole file has no currency, and no amount
            digits = exponent(str(cells[at])) if at >= 0 and cells[at] else 2
            for i in places:
                value = cells[i]
                if value is None:
                    continue
                whole = value if isinstance(value, int) else int((Decimal(str(value)) + Decimal("0.5")).__floor__())
                cells[i] = whole if minor else Decimal(whole).scaleb(-digits)
            done.append(cells)
        return cls(columns, done, notes)

    @property
    def types(self) -> tuple[type, ...]:
        """The Python type of each column, `NoneType` where it is empty throughout."""
        return tuple(next((type(v) for v in c if v is not None), type(None)) for c in self._by_column().values())

    def __len__(self) -> int:
        return len(self.rows)

    def to_dicts(self) -> list[dict[str, object]]:
        """One dictionary a row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_arrow(self) -> pyarrow.Table:
        """As an Arrow table; money as decimals. Needs `rollforward[polars]` or `[pandas]`."""
        try:
            import pyarrow
        except ImportError as error:
            raise Misuse("missing-extra", extra="polars", package="pyarrow") from error
        return pyarrow.table({name: pyarrow.array(_fitting(values)) for name, values in self._by_column().items()})

    def to_polars(self) -> polars.DataFrame:
        """As a Polars frame. Needs `rollforward[polars]`."""
        try:
            import polars
        except ImportError as error:
            raise Misuse("missing-extra", extra="polars", package="polars") from error
        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame

    def to_pandas(self) -> pandas.DataFrame:
        """As a pandas frame. Needs `rollforward[pandas]`."""
        try:
            import pandas  # noqa: F401
        except ImportError as error:
            raise Misuse("missing-extra", extra="pandas", package="pandas") from error
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_csv(self) -> str:
        """CSV with a header; dates ISO 8601, empty ratios empty, true and false in lower case.

        Text that starts with =, +, -, @, a tab or a carriage return has an apostrophe before it.
        """
        lines = (",".join(map(_csv, row)) for row in (self.columns, *self.rows))
        # an empty line would be no row to a reader
        return "".join((line or '""') + "\n" for line in lines)

    def to_json(self) -> str:
        """A JSON array of objects; money as strings, so that no reader makes floats of it; NaN, infinity: null."""
        records = [{name: _finite(value) for name, value in record.items()} for record in self.to_dicts()]
        return json.dumps(records, default=_json, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def write(self, path: str | Path, format: str | None = None) -> None:
        """Writes csv, json or parquet; without `format` the file's ending tells.

        Raises Misuse `unknown-option` for another format, OSError where the file cannot be written.
        """
        path = Path(path)
        format = format or path.suffix.lstrip(".")
        if format == "csv":
            path.write_text(self.to_csv(), encoding="utf-8")
        elif format == "json":
            path.write_text(self.to_json(), encoding="utf-8")
        elif format == "parquet":
            self._write_parquet(path)
        else:
            raise Misuse("unknown-option", option="--format", value=format, known="csv, json, parquet")

    def _write_parquet(self, path: Path) -> None:
        import duckdb

        from rollforward.engines.duckdb import quote

        columns = {name: _fitting(values) for name, values in self._by_column().items()}
        kinds = self.kinds or ("",) * len(columns)
        picks = []
        for (name, values), known in zip(columns.items(), kinds, strict=True):
            kind = known if known and known not in _BY_VALUES else _duck_type(values, known)
            title = name.replace('"', '""')
            picks.append(f'unnest(cast(? as {kind}[])) as "{title}"')
        con = duckdb.connect()
        con.execute(f"create table answer as select {', '.join(picks)}", list(columns.values()))
        try:
            con.execute(f"copy answer to {quote(str(path))} (format parquet)")
        except duckdb.IOException as error:
            raise OSError(str(error).splitlines()[0]) from error

    def _by_column(self) -> dict[str, list[object]]:
        return {name: [row[i] for row in self.rows] for i, name in enumerate(self.columns)}

    def __repr__(self) -> str:
        cells = [self.columns, *[tuple(_plain(v) for v in row) for row in self.rows[:_SHOWN]]]
        widths = [max(len(str(row[i])) for row in cells) for i in range(len(self.columns))]
        lines = ["  ".join(str(v).rjust(w) for v, w in zip(row, widths, strict=True)) for row in cells]
        more = len(self.rows) - _SHOWN
        return "\n".join(lines + ([f"… {more} more rows"] if more > 0 else []))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(c)}</th>" for c in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align:right'>{html.escape(str(_plain(v)))}</td>" for v in row) + "</tr>"
            for row in self.rows[:_SHOWN]
        )
        more = len(self.rows) - _SHOWN
        return f"<table><tr>{head}</tr>{body}</table>" + (f"<p>… {more} more rows</p>" if more > 0 else "")


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    """The names, each once whatever its capitals, as DuckDB and so Parquet would have it."""
    given, taken, found = {name.casefold() for name in names}, set[str](), []
    for name in names:
        free, number = name, 1
        while free.casefold() in (taken if number == 1 else given | taken):
            number += 1
            free = f"{name}_{number}"
        taken.add(free.casefold())
        found.append(free)
    return tuple(found)


def _csv(value: object) -> str:
    # not the csv module: before Python 3.13 it leaves a carriage return without quotes
    text = str(_plain(value))
    if isinstance(value, str) and value.startswith(_FORMULA):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def _finite(value: object) -> object:
    """`value` without NaN and infinities, which JSON does not have; inside lists and structs too."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value


def _fitting(values: list[object]) -> list[object]:
    """Integers as decimals if one is beyond 64 bits, as text if it is beyond 38 digits: never as a float."""
    most = max((abs(v) for v in values if isinstance(v, int)), default=0)
    if most < _BIGINT:
        return values
    wide: type[Decimal] | type[str] = Decimal if most < 10**_DIGITS else str
    return [wide(v) if isinstance(v, int) else v for v in values]


def _plain(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(round(value, 10))
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def _json(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


_BY_VALUES = {"HUGEINT": "BIGINT", "UHUGEINT": "BIGINT", "BIGNUM": "BIGINT", '"NULL"': "VARCHAR", "NULL": "VARCHAR"}
"""Types that Parquet has no exact one for → what a column without a value becomes."""


def _duck_type(values: list[Any], known: str) -> str:
    for value in values:
        if isinstance(value, bool):
            return "BOOLEAN"
        if isinstance(value, int):
            return "BIGINT"
        if isinstance(value, float):
            return "DOUBLE"
        if isinstance(value, Decimal):
            return f"DECIMAL(38,{max(-int(v.as_tuple().exponent) for v in values if v is not None)})"
        if isinstance(value, datetime):
            return "TIMESTAMP"
        if isinstance(value, date):
            return "DATE"
        if value is not None:
            return "VARCHAR"
    return _BY_VALUES.get(known, "VARCHAR")
