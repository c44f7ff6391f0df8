"""Rows refused or accepted with a remark → the temporary table `stage_problem`, each with the user's own row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from rollforward.schema import FACT
from rollforward.sources.convert import lit
from rollforward.sources.exact import MAX_FAULTS, rows_at
from rollforward.sources.files import TextFile
from rollforward.sources.scan import Scan

_COLUMNS = [c for c in FACT["problem"].columns if c.name not in ("commit_id", "source_id")]

ROW_CODES = frozenset((
    "missing-value", "bad-date", "year-out-of-range", "bad-number", "decimal-comma", "thousands-separator",
    "bad-currency", "negative-amount", "amount-too-large", "amount-too-fine", "end-before-start", "empty-stretch",
    "ended-before-sighting", "bad-status", "bad-interval", "bad-quantity", "bad-discount", "discount-over-amount",
    "bad-billing", "bad-cancel-reason", "bad-role", "bad-driver", "bad-tier", "bad-tiers", "too-many-columns",
    "too-few-columns", "bad-quoting", "bad-json", "recorded-in-future", "duplicate-row",
    "missing-discount-until", "bad-usage", "bad-flag", "bad-kind", "bad-rate", "rate-of-itself", "negative-spend",
    "outcome-before-event", "notice-after-end", "link-to-itself", "same-has-no-date",
))  # fmt: skip
"""Codes of a row. Params: column, value, allowed; expected and found for a wrong number of columns; detail where
another program's words help; first_line for duplicate-row."""

FILE_CODES = frozenset(["date-form", "synonym-used", "ignored-columns", "amounts-rounded", "more-problems"])
"""Notes on the whole file (line 1). Params: column, form | column, header | columns | rows | count."""


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    rows: Iterable[Mapping[str, object]],
    folder: Path,
) -> None:
    """Make a temporary table from Python's few rows: through a file, as row-wise inserts take minutes at a million."""
    path = folder / f"{table}.ndjson"
    with path.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row) + "\n")
    types = ", ".join(f"{lit(n)}: {lit(t)}" for n, t in columns.items())
    con.execute(
        f"create or replace temp table {table} as select * from read_json({lit(str(path))}, columns = {{{types}}}, "
        "format = 'newline_delimited', maximum_object_size = 67108864)"
    )
    path.unlink()


def make_table(con: duckdb.DuckDBPyConnection) -> None:
    """Create `stage_problem` unless it is there: the columns of `problem` without ids, and `file`."""
    columns = ", ".join(f"{c.name} {c.type}" for c in _COLUMNS)
    con.execute(f"create temp table if not exists stage_problem ({columns}, file VARCHAR)")


def write(con: duckdb.DuckDBPyConnection, faults: str, file: TextFile, scan: Scan, folder: Path) -> None:
    """Append the rows of the table `faults` (line, severity, code, params, amount, currency) with their own rows."""
    rows = faults + "_row"
    if file.format == "parquet":
        fields = ", ".join(f"{lit(name)}: {text}" for name, text in zip(scan.header, scan.texts, strict=True))
        con.execute(
            f"create or replace temp table {rows} as select line, cast(to_json({{{fields}}}) as varchar) as row "
            f"from {scan.numbered} where line in (select line from {faults})"
        )
    else:
        lines = [int(r[0]) for r in con.execute(f"select distinct line from {faults} order by line").fetchall()]
        texts = ({"line": n, "row": text} for n, text in rows_at(file.path, lines, file.format == "csv"))
        load(con, rows, {"line": "BIGINT", "row": "VARCHAR"}, texts, folder)
    con.execute(
        f"insert into stage_problem select f.line, severity, code, params, coalesce(r.row, ''), amount, currency, "
        f"{lit(file.name)} from {faults} f left join {rows} r on r.line = f.line order by f.line limit {MAX_FAULTS}"
    )
    con.execute(f"drop table {rows}")


def note(con: duckdb.DuckDBPyConnection, file: TextFile, code: str, **params: str) -> None:
    """Append a remark on the whole file."""
    con.execute(
        "insert into stage_problem values (1, 'note', ?, ?, '', 0, '', ?)",
        [code, json.dumps(params, ensure_ascii=False), file.name],
    )
