"""Months ahead: they tie, keep to what is recorded, and their intervals hold what simulated companies do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import rollforward as rf
from rollforward.api import Store, demo
from rollforward.errors import Misuse
from rollforward.periods import add_months
from rollforward.stats import forecast

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"


def company(months: int, seed: int, noise: float = 0.3) -> tuple[forecast.Floats, forecast.Floats, forecast.Floats]:
    """A company whose monthly shares are known: expansion 3 %, contraction 1 %, churn 2 %; new MRR of about 1,000."""
    draw = np.random.default_rng(seed)
    mrr, moved, opening, closing = 20_000.0, [], [], []
    for _ in range(months):
        factor = draw.lognormal(0, noise, 5)
        told = np.array([1_000, 0, 0.03 * mrr, -0.01 * mrr, -0.02 * mrr]) * factor
        opening.append(mrr)
        mrr += told.sum()
        moved.append(told)
        closing.append(mrr)
    return np.array(moved), np.array(opening), np.array(closing)


def test_without_noise_it_goes_on_as_it_was() -> None:
    moved, opening, closing = company(30, 1, noise=0.0)
    found = forecast.ahead(moved[:24], opening[:24], closing[23], 6)
    assert found.closing == pytest.approx(closing[24:], rel=1e-6)
    assert found.low == pytest.approx(found.high)


def test_eighty_percent_of_what_comes_lies_inside() -> None:
    """200 companies of known rates, three months ahead: between 70 and 90 % (a nominal 80)."""
    held = 0
    for seed in range(200):
        moved, opening, closing = company(27, seed)
        found = forecast.ahead(moved[:24], opening[:24], closing[23], 3)
        held += found.low[2] <= closing[26] <= found.high[2]
    assert 140 <= held <= 180


def test_a_forecast_of_a_growing_company_beats_the_naive_one() -> None:
    moved, opening, closing = company(36, 5)
    told = {(s.method, s.horizon): s for s in forecast.scores(moved, opening, closing)}
    assert told["movements", 3].mase < 1 and told["naive", 3].mase == 1.0
    assert told["movements", 12].origins == 36 - 12 - 11 and told["naive", 1].covered is None


def test_scores_know_nothing_later() -> None:
    """What comes after the last origin of a horizon moves no forecast made before it."""
    moved, opening, closing = company(30, 9)
    before = forecast.ahead(moved[:20], opening[:20], closing[19], 6)
    moved[20:] *= 7
    after = forecast.ahead(moved[:20], opening[:20], closing[19], 6)
    assert (before.closing == after.closing).all()


def made(folder: Path, rows: str, coverage: str) -> Store:
    (folder / "s.csv").write_text(HEAD + rows, encoding="utf-8")
    store = rf.open(folder / "store")
    store.import_(folder / "s.csv", coverage=coverage or None)
    return store


def test_rows_tie_and_recorded_ends_are_in_them(tmp_path: Path) -> None:
    # fifteen accounts of 100 began one a month until last month; one is recorded to end in the third month from now
    this = date.today().replace(day=1)
    ends = add_months(this, 2).replace(day=10)
    rows = "".join(
        f"a{n},s{n},p,{add_months(this, n - 15).replace(day=5)},{ends if n == 14 else ''},100,USD\n" for n in range(15)
    )
    store = made(tmp_path, rows, "")
    told = store.forecast(6).to_dicts()
    assert [r["period"] for r in told] == [add_months(this, m) for m in range(6)]
    for r in told:
        movements = sum(r[c] for c in ("new", "reactivation", "expansion", "contraction", "churn"))  # type: ignore[misc]
        assert r["opening"] + movements == r["closing"]  # type: ignore[operator]
    assert told[0]["opening"] == D("1500.00")
    assert all(a["closing"] == b["opening"] for a, b in pairwise(told))
    third = told[2]
    assert (third["recorded"], third["churn"]) == (D("-100.00"), D("-100.00")), "nobody ever left, but one is said to"
    assert {r["churn"] for r in told if r is not third} == {D("0.00")}


def test_a_short_history_says_so_and_keeps_the_last_value(tmp_path: Path) -> None:
    store = made(tmp_path, "a,s,p,2024-01-05,,100,USD\n", "2024-01-01..2024-06-01")
    table = store.forecast(3)
    assert [n.code for n in table.notes] == ["short-history"]
    assert {(r["closing"], r["closing_low"], r["method"]) for r in table.to_dicts()} == {(D("100.00"), None, "naive")}
    assert store.forecast_scores().rows == []


def test_what_renews_is_of_the_accounts_asked_for(tmp_path: Path) -> None:
    store = made(tmp_path, "a,s,p,2024-01-05,,100,USD\nb,t,p,2024-01-05,,50,USD\n", "2024-01-01..2024-06-01")
    terms = "account_id,contract_id,start_date,end_date\na,c1,2024-01-05,2024-07-15\nb,c2,2024-01-05,2024-07-20\n"
    told = {"a": "account_id,industry\na,Shop\nb,Bar\n", "c": terms}
    for name, content in told.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
        store.import_(tmp_path / f"{name}.csv", kind="accounts" if name == "a" else "contracts")
    for where, amount in ((None, D(150)), (["industry=Shop"], D(100)), (["plan=p"], None)):
        assert [r["renewing"] for r in store.forecast(2, where=where).to_dicts()][1] == amount, where


def test_a_missing_rate_is_said(tmp_path: Path) -> None:
    store = made(tmp_path, "a,s,p,2024-01-05,,100,USD\nb,t,p,2024-01-05,,50,EUR\n", "2024-01-01..2024-06-01")
    (tmp_path / "fx.csv").write_text("date,currency,rate\n2024-01-31,EUR,1.1\n", encoding="utf-8")
    store.import_(tmp_path / "fx.csv", currency="USD")
    for table in (store.forecast(3, currency="USD"), store.forecast_scores(currency="USD")):
        assert table.rows == [] and "missing-rates" in [n.code for n in table.notes]


def test_what_is_recorded_without_a_rate_is_no_zero(tmp_path: Path) -> None:
    """50 EUR are said to begin in the third month from now, and nobody rates the euro: nothing is told from then on."""
    this = date.today().replace(day=1)
    rows = "".join(f"a{n},s{n},p,{add_months(this, n - 15).replace(day=5)},,100,USD\n" for n in range(15))
    rows += f"e,t,p,{add_months(this, 2).replace(day=10)},,50,EUR\n"
    store = made(tmp_path, rows, "")
    (tmp_path / "fx.csv").write_text("date,currency,rate\n2020-01-31,EUR,1.1\n", encoding="utf-8")
    store.import_(tmp_path / "fx.csv", currency="USD")
    table = store.forecast(4, currency="USD")
    told = table.to_dicts()
    assert [r["recorded"] for r in told] == [D(0), D(0), None, D(0)]
    assert [r["closing"] is None for r in told] == [False, False, True, True]
    assert (told[2]["opening"], told[2]["new"]) == (told[1]["closing"], None)
    (note,) = [n for n in table.notes if n.code == "missing-rates"]
    assert note.params["currency"] == "EUR"


def test_a_naive_forecast_that_was_right_has_no_ratio() -> None:
    moved, same = np.zeros((20, 5)), np.full(20, 500.0)
    told = forecast.scores(moved, same, same)
    assert told and {(s.mape, s.mase) for s in told} == {(0.0, None)}
    assert {s.mape for s in forecast.scores(np.zeros((20, 5)), same, np.r_[same[:-1], 0.0])} == {None}


def test_the_demo_was_foretold(tmp_path: Path) -> None:
    store = demo(tmp_path / "demo")
    told = {(r["forecast_by"], r["horizon_ahead"]): r for r in store.forecast_scores(currency="USD").to_dicts()}
    for months in (1, 3, 6, 12):
        ours, naive = told["movements", months], told["naive", months]
        assert ours["mase"] < 1 and ours["mape"] < naive["mape"]  # type: ignore[operator]
    assert 0.6 <= told["movements", 3]["covered"] <= 0.95  # type: ignore[operator]
    one = store.forecast(where=["industry=Agency"], currency="USD").to_dicts()
    assert one and one[0]["opening"] < store.forecast(currency="USD").to_dicts()[0]["opening"]  # type: ignore[operator]


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    store = made(tmp_path, "a,s,p,2024-01-05,,100,USD\n", "2024-01-01..2024-06-01")
    for wrong in ({"months": 0}, {"months": 37}, {"segment": "cohort"}):
        with pytest.raises(Misuse):
            store.forecast(**wrong)  # type: ignore[arg-type]
