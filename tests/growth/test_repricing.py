"""The pricing review's alarms and re-rating: limits that hold their level, and accounts counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from math import comb
from pathlib import Path

import numpy as np
import pytest

import rollforward as rf
from rollforward.api import Store
from rollforward.stats import watch


def test_limits_are_those_of_the_binomial() -> None:
    for lately, before, part in ((3, 5, 0.2), (0, 4, 0.1), (7, 0, 0.14), (40, 260, 60 / 425)):
        total = lately + before
        exact = sum(comb(total, n) * part**n * (1 - part) ** (total - n) for n in range(lately, total + 1))
        assert watch.chance(lately, before, part) == pytest.approx(exact)
    for before in (0, 3, 50, 400):
        most = watch.most_usual(before, 60 / 425, 0.001)
        assert watch.chance(most + 1, before, 60 / 425) <= 0.001 < watch.chance(most, before, 60 / 425)


def test_alarms_are_rare_by_chance_and_come_soon_after_a_fault() -> None:
    """30 pairs at 20 downgrades a year: an alarm in at most 1 of 100 looks; at four times that, within 60 days."""
    draw, part = np.random.default_rng(1), 60 / 425
    level, false, found = 0.01 / 30, 0, 0
    for _ in range(120):
        before, lately = draw.poisson(20, 30), draw.poisson(20 * 60 / 365, 30)
        false += any(n > watch.most_usual(int(b), part, level) for n, b in zip(lately, before, strict=True))
        found += draw.poisson(4 * 20 * 60 / 365) > watch.most_usual(int(draw.poisson(20)), part, level)
    assert false <= 4
    assert found >= 60


PLANS = """\
plan_id,product_id,tier,amount,currency,interval,limit:projects,limit:storage
small,core,1,10,USD,month,10,100
big,core,2,25,USD,month,100,1000
huge,core,3,60,USD,month,,
"""
END = date(2025, 1, 1)


def made(folder: Path, subscriptions: list[str], usage: list[str]) -> Store:
    store = rf.open(folder / "store")
    files = {
        "products": "product_id,name,role,family\ncore,Core,base,core\n",
        "plans": PLANS,
        "subscriptions": "\n".join(
            ["account_id,subscription_id,item_id,product,plan,start_date,end_date,amount,currency,quantity,"
             "discount_percent,discount_kind", *subscriptions, ""]),
        "usage": "\n".join(["account_id,metric,at,quantity", *usage, ""]),
    }  # fmt: skip
    for name, told in files.items():
        (folder / f"{name}.csv").write_text(told, encoding="utf-8")
        store.import_(folder / f"{name}.csv", coverage=f"2023-01-01..{END}" if name == "subscriptions" else None)
    assert [p for p in store.problems().to_dicts() if p["severity"] == "refused"] == []
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """60 accounts on `big`; three went down to `small` in the spring, twelve more in December."""
    rows = []
    for n in range(60):
        down = (
            date(2024, 3, 1) + timedelta(days=n) if n < 3 else date(2024, 12, 1) + timedelta(days=n) if n < 15 else None
        )
        rows.append(f"d{n},d{n},i,core,big,2023-06-01,{down or ''},25,USD,1,,")
        if down:
            rows.append(f"d{n},d{n},i,core,small,{down},,10,USD,1,,")
    rows += ["low,l,i,core,big,2023-06-01,,50,USD,2,20,forever", "full,f,i,core,small,2023-06-01,,10,USD,1,,",
             "over,o,i,core,huge,2023-06-01,,60,USD,1,,", "more,m,i,core,small,2023-06-01,,10,USD,1,,",
             "new,n,i,core,big,2024-06-01,,25,USD,1,,", "twin,t,i,core,small,2023-06-01,,10,USD,1,,",
             "twin,t,j,core,small,2023-06-01,,10,USD,1,,", "young,y,i,core,big,2023-06-01,,25,USD,1,,"]  # fmt: skip
    usage = []
    for month in range(7, 13):
        on = f"2024-{month:02d}-15"
        usage += [f"low,projects,{on},{month - 3}", f"low,storage,{on},50"]  # at most 9 projects
        usage += [f"full,projects,{on},{10 if month > 9 else 5}", f"full,storage,{on},100"]
        usage += [f"more,projects,{on},11", f"more,storage,{on},10"]
        usage += [f"twin,projects,{on},15", f"twin,storage,{on},150"]  # of 20 and 200
        usage += [f"over,projects,{on},500", f"over,storage,{on},10"]
    usage += ["young,projects,2024-11-15,1", "young,storage,2024-11-15,1", "young,projects,2024-12-15,1"]
    return made(tmp_path_factory.mktemp("repricing"), rows, usage)


def test_a_rising_rate_of_downgrades_is_an_alarm_and_a_finding(store: Store) -> None:
    (row,) = [r for r in store.pricing("watch").to_dicts() if (r["from_plan"], r["to_plan"]) == ("big", "small")]
    # 12 in 60 days; 3 in the 365 days before, when there were 62 items on it for most of the time
    assert (row["is_alarm"], row["lately"], row["before_lately"]) == (True, 12, 3)
    assert 0.4 < float(str(row["expected_lately"])) < 0.6 and row["most_usual"] < 12
    assert row["amount"] == D("-180.00"), "twelve times 25 to 10"
    (found,) = [r for r in store.findings().to_dicts() if r["finding"] == "downgrades_rising"]
    assert (found["subject"], found["accounts"], found["mrr"]) == ("big → small", 12, D("180.00"))


def test_accounts_on_every_plan_that_is_sold(store: Store) -> None:
    table = store.pricing("rerated")
    rows = {r["account_id"]: r for r in table.to_dicts()}
    assert set(rows) == {"low", "full", "over", "more"}, "two months of use are too few, and two items one too many"
    # 2 × 25 less 20 % = 40 now; small would have done in each month: 2 × 10 less 20 % = 16
    low = rows["low"]
    assert (low["mrr"], low["rerating"], low["cheapest_plan"]) == (D("40.00"), "less would do", "small")
    assert (low["cheapest_mrr"], low["regret"], low["regret_share"]) == (D("16.00"), D("24.00"), 0.6)
    # projects 4 … 9 of 100, storage 50 of 1,000
    assert low["unused_share"] == pytest.approx(1 - (0.065 + 0.05) / 2)
    assert (low["months_told"], low["full_months"]) == (6, 0)
    full = rows["full"]
    assert (full["rerating"], full["regret"], full["full_months"]) == ("fits", D("0.00"), 6), "storage was used up"
    # huge is not sold any more, but its own; big would do for more, and costs more
    assert (rows["over"]["rerating"], rows["over"]["cheapest_plan"]) == ("fits", "huge")
    more = rows["more"]
    assert (more["rerating"], more["cheapest_plan"], more["cheapest_mrr"], more["regret"]) == (
        "needs more", "big", D("25.00"), D("0.00"),
    )  # fmt: skip
    assert {n.code for n in table.notes} >= {"rerated", "regret-is-no-fault"}
    assert [r["account_id"] for r in store.pricing("rerated", limit=1, skip=1).to_dicts()] == ["over"]


def test_nothing_to_judge_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,amount,currency\na,s,p,2024-01-01,10,USD\n", encoding="utf-8"
    )
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv")
    for view, code in (("watch", "no-downgrades"), ("rerated", "no-rerating")):
        table = store.pricing(view)
        assert (table.rows, [n.code for n in table.notes if n.code.startswith("no-")]) == ([], [code]), view
