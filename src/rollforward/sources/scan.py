"""One file as a SQL relation of texts c0, c1, … with the line of each row."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from rollforward.errors import Misuse
from rollforward.sources.convert import lit, quoted
from rollforward.sources.exact import Clean, clean_csv, clean_jsonl
from rollforward.sources.files import TextFile
from rollforward.sources.header import split_header
from rollforward.sources.mapping import Mapping

_ORDERED = {"BATCH_CREATE_TABLE_AS", "PROJECTION", "UNNEST", "READ_CSV", "READ_PARQUET", "PARQUET_SCAN"}


@dataclass(frozen=True)
class Scan:
    """`rows` gives c0… in file order; `numbered` the same with `line` first, and reads one thread slow.

    `explicit`: `rows` carries a `line` column itself; else row n of it stands on line n + 1.
    """

    header: list[str]
    rows: str
    numbered: str
    explicit: bool = False
    delimiter: str = ","
    clean: Clean | None = None

    @property
    def texts(self) -> list[str]:
        """Names of the text columns."""
        return [f"c{i}" for i in range(len(self.header))]


def open_scan(con: duckdb.DuckDBPyConnection, file: TextFile, mapping: Mapping, folder: Path) -> Scan:
    """The fast relation of a file; JSON lines are rewritten first. Misuse: `header-only`, `bad-parquet`."""
    if file.format == "parquet":
        return _parquet(con, file)
    if file.format == "jsonl":
        return _cleaned(clean_jsonl(file.path, folder / "clean.csv"))
    header, delimiter = _header(file, mapping)
    rows = _read_csv(file.path, delimiter, [f"c{i}" for i in range(len(header))])
    return Scan(header, rows, f"(select row_number() over () + 1 as line, * from {rows})", delimiter=delimiter)


def in_order(con: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Whether the rows that `query` writes keep the order of the scan: every step of its plan must be known to.

    DuckDB writes in order only by BATCH_CREATE_TABLE_AS. A join loses the order, and DuckDB makes joins of
    things that do not look like one (a long IN list).
    """
    plan = json.loads(con.execute(f"explain (format json) {query}").fetchall()[0][1])
    steps: set[str] = set()
    while plan:
        steps |= {str(step["name"]).strip().upper().replace(" ", "_") for step in plan}
        plan = [child for step in plan for child in step.get("children", [])]
    return steps <= _ORDERED


def numbered_scan(scan: Scan) -> Scan:
    """The same rows with their line beside them from the start; half as fast."""
    return replace(scan, rows=scan.numbered, explicit=True)


def exact_scan(file: TextFile, scan: Scan, folder: Path) -> Scan:
    """The same file through the exact pass: for CSV that the strict reader refuses or counts otherwise."""
    return _cleaned(clean_csv(file.path, file.name, scan.header, scan.delimiter, folder / "clean.csv"))


def _header(file: TextFile, mapping: Mapping) -> tuple[list[str], str]:
    with file.path.open(encoding="utf-8-sig", newline="") as source:
        line = "\n"
        while line and not line.strip():
            line = source.readline(1 << 20)
        try:
            header, delimiter = split_header(line.rstrip("\r\n"), mapping)
        except csv.Error as error:  # a line of megabytes
            raise Misuse("bad-header", file=file.name, detail=str(error)) from error
        if line.count('"') % 2:  # a header over several lines
            source.seek(0)
            header = next((r for r in csv.reader(source, delimiter=delimiter) if r), header)
        if not any(row.strip() for row in source):
            raise Misuse("header-only", file=file.name, header=", ".join(header))
    return header, delimiter


def _read_csv(path: Path, delimiter: str, columns: list[str], header: bool = True) -> str:
    types = ", ".join(f"{lit(c)}: {lit('BIGINT' if c == 'line' else 'VARCHAR')}" for c in columns)
    # the exact pass writes quoted newlines, which the parallel reader may split
    more = "" if header else ", null_padding = true, parallel = false, new_line = '\\n'"
    return (
        f"read_csv({lit(_literal_path(path))}, auto_detect = false, header = {str(header).lower()}, "
        f"delim = {lit(delimiter)}, quote = '\"', escape = '\"', strict_mode = true, columns = {{{types}}}{more})"
    )


def _literal_path(path: Path) -> str:
    """DuckDB reads * ? [ in a path as a pattern; a character class of one makes them plain."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _cleaned(clean: Clean) -> Scan:
    rows = _read_csv(clean.path, ",", ["line", *(f"c{i}" for i in range(len(clean.header)))], header=False)
    return Scan(clean.header, rows, f"(select * from {rows})", explicit=True, clean=clean)


def _parquet(con: duckdb.DuckDBPyConnection, file: TextFile) -> Scan:
    source = f"read_parquet({lit(_literal_path(file.path))}"
    try:
        described = con.execute(f"describe select * from {source})").fetchall()
        count = con.execute(f"select count(*) from {source})").fetchall()[0][0]
    except duckdb.Error as error:
        raise Misuse("bad-parquet", file=file.name, detail=str(error).splitlines()[0]) from error
    header = [str(row[0]) for row in described]
    if not count:
        raise Misuse("header-only", file=file.name, header=", ".join(header))
    texts = []
    for place, (name, kind) in enumerate((str(row[0]), str(row[1])) for row in described):
        column = quoted(name)
        if kind == "TIMESTAMP WITH TIME ZONE":
            text = f"cast(timezone('UTC', {column}) as varchar) || '+00'"
        elif kind.startswith("TIMESTAMP"):
            later = con.execute(
                f"select count(*) from {source}) where {column} <> date_trunc('day', {column})"
            ).fetchall()
            # a column of nothing but midnights is a column of dates (data frames have no other way to write one)
            text = f"cast({column} as varchar)" if later[0][0] else f"cast(cast({column} as date) as varchar)"
        else:
            text = f"cast({column} as varchar)"
        texts.append(f"{text} as c{place}")
    columns = ", ".join(texts)
    numbered = f"(select file_row_number + 2 as line, {columns} from {source}, file_row_number = true))"
    return Scan(header, f"(select {columns} from {source}))", numbered)
