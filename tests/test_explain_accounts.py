"""The first level of opening a number: accounts, largest first, a page at a time, adding up to the cell."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import rollforward as rf
from product import tell_rates

FLOWS = ("new", "reactivation", "expansion", "contraction", "churn")
PERIOD = "2026-10"


@pytest.fixture(scope="module")
def store(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    return rf.open(shutil.copytree(demo, tmp_path_factory.mktemp("accounts") / "store"))


@pytest.fixture(scope="module")
def told(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    """The same company with a reporting currency."""
    made = rf.open(shutil.copytree(demo, tmp_path_factory.mktemp("told") / "store"))
    tell_rates(
        made,
        "(date '2020-01-01', 'EUR', 1.1037), (date '2026-10-09', 'EUR', 1.0871), (date '2026-10-31', 'EUR', 1.0953)",
    )
    return made


def sums(table: rf.Table) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for row in table.to_dicts():
        key = str(row["account_id"]), str(row["currency"])
        found[key] = found.get(key, Decimal(0)) + Decimal(str(row["amount"]))
    return found


@pytest.mark.parametrize("where", [None, ["industry=Software"], ["plan=enterprise_yearly_usd"]])
@pytest.mark.parametrize("metric", [*FLOWS, "net_new", "opening", "closing", "by_seats", "ndr_12"])
def test_accounts_have_the_sums_of_their_movements(store: rf.Store, metric: str, where: list[str] | None) -> None:
    asked: dict[str, Any] = {"where": where}
    by_account = store.explain(metric, PERIOD, level="accounts", **asked)
    moved = store.explain(metric, PERIOD, level="movements", **asked)
    if metric == "by_seats":
        at, to = moved.columns.index("by_seats"), moved.columns.index("amount")
        moved = rf.Table(moved.columns, [(*r[:to], r[at], *r[to + 1 :]) for r in moved.rows])
    assert sums(by_account) == sums(moved)
    amounts = [abs(Decimal(str(r["amount"]))) for r in by_account.to_dicts() if r["currency"] == "USD"]
    assert amounts == sorted(amounts, reverse=True)
    assert where or len(amounts) > 3


@pytest.mark.parametrize("metric", [*FLOWS, "closing"])
def test_the_remark_tells_the_cell_whatever_the_page(store: rf.Store, metric: str) -> None:
    cells = {r["currency"]: r[metric] for r in store.mrr(start=PERIOD, end=PERIOD).to_dicts()}
    first = store.explain(metric, PERIOD, level="accounts", limit=3)
    assert {n.params["code"]: Decimal(n.params["total"]) for n in first.notes if n.code == "sum-of-rows"} == cells
    assert len(first) == 3
    pages = [store.explain(metric, PERIOD, level="accounts", limit=250, skip=at) for at in range(0, 3500, 250)]
    together = [row for page in pages for row in page.rows]
    whole = store.explain(metric, PERIOD, level="accounts").rows
    assert [r[:4] for r in together] == [r[:4] for r in whole]


@pytest.mark.parametrize("metric", [*FLOWS, "fx", "opening", "closing", "by_plan", "net_new"])
def test_the_reporting_currency_too_loses_no_cent(told: rf.Store, metric: str) -> None:
    whole = told.explain(metric, PERIOD, level="accounts")
    total = sum((Decimal(str(r["amount"])) for r in whole.to_dicts()), Decimal(0))
    (remark,) = [n for n in whole.notes if n.code == "sum-of-rows"]
    assert Decimal(remark.params["total"]) == total
    moved = told.explain(metric, PERIOD, level="movements")
    (said,) = [n for n in moved.notes if n.code == "sum-of-rows"]
    rounding = [r for r in moved.to_dicts() if r["movement"] == "rounding"]
    rest = sum((Decimal(str(r["by_plan" if metric == "by_plan" else "amount"])) for r in rounding), Decimal(0))
    assert Decimal(said.params["total"]) - rest == total


def test_one_currency_of_several(store: rf.Store) -> None:
    every = store.explain("new", PERIOD, level="accounts").to_dicts()
    only = store.explain("new", PERIOD, level="accounts", of="EUR").to_dicts()
    assert {r["currency"] for r in every} == {"EUR", "USD"}
    assert [r["account_id"] for r in only] == [r["account_id"] for r in every if r["currency"] == "EUR"]


def test_nothing_behind_a_cell_of_nothing(store: rf.Store, tmp_path: Path) -> None:
    assert len(store.explain("adjustment", PERIOD, level="accounts")) == 0
