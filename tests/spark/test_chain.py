"""The whole chain: of the demo company on one machine, of some cases together on a cluster of two workers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

import rollforward
from casefile import load_all
from product import Asked
from rollforward import api
from spark import cluster
from spark.both import GENERATED, OnSpark, assert_equal
from spark.grouped import assert_expected, in_one_store, ledger_and_movements, prefixed
from test_cases_product import stands_alone

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.long


def test_the_demo_company_is_the_same(session: SparkSession, demo: Path, tmp_path: Path) -> None:
    company = api.open(shutil.copytree(demo, tmp_path / "store", ignore=shutil.ignore_patterns("built")))
    on_spark = OnSpark(session, company)
    for key, value in GENERATED.items():
        on_spark.build().engine.spark.conf.set(key, value)  # type: ignore[attr-defined]
    assert_equal(Asked(company), on_spark)


def test_a_cluster_of_two_workers_makes_the_same_files(tmp_path: Path) -> None:
    some = [case for case in load_all() if not case.policy and not stands_alone(case)][::9]
    in_one_store(some, tmp_path)
    told = rollforward.open(tmp_path / "store")
    store = tmp_path / "spark"
    shutil.copytree(told.path, store, ignore=shutil.ignore_patterns("built"))
    assert told.build().violations == 0
    with cluster.running(tmp_path) as (address, env, works):
        done = subprocess.run(
            [sys.executable, "-m", "rollforward", "build", "--engine", "spark", "--master", address, "--store", store],
            capture_output=True,
            text=True,
            env=env,
        )
        assert done.returncode == 0, done.stderr
        assert all(any(work.iterdir()) for work in works), "both workers had something to do"
    (made,), (ours,) = (list((folder / "built").iterdir()) for folder in (told.path, store))
    assert ours.name == made.name
    files = sorted(p.name for p in made.glob("*.parquet"))
    assert sorted(p.name for p in ours.glob("*.parquet")) == files
    con = duckdb.connect()
    for name in files:
        rows = [con.sql(f"from '{folder / name}'") for folder in (made, ours)]
        assert rows[0].types == rows[1].types and rows[0].columns == rows[1].columns, name
        lack, more = (a.except_(b).fetchall() for a, b in (rows, reversed(rows)))
        assert not lack and not more and len(rows[0]) == len(rows[1]), (name, lack[:3], more[:3])
    assert_expected(prefixed(some), ledger_and_movements(Asked(rollforward.open(store))))
    assert [p.name for p in (store / "built").iterdir()] == [made.name], "answered from what Spark made"
