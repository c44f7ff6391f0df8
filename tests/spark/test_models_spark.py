"""Every select that makes the tables of every case, on Spark, from the rows that DuckDB gave it.

DuckDB makes each case's tables and says what each select read and made (tests/spark/watched.py). Spark gets the same
select and the same rows, of all cases at once where they can lie side by side, and must make the same rows. So what
Spark makes of a store, table after table, is what DuckDB makes of it. That DuckDB's tables are the cases' own is seen
here for ledger and movements, and in tests/test_cases_product.py for everything.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import rollforward
from product import Asked
from reference import moment
from rollforward import policy
from rollforward.build import Build
from rollforward.cut import WHOLE, Cut
from rollforward.engines import render
from rollforward.engines.duckdb import Engine as DuckDB
from rollforward.engines.spark import Engine
from segmentcase import is_segmented, question
from spark.both import FINAL
from spark.grouped import GROUPS, Group, assert_expected, ledger_and_movements, told
from spark.watched import Note, Pool, Rows, Watched, pooled

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from rollforward.api import Store

COMPARING = DuckDB()


class Given(Engine):
    """Spark with rows that a test gives it."""

    def __init__(self, running: SparkSession) -> None:
        super().__init__(running)
        self._given: dict[str, Rows] = {}

    def give(self, name: str, given: Rows) -> None:
        """Names rows."""
        if self._given.get(name) is given:
            return
        self._given[name] = given
        schema = ", ".join(f"`{c}` {render.spark_type(t)}" for c, t in given.columns)
        rows = given.rows.combine_chunks()
        self.spark.createDataFrame(rows, schema=schema).createOrReplaceTempView(name)
        self._know(name, given.columns)

    def made(self, name: str, sql: str) -> Rows:
        """What a select makes of them."""
        self._given.pop(name, None)
        self.view(name, sql)
        columns = tuple(self.columns(name))
        rows = self.spark.table(f"`{name}`").collect()  # toArrow leaves sockets open
        types = ", ".join(f'cast(null as {kind}) as "{column}"' for column, kind in columns)
        schema = COMPARING.con.sql(f"select {types} where false").to_arrow_table().schema
        arrays = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(schema)]
        return Rows(columns, pa.Table.from_arrays(arrays, schema=schema))


class InTurn(Asked):
    """Questions answered from one build."""

    def __init__(self, build: Build) -> None:
        self._build = build

    def build(self) -> Build:
        return self._build


def noted(name: str, folder: Path) -> list[Note]:
    """All selects of a group's cases: under its policy, as of each moment asked for, and each cut and currency."""
    group = told(name, folder)
    notes: list[Note] = []
    for as_of in group.moments():
        build = watched(group.store, group.rules, moment(as_of) if as_of else None, notes)
        build.calendar("month")
        build.windows("month", 12)
        build.need(FINAL)
        if not as_of:
            cut_and_converted(group, build)
        assert_expected(group, as_of, ledger_and_movements(InTurn(build)))
    return notes


def watched(store: Store, rules: str, as_of: datetime | None, notes: list[Note]) -> Build:
    return Build(store._facts, policy.find(rules), as_of, datetime.now(UTC).date(), engine=Watched(notes))


def cut_and_converted(group: Group, build: Build) -> None:
    """Makes what the cases ask for besides native rows of everybody."""
    seen = set()
    for expected in (e for case in group.cases.values() for e in case.expected):
        code = expected.options.get("currency", "native").replace("native", "")
        cut, names = WHOLE, tuple(FINAL)
        if expected.table == "cohorts":
            names = ("cohorts",)
        elif is_segmented(expected):
            said = question(expected)
            cut = Cut(said.segment, said.where)
            names = ("roll_forward", "driver_period", "expansion")
            if expected.table == "retention":
                names = ("retention_total", "bridge")
                cut = replace(cut, mode="frozen")
            if "product" in expected.options:
                cut = Cut("product", said.where, "owned")
        if (code, cut, names) in seen or (code, cut, names) == ("", WHOLE, FINAL):
            continue
        seen.add((code, cut, names))
        build.report(code)
        build.cut(cut)
        build.need(names)
    build.report("")
    build.cut(WHOLE)


