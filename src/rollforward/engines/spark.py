"""Spark: the same selects on one machine's cores or a cluster. Only `build --engine spark` comes here.

Nothing is downloaded or shipped: no Delta package, no Python on the workers. Facts are read by their list of live
files, which workers must see under the same path (a shared file system). Every table that Spark makes becomes one
Parquet file where DuckDB would have written it, in DuckDB's types.
"""

from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rollforward.engines import Facts
from rollforward.engines.duckdb import Engine as DuckDB
from rollforward.engines.duckdb import quote
from rollforward.errors import DoesNotTie, Misuse, ServiceError, StoreError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LEAST_JAVA = 17

LOCAL = "local[*]"
"""This machine, all its cores."""

SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",  # scale 0 stays 0, and a quotient keeps its whole digits
}
"""What the rendered SQL relies on."""

_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}

_ALONE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
}
"""On one machine nothing listens to the network, and a shuffle has a part for each core."""

_TOO_LARGE = re.compile(r"ARITHMETIC_OVERFLOW|NUMERIC_VALUE_OUT_OF_RANGE|CAST_OVERFLOW")


@contextmanager
def engine(master: str | None = None) -> Iterator[Engine]:
    """An engine on the running session, else on a new one at `master` that is stopped afterwards.

    Misuse `no-pyspark`, `other-master` (a session runs elsewhere) and the errors of `start`.
    """
    from importlib.util import find_spec

    if find_spec("pyspark") is None or find_spec("sqlglot") is None:
        raise Misuse("no-pyspark")
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running and master and running.sparkContext.master != master:
        raise Misuse("other-master", running=running.sparkContext.master, master=master)
    on = running or start(master or LOCAL)
    try:
        yield Engine(on)
    finally:
        if not running:
            on.stop()


def start(master: str, **settings: str) -> SparkSession:
    """A new session at `master`. Misuse `no-java`; ServiceError `spark-unreachable`."""
    from pyspark.sql import SparkSession

    _require_java()
    builder = SparkSession.builder.master(master).appName("rollforward")
    for key, value in {**SETTINGS, **_QUIET, **(_ALONE if master.startswith("local") else {}), **settings}.items():
        builder = builder.config(key, value)
    try:
        with warnings.catch_warnings():  # about pandas, which nothing here uses
            warnings.simplefilter("ignore")
            return builder.getOrCreate()
    except Exception as err:
        raise ServiceError("spark-unreachable", master=master, detail=_first_line(err)) from err


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if java is None:
        raise Misuse("no-java", least=LEAST_JAVA)


