"""Every select that makes what any case expects, on Spark, from the rows that DuckDB gave it.

DuckDB makes each case's tables under its policy and says what each select read and made (tests/spark/watched.py). Spark
gets the same select and the same rows, of all cases at once where they can lie side by side, and must make the same
rows. So what Spark makes of a store, table after table, is what DuckDB makes of it. That DuckDB's tables are the cases'
own is seen here for ledger and movements, and in tests/test_cases_product.py for everything.
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
from spark.grouped import ACCOUNTS, Group, assert_expected, grouped, ledger_and_movements
from spark.watched import Columns, Facts, Note, Pool, Rows, Watched, pooled, read_by

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from pyspark.sql import SparkSession

    from casefile import Expected
    from rollforward.api import Store

COMPARING = DuckDB()


class Given(Engine):
    """Spark with rows that a test gives it."""

    def __init__(self, running: SparkSession) -> None:
        super().__init__(running)
        self._given: dict[str, Rows] = {}
        self._said: dict[Hashable, tuple[Columns, str]] = {}
        for name in ("PythonSQLUtils", "PythonUtils"):  # else Java looks through all its jars for them at each call
            setattr(running._jvm, name, getattr(running._jvm, name))

    def give(self, name: str, given: Rows) -> None:
        """Names rows."""
        if self._given.get(name) is given:
            return
        self._given[name] = given
        schema = ", ".join(f"`{c}` {render.spark_type(t)}" for c, t in given.columns)
        rows = given.rows.combine_chunks()
        self.spark.createDataFrame(rows, schema=schema).createOrReplaceTempView(name)

    def made(self, sql: str) -> Rows:
        """What a select makes of them."""
        columns, said = self._in_its_words(sql)
        rows = self.spark.sql(said).collect()  # toArrow leaves sockets open
        types = ", ".join(f'cast(null as {kind}) as "{column}"' for column, kind in columns)
        schema = COMPARING.con.sql(f"select {types} where false").to_arrow_table().schema
        arrays = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(schema)]
        return Rows(columns, pa.Table.from_arrays(arrays, schema=schema))

    def _in_its_words(self, sql: str) -> tuple[Columns, str]:
        """Columns and text, as `view` says them; once for each select and what it reads."""
        reads = {name: self._given[name].columns for name in read_by(sql)}
        key = (sql, *reads.items())
        if key not in self._said:
            for name, known in reads.items():
                self._know(name, known)
            columns = self._described(sql)
            said = render.casted(render.spark(sql, self._types.columns), columns)
            self._said[key] = tuple(columns), said
        return self._said[key]


class InTurn(Asked):
    """Questions answered from one build."""

    def __init__(self, build: Build) -> None:
        self._build = build

    def build(self) -> Build:
        return self._build


MODELS = {
    "mrr": ("roll_forward",),
    "expansion": ("driver_period", "expansion"),
    "metrics": ("metrics",),
    "cohorts": ("cohorts",),
    "retention": ("retention_total",),
}
"""What makes the answer to each kind of question; ledger and movements are always asked."""


FIRST = "2023-12-01"
"""With this day, or the first change if that is earlier, calendars of all groups begin, so that they are alike."""


class Alike(Build):
    """A build whose calendars go from FIRST to today, or as far as is known, whatever the days of its cases."""

    def _told_range(self) -> list[object]:
        first, last, *known = super()._told_range()
        return [min(first or FIRST, FIRST), max(last, str(self.today)), *known]  # type: ignore[call-overload]


def noted(group: Group, facts: Facts) -> list[Note]:
    """All selects behind what a group's cases expect; of the default policy's together: behind every answer."""
    notes: list[Note] = []
    as_of = moment(group.as_of) if group.as_of else None
    build = built(Alike, group.store, group.rules, as_of, Watched(notes, facts, group.sees))
    assert_expected(group.cases, ledger_and_movements(InTurn(build)), group.as_of)
    wanted = cuts(group.asked())
    if len(group.cases) > 1 and group.rules == "default" and not as_of:
        wanted = {("", WHOLE): [*FINAL]} | wanted
    for (code, cut), names in wanted.items():
        build.calendar("month")
        build.windows("month", 12)
        build.report(code)
        build.cut(cut)
        build.need(names)
    return notes


def built(kind: type[Build], store: Store, rules: str, as_of: datetime | None, engine: Watched) -> Build:
    return kind(store._facts, policy.find(rules), as_of, datetime.now(UTC).date(), engine=engine)


def cuts(asked: Sequence[Expected]) -> dict[tuple[str, Cut], list[str]]:
    """The models behind what is asked, by currency and cut."""
    found: dict[tuple[str, Cut], list[str]] = {}
    for expected in (e for e in asked if e.table not in ACCOUNTS):
        code = expected.options.get("currency", "native").replace("native", "")
        cut, names = WHOLE, MODELS[expected.table]
        if expected.table != "cohorts" and is_segmented(expected):
            said = question(expected)
            cut = Cut(said.segment, said.where)
            if expected.table == "retention":
                is_owned = "product" in expected.options
                cut = Cut("product", said.where, "owned") if is_owned else replace(cut, mode="frozen")
                names = ("retention_total", "bridge")
            else:
                names = ("roll_forward", "driver_period", "expansion")
        found.setdefault((code, cut), []).extend(names)
    return found


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
    build = built(Build, store, "default", None, Watched(notes))
    assert build.closed
    build.calendar("month")
    build.windows("month", 12)
    build.need([*FINAL, "restatement", "restatement_driver", "ledger", "movement"])
    return notes


@pytest.mark.slow
def test_spark_makes_of_the_same_rows_what_duckdb_makes(
    session: SparkSession, told_cases: tuple[Path, dict[str, list[int]]], tmp_path: Path
) -> None:
    (apart := tmp_path / "closed").mkdir()
    notes, facts = closed(apart), Facts()
    for group in grouped(*told_cases, tmp_path):
        notes += noted(group, facts)
    on, differ = Given(session), []
    for pool in pooled(notes):
        given = {name: pool.read(name) for name in pool.notes[0].read}
        for name, rows in given.items():
            on.give(name, rows)
        ours = on.made(pool.sql)
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
    if not more and len(ours.rows) == len(wanted.rows):
        return ""
    less = con.sql("from wanted except all from ours").fetchall()
    return f"{len(more)} of {len(ours.rows)} rows too many, {len(less)} lack: {more[:2]} {less[:2]}"
