"""One Spark session for all tests, and what compares a store's tables on both engines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def session() -> Iterator[SparkSession]:
    """One core. Tests have a few rows a table, so nothing is dealt into parts and no code is generated for them."""
    from rollforward.engines import spark

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    running = spark.start(
        "local[1]",
        **{
            "spark.sql.shuffle.partitions": "1",
            "spark.default.parallelism": "1",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.constraintPropagation.enabled": "false",
            "spark.sql.autoBroadcastJoinThreshold": "-1",
            "spark.sql.ui.explainMode": "simple",
            "spark.sql.maxPlanStringLength": "1",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xms1g -Xmn400m",
        },
    )
    yield running
    running.stop()
