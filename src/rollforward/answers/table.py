"""An answer: rows with named columns, ready for a terminal, a notebook, a file or a data frame.

Comes in: rows with money in minor units. Goes out: the same in major units (`Decimal`, the currency's own decimals), as
Arrow, Polars, pandas, dictionaries, CSV, JSON or Parquet. Those libraries are imported only when asked for.
"""

from __future__ import annotations

import csv
import html
import io
import json
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


@dataclass(frozen=True)
class Note:
    """A remark on an answer: what is assumed, left out or incomplete; `code` names its text."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


class Table:
    """Rows of an answer. `columns` are names, `rows` tuples in the same order, `notes` remarks."""

    def __init__(self, columns: Sequence[str], rows: Iterable[Sequence[object]], notes: Sequence[Note] = ()) -> None:
        self.columns = tuple(columns)
        self.rows: list[tuple[object, ...]] = [tuple(r) for r in rows]
        self.notes = list(notes)

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
            digits = exponent(str(cells[at])) if at >= 0 else 2
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
        return pyarrow.table({name: pyarrow.array(values) for name, values in self._by_column().items()})

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
        """CSV with a header; dates ISO 8601, empty ratios empty, true and false in lower case."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_plain(v) for v in row] for row in self.rows)
        return out.getvalue()

    def to_json(self) -> str:
        """A JSON array of objects; money as strings, so that no reader makes floats of it."""
        return json.dumps(self.to_dicts(), default=_json, ensure_ascii=False, indent=1) + "\n"

    def write(self, path: str | Path, format: str | None = None) -> None:
        """Writes csv, json or parquet; without `format` the file's ending tells.

        Raises Misuse `unknown-option` for another format.
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

        picks = []
        for name, values in self._by_column().items():
            kind = _duck_type(values)
            picks.append(f'unnest(cast(? as {kind}[])) as "{name}"')
        con = duckdb.connect()
        con.execute(f"create table answer as select {', '.join(picks)}", list(self._by_column().values()))
        con.execute(f"copy answer to {quote(str(path))} (format parquet)")

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


def _duck_type(values: list[Any]) -> str:
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
    return "VARCHAR"
