"""The whole chain on the demo company: on one machine, and on a cluster of two workers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from product import Asked
from rollforward import api
from spark import cluster
from spark.both import GENERATED, OnSpark, assert_equal

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from rollforward.api import Store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return api.demo(tmp_path_factory.mktemp("demo") / "store")


def test_the_demo_company_is_the_same(session: SparkSession, company: Store) -> None:
    on_spark = OnSpark(session, company)
    for key, value in GENERATED.items():
        on_spark.build().engine.spark.conf.set(key, value)  # type: ignore[attr-defined]
    assert_equal(Asked(company), on_spark)


def test_a_cluster_of_two_workers_makes_the_same_files(company: Store, tmp_path: Path) -> None:
    (made,) = (company.path / "built").glob("*[!k]/")
    store = tmp_path / "store"
    shutil.copytree(company.path, store, ignore=shutil.ignore_patterns("built"))
    with cluster.running(tmp_path) as (address, env, works):
        done = subprocess.run(
            [sys.executable, "-m", "rollforward", "build", "--engine", "spark", "--master", address, "--store", store],
            capture_output=True,
            text=True,
            env=env,
        )
        assert done.returncode == 0, done.stderr
        assert all(any(work.iterdir()) for work in works), "both workers had something to do"
    (ours,) = (store / "built").iterdir()
    assert ours.name == made.name
    files = sorted(p.name for p in made.glob("*.parquet"))
    assert sorted(p.name for p in ours.glob("*.parquet")) == files
    con = duckdb.connect()
    for name in files:
        rows = [con.sql(f"from '{folder / name}'") for folder in (made, ours)]
        assert rows[0].types == rows[1].types and rows[0].columns == rows[1].columns, name
        assert rows[0].except_(rows[1]).fetchall() == [] and len(rows[0]) == len(rows[1]), name