class Engine:
    """One session of its own beside others of the process: names of one engine are unknown to the next."""

    def __init__(self, running: SparkSession) -> None:
        self._running, self.spark = running, running.newSession()
        for key, value in SETTINGS.items():
            self.spark.conf.set(key, value)
        self._types = DuckDB()  # an empty table of each name: DuckDB says which types a select has

    def beside(self) -> Engine:
        """Another one on the same cluster, which knows none of this one's names."""
        return Engine(self._running)

    def run(self, sql: str, params: Sequence[object] | None = None) -> list[tuple[object, ...]]:
        """Rows of one select. Raises DoesNotTie or ServiceError with what Spark said."""
        assert not params, "values stand in the text"
        frame = self._frame(sql, self._described(sql))
        return [tuple(row) for row in _done(frame.collect)]

    def interrupt(self) -> None:
        """Ends the jobs of this session, from another thread."""
        self.spark.sparkContext.cancelAllJobs()

    def arrays(self, sql: str) -> dict[str, Any]:
        """Columns of one select as NumPy arrays."""
        import numpy as np

        rows = self.run(sql)
        names = [name for name, _ in self._described(sql)]
        return {name: np.array([row[i] for row in rows]) for i, name in enumerate(names)}

    def view(self, name: str, sql: str) -> None:
        """Names a select."""
        columns = self._described(sql)
        self._frame(sql, columns).createOrReplaceTempView(name)
        self._know(name, columns)

    def step(self, name: str, sql: str, few: bool) -> None:
        """Names a select that several others read: worked out with the first of them, its rows stay with the workers.

        As a view it would be planned and run again inside each of them, and plans grow with every level.
        """
        columns = self._described(sql)
        _done(lambda: self._frame(sql, columns).localCheckpoint(eager=False)).createOrReplaceTempView(name)
        self._know(name, columns)

    keep = view  # a view's plan is fixed when it is made: what its inputs are called later changes nothing

    def empty(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """Names columns, each with its type, without any row."""
        self.table(name, {c: [] for c, _ in columns}, [t for _, t in columns])

    def table(self, name: str, columns: Mapping[str, Sequence[object]], types: Sequence[str]) -> None:
        """Names rows given as columns of equal length."""
        from rollforward.engines import render

        known = list(zip(columns, types, strict=True))
        rows = list(zip(*columns.values(), strict=True))
        self.spark.sql(render.values(known, rows)).createOrReplaceTempView(name)
        self._know(name, known)

    def view_file(self, name: str, path: Path) -> None:
        """Names a Parquet file. StoreError if it cannot be read."""
        self._types.view_file("file", path)
        columns = self._types.columns("file")
        self._read(columns, [path]).createOrReplaceTempView(name)
        self._know(name, columns)

    def store(self, name: str, sql: str, path: Path, order: str = "") -> None:
        """Writes the rows of a select to one Parquet file, whole or not at all, and lets the name mean the file."""
        self.view(name, sql)
        parts = path.with_name(f"{path.name}.{os.getpid()}.parts.tmp")
        half = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            _done(lambda: self.spark.table(f"`{name}`").write.parquet(_address(parts)))
            files = ", ".join(quote(str(p)) for p in sorted(parts.glob("*.parquet")))
            if not files:
                raise StoreError("cannot-write", path=str(path), reason="other", detail="workers wrote elsewhere")
            self._types.run(
                f"copy (from read_parquet([{files}])) to {quote(str(half))} (format parquet, compression snappy)"
            )
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
            shutil.rmtree(parts, ignore_errors=True)
        self.view_file(name, path)

    def attach(self, facts: Facts, version: int, as_of: datetime | None) -> None:
        """Names every fact table of a store."""
        for shown in facts.shown(version, as_of):
            columns = [(c.name, c.type) for c in shown.table.columns]
            if shown.files:
                self._read(columns, shown.files).where(shown.where).createOrReplaceTempView(shown.table.name)
                self._know(shown.table.name, columns)
            else:
                self.table(shown.table.name, {c: [] for c, _ in columns}, [t for _, t in columns])

    def columns(self, name: str) -> list[tuple[str, str]]:
        """(name, DuckDB type) of a table's columns."""
        return self._types.columns(name)

    def _described(self, sql: str) -> list[tuple[str, str]]:
        return [
            (str(r[0]), str(r[1])) for r in self._types.run(f"select column_name, column_type from (describe {sql})")
        ]

    def _know(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        listed = ", ".join(f'"{c}" {t}' for c, t in columns)
        self._types.run(f'create or replace temp table "{name}" ({listed})')

    def _frame(self, sql: str, columns: Sequence[tuple[str, str]]) -> DataFrame:
        from rollforward.engines import render

        return self.spark.sql(render.casted(render.spark(sql, self._types.columns), columns))

    def _read(self, columns: Sequence[tuple[str, str]], files: Sequence[Path]) -> DataFrame:
        from rollforward.engines import render

        schema = ", ".join(f"`{c}` {render.spark_type(t)}" for c, t in columns)
        return self.spark.read.schema(schema).parquet(*map(_address, files))


def _address(path: Path) -> str:
    """A local path as Hadoop reads it: what would be a pattern is escaped."""
    return "file://" + re.sub(r"[*?{}\[\]\\]", r"\\\g<0>", str(path.absolute()))


def _done(job: Any) -> Any:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return job()
    except (PySparkException, Py4JError) as err:
        if _TOO_LARGE.search(str(err)):
            raise DoesNotTie("amounts-too-large", detail=_first_line(err)) from err
        raise ServiceError("spark-failed", detail=_first_line(err)) from err


def _first_line(err: Exception) -> str:
    return next(iter(str(err).strip().splitlines()), type(err).__name__)
