"""What growth costs and brings, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.api import Store
from rollforward.errors import Misuse

SUBSCRIPTIONS = """\
account_id,subscription_id,plan,start_date,end_date,amount,currency
a,a1,small,2024-01-01,2024-03-01,100,USD
a,a1,big,2024-03-01,,150,USD
b,b1,small,2024-01-15,2024-07-01,200,USD
c,c1,small,2024-03-10,,100,USD
"""
SPEND = """\
month,kind,amount,currency
2024-01-01,new,600,USD
2024-03-01,new,200,USD
2024-03-01,expansion,50,USD
2024-04-01,expansion,10,USD
"""


def made(folder: Path, **files: str) -> Store:
    store = rf.open(folder / "store")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        coverage = "2024-01-01..2025-02-01" if name == "subscriptions" else None
        store.import_(folder / f"{name}.csv", coverage=coverage)
    assert store.problems().rows == []
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return made(tmp_path_factory.mktemp("economics"), subscriptions=SUBSCRIPTIONS, spend=SPEND)


def test_what_one_of_new_and_of_expansion_cost(store: Store) -> None:
    rows = {r["period"]: r for r in store.economics(0.5).to_dicts()}
    january, march, april = (rows[date(2024, m, 1)] for m in (1, 3, 4))
    # January: 600 for 100 + 200 of new MRR from two accounts. March: 200 for 100 of new, 50 for 50 of expansion.
    assert (january["cost_new"], january["payback_new"], january["cost_account"]) == (2.0, 4.0, D("300.00"))
    assert (march["cost_new"], march["cost_expansion"]) == (2.0, 1.0)
    assert march["cost_blended"] == pytest.approx(250 / 150)
    assert january["cost_expansion"] is None and january["cost_blended"] is None, "nobody said what expansion cost"
    assert april["cost_expansion"] is None, "spent on it, and nothing won: no ratio"


def test_a_quarter_is_the_sum_of_its_months(store: Store) -> None:
    (first, _second) = store.economics(by="quarter").to_dicts()
    assert (first["spend_new"], first["new_mrr"], first["cost_new"]) == (D("800.00"), D("400.00"), 2.0)


def test_what_an_account_has_been_worth(store: Store) -> None:
    # By the end of January 2025, only the cohort of January 2024 is 12 months old: a pays 100, 100, then 150 ten times;
    # b 200 six times. Of what they began with: a 12 × 100, b 6 × 200.
    (row,) = store.lifetime(0.8).to_dicts()
    assert (row["horizon_months"], row["accounts"], row["cohorts"]) == (12, 2, 1)
    assert row["lifetime_value"] == D("1160.00")  # (1,700 + 1,200) / 2 × 0.8
    assert row["lifetime_without"] == D("960.00")  # (1,200 + 1,200) / 2 × 0.8
    assert row["expansion_part"] == pytest.approx(500 / 2900)


def test_the_later_word_on_a_month_counts(tmp_path: Path) -> None:
    store = made(tmp_path, subscriptions=SUBSCRIPTIONS, spend=SPEND)
    (tmp_path / "again.csv").write_text("month,kind,amount,currency\n2024-01-01,new,300,USD\n", encoding="utf-8")
    store.import_(tmp_path / "again.csv", kind="spend")
    assert store.economics().to_dicts()[0]["cost_new"] == 1.0


def test_spend_takes_the_rate_of_its_months_last_day(tmp_path: Path) -> None:
    rates = "date,currency,rate\n2024-01-31,EUR,2.00\n2024-03-31,EUR,4.00\n"
    euro = SPEND.replace("USD", "EUR")
    store = made(tmp_path, subscriptions=SUBSCRIPTIONS, spend=euro, fx=rates)
    told = {n.code for n in store.economics(currency="native").notes}
    assert "spend-elsewhere" in told and store.economics(currency="native").rows == []


def test_without_spend_it_says_so(tmp_path: Path) -> None:
    store = made(tmp_path, subscriptions=SUBSCRIPTIONS)
    table = store.economics()
    assert table.rows == [] and [n.code for n in table.notes][:1] == ["no-spend"]


def test_what_cannot_be_asked(store: Store) -> None:
    for wrong in ({"margin": 0}, {"margin": 1.2}, {"by": "day"}, {"segment": "cohort"}):
        with pytest.raises(Misuse):
            store.economics(**wrong)  # type: ignore[arg-type]
