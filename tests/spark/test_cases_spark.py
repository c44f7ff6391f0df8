"""Every case under tests/cases through Spark: many cases in one store, their ids prefixed, so that it takes seconds.

Ledger and movements are compared with what the case says; all tables with those of DuckDB over the same store.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from casefile import Case, load_all
from product import Asked, policy_file, store_of
from reference import File, moment
from spark.both import CLASSES, TABLES, OnSpark, assert_equal
from test_cases_product import answer, as_text
from test_cases_reference import normal

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OF_THE_STORE = ("fx", "spend", "monthly")
"""Kinds of file that say something of the whole store, not of an account."""

IDS = (
    "account_id",
    "subscription_id",
    "item_id",
    "product",
    "plan",
    "product_id",
    "plan_id",
    "contract_id",
    "from_id",
    "to_id",
)


def groups() -> dict[str, list[Case]]:
    """Cases that can lie in one store: of one policy; coverage and rates are the whole store's (decision 0005), and a
    monthly file covers its months."""
    found = defaultdict(list)
    for case in load_all():
        alone = any(f.coverage or f.kind in OF_THE_STORE for f in case.files)
        found[case.name if alone else json.dumps(case.policy, sort_keys=True)].append(case)
    return found


GROUPS = groups()


OFTEN = ("currencies/daily", '{"minor_movement": 100}')
"""Groups of every run: a currency, a setting. A group takes Spark half a minute, the default policy's many."""


@pytest.mark.slow
@pytest.mark.parametrize("group", [g if g in OFTEN else pytest.param(g, marks=pytest.mark.long) for g in GROUPS])
def test_cases(session: SparkSession, tmp_path: Path, group: str) -> None:
    cases = {f"c{n:03}-" if len(GROUPS[group]) > 1 else "": case for n, case in enumerate(GROUPS[group])}
    store = store_of(together(cases), tmp_path)
    settings = GROUPS[group][0].policy
    rules = policy_file(settings, tmp_path / "case.toml") if settings else "default"
    moments = {None: OnSpark(session, store, None, rules)}
    known: dict[object, list[dict[str, Any]]] = {}
    for prefix, case in cases.items():
        for expected in case.expected:
            if expected.table not in ("ledger", "movements"):
                continue
            as_of = moment(expected.options["as_of"]) if "as_of" in expected.options else None
            if as_of not in moments:
                moments[as_of] = OnSpark(session, store, as_of, rules)
            if (as_of, expected.table) not in known:
                known[as_of, expected.table] = answer(expected, moments[as_of])
            told = known[as_of, expected.table]
            actual = [as_text(row) for row in told if row["account_id"].startswith(prefix)]
            hidden = {column for row in actual for column in row if column.startswith("by_")} - set(expected.columns)
            assert all(Decimal(row[column]) == 0 for row in actual for column in hidden), case.name
            shown = [[normal(bare(row, column, prefix)) for column in expected.columns] for row in actual]
            wanted = [[normal(row[column]) for column in expected.columns] for row in expected.rows]
            assert sorted(shown) == sorted(wanted), case.name
    for as_of, on_spark in moments.items():
        assert_equal(Asked(store, as_of, rules), on_spark, CLASSES if settings or as_of else TABLES)


def bare(row: dict[str, str], column: str, prefix: str) -> str:
    """An id without its case's prefix."""
    return row[column].removeprefix(prefix) if column in IDS else row[column]


def together(cases: dict[str, Case]) -> Iterator[File]:
    """The first files of all cases, then the second ones, …; those told alike are one file."""
    for turn in range(max(len(case.files) for case in cases.values())):
        alike: dict[tuple[object, ...], File] = {}
        for prefix, case in cases.items():
            if turn >= len(case.files):
                continue
            file = case.files[turn]
            rows = tuple(
                {column: prefix + text if column in IDS and text else text for column, text in row.items()}
                for row in file.rows
            )
            columns = tuple(rows[0]) if rows else ()
            key = (file.kind, file.recorded_at, file.correction, columns)
            known = alike.get(key)
            alike[key] = replace(file, rows=(*known.rows, *rows) if known else rows)
        yield from alike.values()