def closed(folder: Path) -> list[Note]:
    """March closed before February's sale of seats is told; and a churn of May, an account new to February."""
    header = "account_id,subscription_id,plan,start_date,end_date,quantity,amount,currency,recorded_at"
    files = (
        ["a,s,p,2026-01-05,,20,1000.00,USD,2026-01-06", "c,u,p,2026-01-05,,1,10.00,USD,2026-01-06"],
        [
            "a,s,p,2026-01-05,2026-02-10,20,1000.00,USD,2026-04-20",
            "a,s,p,2026-02-10,2026-04-22,21,1050.00,USD,2026-04-20",
            "a,s,p,2026-04-22,,21,1080.00,USD,2026-04-22",
            "b,t,p,2026-02-03,,1,7.00,USD,2026-04-20",
            "c,u,p,2026-01-05,2026-05-02,1,10.00,USD,2026-05-02",
        ],
    )
    store = rollforward.open(folder / "store")
    for nth, rows in enumerate(files):
        path = folder / f"{nth}.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        store.import_(path)
        if nth == 0:
            store.close("2026-03")
    notes: list[Note] = []
    build = watched(store, "default", None, notes)
    assert build.closed
    build.calendar("month")
    build.windows("month", 12)
    build.need([*FINAL, "restatement", "restatement_driver", "ledger", "movement"])
    return notes


SHARES = {
    "default": [name for name in GROUPS if name == "{}"],
    "store": [name for name in GROUPS if not name.startswith("{")],
    "policies": [name for name in GROUPS if name.startswith("{") and name != "{}"],
}
"""The default policy's cases in one store; those that need a store of their own (rates, coverage); other policies'."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "share", ["closed", "default", *(pytest.param(s, marks=pytest.mark.long) for s in SHARES if s != "default")]
)
def test_spark_makes_of_the_same_rows_what_duckdb_makes(session: SparkSession, tmp_path: Path, share: str) -> None:
    notes = closed(tmp_path) if share == "closed" else []
    for nth, name in enumerate(SHARES.get(share, [])):
        (folder := tmp_path / str(nth)).mkdir()
        notes += noted(name, folder)
    on, differ = Given(session), []
    for pool in pooled(notes):
        given = {name: pool.read(name) for name in pool.notes[0].read}
        for name, rows in given.items():
            on.give(name, rows)
        ours = on.made(pool.name, pool.sql)
        if not difference(ours, pool.made()):
            continue
        # What numbers all rows of a table in one order gives other numbers to the rows of all notes.
        if found := difference(ours, by_duckdb(pool, given)):
            differ.append(f"{pool.name} ({len(pool.notes)} at once): {found}")
    assert not differ, "\n".join(differ)


def by_duckdb(pool: Pool, given: dict[str, Rows]) -> Rows:
    """What DuckDB makes of all rows at once."""
    engine = DuckDB()
    for name, rows in given.items():
        engine.con.register("given", rows.rows)
        picks = ", ".join(f'cast("{c}" as {kind}) as "{c}"' for c, kind in rows.columns)
        engine.keep(name, f"select {picks} from given")
    engine.view("made", pool.sql)
    return Rows(tuple(engine.columns("made")), engine.con.sql("from made").to_arrow_table())


def difference(ours: Rows, wanted: Rows) -> str:
    """'' where columns, types and rows are the same."""
    if ours.columns != wanted.columns:
        return f"{ours.columns} is not {wanted.columns}"
    con = COMPARING.con
    con.register("ours", ours.rows)
    con.register("wanted", wanted.rows)
    more = con.sql("from ours except all from wanted").fetchall()
    less = con.sql("from wanted except all from ours").fetchall()
    return (
        f"{len(more)} of {len(ours.rows)} rows too many, {len(less)} lack: {more[:2]} {less[:2]}"
        if more or less
        else ""
    )
