"""Every case under tests/cases through Spark from its facts to its answers, many in one store; takes minutes.

Ledger and movements are compared with what the case says; all tables with those of DuckDB over the same store.
`make test` has each select of each case by itself (test_models_spark.py), and the whole chain once (test_chain.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from product import Asked
from reference import moment
from spark.both import CLASSES, TABLES, OnSpark, assert_equal
from spark.grouped import GROUPS, assert_expected, ledger_and_movements, told

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.long
@pytest.mark.parametrize("name", GROUPS)
def test_cases(session: SparkSession, tmp_path: Path, name: str) -> None:
    group = told(name, tmp_path)
    for text in group.moments():
        as_of = moment(text) if text else None
        on_spark = OnSpark(session, group.store, as_of, group.rules)
        is_default = group.rules == "default" and not as_of
        assert_equal(Asked(group.store, as_of, group.rules), on_spark, TABLES if is_default else CLASSES)
        assert_expected(group, text, ledger_and_movements(on_spark))
