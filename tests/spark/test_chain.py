"""The whole chain on the demo company: on one machine, and on a cluster of two workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from product import Asked
from rollforward import api
from spark.both import GENERATED, OnSpark, assert_equal

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from rollforward.api import Store


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return api.demo(tmp_path_factory.mktemp("demo") / "store")


@pytest.mark.slow
def test_the_demo_company_is_the_same(session: SparkSession, company: Store) -> None:
    on_spark = OnSpark(session, company)
    for key, value in GENERATED.items():
        on_spark.build().engine.spark.conf.set(key, value)  # type: ignore[attr-defined]
    assert_equal(Asked(company), on_spark)
