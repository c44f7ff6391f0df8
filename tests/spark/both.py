"""A store's tables made by Spark beside those that DuckDB makes of the same facts; used by all tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from product import Asked
from rollforward import policy
from rollforward.api import Store
from rollforward.build import Build
from rollforward.engines.spark import Engine
from rollforward.models.catalog import models, of_cuts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FINAL = ("account_day", "mrr_change", "roll_forward", "driver_period", "expansion", "retention_total")

TABLES = (*FINAL, *(m.name for m in models().values() if m.stored and m.name not in {*FINAL, *of_cuts()}))

GENERATED = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}
"""Settings with which Spark compiles queries, as it does outside of the tests."""


class OnSpark(Asked):
    """The same questions, with one build of Spark's behind them."""

    def __init__(self, session: SparkSession, store: Store):
        super().__init__(store)
        today = datetime.now(UTC).date()
        self._build = Build(store._facts, policy.find("default"), None, today, engine=Engine(session))
        self._build.folder = self._build.folder.with_name(self._build.folder.name + "-spark")

    def build(self) -> Build:
        return self._build


def tables(build: Build) -> dict[str, tuple[list[tuple[str, str]], list[str]]]:
    """Columns with their types, and sorted rows, of each table; months and windows of 12."""
    build.calendar("month")
    build.windows("month", 12)
    found = {}
    for name in TABLES:
        engine = build.need([name])
        rows = sorted(map(repr, engine.run(f'select * from "{name}"')))
        found[name] = (engine.columns(name), rows)
    return found


def assert_equal(asked: Asked, on_spark: OnSpark) -> None:
    """Every table is the same: columns, types, rows."""
    ours = tables(on_spark.build())
    for name, wanted in tables(asked.build()).items():
        assert ours[name] == wanted, name
