"""Rows refused by staging and by ingest, in one table `call_problem`: as `problem`, with the file's name and is_new."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from rollforward import schema
from rollforward.errors import Problem
from rollforward.ingest.batch import one, run
from rollforward.ingest.report import SHOWN_PROBLEMS, ProblemGroup
from rollforward.store import kept

_NAMES = [c.name for c in schema.FACT["problem"].columns if c.name not in ("commit_id", "source_id")]
_SAMPLES = 5
_MOST_ROWS = 100_000  # own rows quoted for what ingest refuses; beyond that the line number has to do


def start(con: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table."""
    columns = ", ".join(f'"{c.name}" {c.type}' for c in schema.FACT["problem"].columns[1:])
    run(con, f"create or replace temp table call_problem ({columns}, file varchar, is_new boolean)")
    run(con, "create or replace temp table refused_text (row varchar)")


def take(con: duckdb.DuckDBPyConnection, source_id: int) -> None:
    """Move what staging found in the file just read, under the file's number."""
    names = ", ".join(f'"{n}"' for n in _NAMES)
    run(
        con,
        f"insert into call_problem by name select {names}, file, {source_id} as source_id, true as is_new "
        "from stage_problem",
    )
    run(con, "insert into refused_text select row from stage_problem where severity = 'refused'")
    run(con, "delete from stage_problem")


def collect(con: duckdb.DuckDBPyConnection, files: list[tuple[int, Path, str]], mapping: str) -> None:
    """Add the rows of `refused` with the user's own text; `files` are (source_id, path, format), `mapping` a text."""
    for source_id, path, format in files:
        found = con.execute(
            "select line, code, max(amount), max(currency) from refused where source_id = ? group by all order by line",
            [source_id],
        ).fetchall()
        if not found:
            continue
        rows = kept.rows(path, format, {line for line, *_ in found[:_MOST_ROWS]}, kept.encoding_of(mapping))
        lines, codes, amounts, currencies = zip(*found, strict=True)
        con.execute(
            """insert into call_problem
            select $1, unnest($2::bigint[]), 'refused', unnest($3::varchar[]), '{}', unnest($4::varchar[]),
              unnest($5::bigint[]), unnest($6::varchar[]), $7, true""",
            [source_id, lines, codes, [_text(rows.get(n, "")) for n in lines], amounts, currencies, path.name],
        ).fetchall()


def _text(row: kept.Row) -> str:
    return row if isinstance(row, str) else json.dumps(row, default=str, ensure_ascii=False)


def lines(con: duckdb.DuckDBPyConnection) -> tuple[dict[int, int], dict[int, int]]:
    """Lines refused and lines noted, by source_id."""
    count = "select source_id, count(distinct line) from call_problem where severity = '{}' group by source_id"
    refused, noted = (con.execute(count.format(s)).fetchall() for s in ("refused", "note"))
    return dict(refused), dict(noted)


def drop_known(con: duckdb.DuckDBPyConnection, files: list[tuple[int, str]]) -> int:
    """Mark problems that an earlier import of the same bytes listed already; returns how many are new."""
    for source_id, sha256 in files:
        con.execute(
            """update call_problem set is_new = false where source_id = $1 and exists (
              select 1 from problem p join source_file s using (source_id)
              where s.sha256 = $2 and p.line = call_problem.line and p.code = call_problem.code
                and p.severity = call_problem.severity)""",
            [source_id, sha256],
        ).fetchall()
    return one(con, "select count(*) from call_problem where is_new")


def shown(con: duckdb.DuckDBPyConnection) -> tuple[list[Problem], int]:
    """The first problems in order of file and line, refused ones first, and the number of all."""
    found = con.execute(
        f"""select code, file, line, row, severity, params, amount, currency from call_problem
        order by severity = 'note', source_id, line, code limit {SHOWN_PROBLEMS}"""
    ).fetchall()
    return [_problem(*row) for row in found], one(con, "select count(*) from call_problem")


def groups(con: duckdb.DuckDBPyConnection, relation: str) -> list[ProblemGroup]:
    """The problems in `relation` (columns of `problem`, and file) counted, the most money first, refused ones before
    remarks."""
    column = "coalesce(json_extract_string(params, '$.column'), '')"
    key = "commit_id, severity, code, field"
    run(con, f"create or replace temp view grouped as select *, {column} as field from {relation}")
    money: dict[tuple[object, ...], dict[str, int]] = {}
    counts: dict[tuple[object, ...], int] = {}
    for *at, currency, rows, amount in con.execute(
        f"select {key}, currency, count(*), cast(sum(amount) as bigint) from grouped group by all order by all"
    ).fetchall():
        counts[tuple(at)] = counts.get(tuple(at), 0) + rows
        if amount:
            money.setdefault(tuple(at), {})[currency] = amount
    samples: dict[tuple[object, ...], list[Problem]] = {}
    for *at, file, line, row, params, amount, currency in con.execute(
        f"select {key}, file, line, row, params, amount, currency from grouped "
        f"qualify row_number() over (partition by {key} order by source_id, line) <= {_SAMPLES} "
        "order by source_id, line"
    ).fetchall():
        told = _problem(at[2], file, line, row, at[1], params, amount, currency)
        samples.setdefault(tuple(at), []).append(told)
    found = [
        ProblemGroup(int(str(at[0])), *map(str, at[1:4]), n, money.get(at, {}), samples.get(at, []))  # type: ignore[arg-type, call-arg]
        for at, n in counts.items()
    ]
    return sorted(
        found, key=lambda g: (g.severity != "refused", -max(g.at_stake.values(), default=0), -g.rows, g.code, g.column)
    )


def _problem(
    code: str, file: str, line: int, row: str, severity: str, params: str, amount: int, currency: str
) -> Problem:
    told = {k: str(v) for k, v in json.loads(params or "{}").items()}
    return Problem(code, file, line, row, severity, told, amount, currency)
