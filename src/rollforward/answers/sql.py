"""Runs one SELECT of the user's over the documented tables, and nothing else.

Comes in: a text. Goes out: a Table. DuckDB's own parser tells whether it is one SELECT; then the connection is locked:
no file outside the store's tables, no network, no settings.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from rollforward.answers.policies import side_by_side
from rollforward.answers.table import Note, Table
from rollforward.build import Build, Progress
from rollforward.engines.duckdb import Engine, quote
from rollforward.errors import Misuse, StoreError
from rollforward.models.catalog import models, of_cuts
from rollforward.schema import FACT
from rollforward.store import FactStore

SECONDS = 300
"""A query that runs longer is stopped."""

INPUTS = ("policy", "period", "retention_window", "series", "reporting", "rate_day", "signal_rule", "signal_metric")


def tables() -> tuple[str, ...]:
    """Names that a query may read."""
    return (*FACT, *(m for m in models() if m not in of_cuts()), *INPUTS)


def names(query: str) -> set[str]:
    """Tables that `query` reads. Raises Misuse `sql-not-select` or `sql-error`."""
    con = duckdb.connect()
    try:
        statements = con.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Misuse("sql-not-select", query=query.strip()[:200])
        return {str(n).strip('"').lower() for n in con.get_table_names(query)}
    except duckdb.Error as error:
        raise Misuse("sql-error", detail=str(error)) from error


def run(
    builds: Sequence[Build], store: FactStore, query: str, progress: Progress | None = None, limit: int = 0,
    seconds: int = SECONDS,
) -> Table:  # fmt: skip
    """Rows of `query`, the first `limit` (0 = all); money stays in minor units, as the tables hold it.

    With several builds, one for each policy, every table but the facts has the rows of all, told apart by a column
    `policy`. Stopped after `seconds`: Misuse `sql-too-long`.
    """
    wanted = names(query)
    known = {t.lower(): t for t in tables()}
    if missing := sorted(n for n in wanted if n not in known):
        raise Misuse("sql-unknown-table", table=missing[0], known=", ".join(sorted(known)))
    asked = [known[n] for n in wanted]
    inputs = {i for n in asked if n in models() for i in builds[0].inputs(n)} | set(asked)
    for build in builds:
        if inputs & {"period", "period_day"}:
            build.calendar("month")
        if inputs & {"retention_window", "window_day"}:
            build.windows("month", 12)
    if len(builds) == 1:
        engine = builds[0].need(asked, progress)
        assert isinstance(engine, Engine)
        return _answer(engine, store, query, limit, seconds)
    (store.path / "spill").mkdir(exist_ok=True)
    with TemporaryDirectory(dir=store.path / "spill") as folder:
        return _answer(side_by_side(store, builds, asked, Path(folder), progress), store, query, limit, seconds)


def _answer(engine: Engine, store: FactStore, query: str, limit: int, seconds: int) -> Table:
    _lock(engine, store)
    timer = threading.Timer(seconds, engine.con.interrupt)
    timer.start()
    try:
        found = engine.con.execute(query)
        described = found.description or []
        rows = found.fetchmany(limit + 1) if limit else found.fetchall()
        notes = [Note("rows-left-out", {"rows": str(limit)})] if limit and len(rows) > limit else []
        kinds = [str(d[1]) for d in described]
        return Table([str(d[0]) for d in described], rows[: limit or None], notes, kinds)
    except duckdb.InterruptException as error:
        raise Misuse("sql-too-long", seconds=seconds) from error
    except duckdb.OutOfMemoryException as error:
        raise StoreError("out-of-memory", detail=str(error).splitlines()[0]) from error
    except duckdb.Error as error:
        raise Misuse("sql-error", detail=str(error)) from error
    finally:
        timer.cancel()


def _lock(engine: Engine, store: FactStore) -> None:
    folders = ", ".join(quote(str((store.path / name).resolve()) + "/") for name in ("facts", "built", "spill"))
    engine.run(f"set allowed_directories = [{folders}]")
    engine.run("set enable_external_access = false")
    engine.run("set lock_configuration = true")
