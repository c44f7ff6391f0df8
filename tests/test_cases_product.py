"""Every case under tests/cases through the product: files imported, built, asked; the same tables as the reference."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import rollforward
from casefile import Case, Expected, load_all
from product import BY, Asked, policy_file, store_of
from reference import major, moment
from segmentcase import by_product, is_segmented
from test_cases_reference import after, normal

CASES = load_all()
RATIOS = ("ndr", "grr", "logo_retention", "expansion_rate", "expansion_growth", "expansion_share", "logo_churn")
MONEY = ("delta", "amount", "before", "after", *BY)


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_case(case: Case, tmp_path: Path) -> None:
    store = store_of(case.files, tmp_path)
    rules = policy_file(case.policy, tmp_path / "case.toml") if case.policy else "default"
    for expected in case.expected:
        as_of = moment(expected.options["as_of"]) if "as_of" in expected.options else None
        asked = Asked(store, as_of, rules)
        actual = [as_text(row) for row in answer(expected, asked)]
        hidden = {column for row in actual for column in row if column.startswith("by_")} - set(expected.columns)
        for row in actual:
            assert all(Decimal(row[column]) == 0 for column in hidden), (case.rule, row)
        shown = [[normal(row[column]) for column in expected.columns] for row in actual]
        wanted = [[normal(row[column]) for column in expected.columns] for row in expected.rows]
        assert sorted(shown) == sorted(wanted), case.rule
    if stands_alone(case):
        assert store.check().rows == []


def test_all_cases_in_one_store_tie(told_cases: tuple[Path, dict[str, list[int]]], tmp_path: Path) -> None:
    """To check each by itself takes as long as to ask it; those that say something of the whole store are."""
    store = rollforward.open(shutil.copytree(told_cases[0], tmp_path / "store"))
    assert store.check().rows == []


OF_THE_STORE = ("fx", "spend", "monthly", "charges")
"""Kinds of file that say something of the whole store, not of an account."""


def stands_alone(case: Case) -> bool:
    """Whether a file of the case says something of the whole store (decision 0005)."""
    return any(file.coverage or file.kind in OF_THE_STORE for file in case.files)


def answer(expected: Expected, asked: Asked) -> list[dict[str, Any]]:
    """The product's table, money in minor units under the contract's column names."""
    code = expected.options.get("currency", "native")
    if expected.table == "ledger":
        return asked.rows("ledger")
    if expected.table == "movements":
        rows = asked.rows("movement")
        return [
            {**r, "before": r["before_minor"], "after": r["after_minor"]} for r in rows if r["movement"] != "opening"
        ]
    if is_segmented(expected):
        return by_product(expected, asked, periods_of(expected))
    if expected.table == "retention":
        windows = sorted({(row["window_start"], row["window_end"]) for row in expected.rows})
        spans = [(date.fromisoformat(s), date.fromisoformat(e)) for s, e in windows]
        return [r for span in spans for r in asked.retention(span, currency=code)]
    ask = {"mrr": asked.mrr, "expansion": asked.expansion, "metrics": asked.metrics}[expected.table]
    return ask(expected.options.get("by", "month"), **periods_of(expected), currency=code)


def periods_of(expected: Expected) -> dict[str, date]:
    """The first period shown and the first day after the last; nothing for tables without periods."""
    shown = [date.fromisoformat(row["period"]) for row in expected.rows if "period" in row]
    by = expected.options.get("by", "month")
    return {"start": min(shown), "end": after(max(shown), by)} if shown else {}


def as_text(row: dict[str, Any]) -> dict[str, str]:
    """Money in major units, ratios with four decimals, empty ratios as '-'."""
    result = {}
    for name, value in row.items():
        if name in RATIOS:
            result[name] = "-" if value is None else f"{value:.4f}"
        elif value is None:
            result[name] = "-"
        elif isinstance(value, int) and not isinstance(value, bool) and not name.startswith(("accounts_", "age")):
            result[name] = major(value, row["currency"])
        else:
            result[name] = str(value)
    return result
