"""What stands out: planted differences are found, equal groups are not, and nobody is immortal."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.answers import figures
from rollforward.api import Store
from rollforward.cut import Cut
from rollforward.errors import Misuse
from rollforward.periods import add_months

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"


def made(folder: Path, rows: list[str], accounts: list[str]) -> Store:
    store = rf.open(folder / "store")
    (folder / "s.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    store.import_(folder / "s.csv", coverage="2023-06-01..2025-01-01")
    if accounts:
        (folder / "a.csv").write_text("account_id,industry\n" + "\n".join(accounts) + "\n", encoding="utf-8")
        store.import_(folder / "a.csv")
    return store


def test_a_group_that_shrinks_is_found_with_what_is_at_stake(tmp_path: Path) -> None:
    # 40 shops stay at 100; of 40 bars, 20 leave: NDR 75 % in all, 50 % of the bars, 100 % of the shops
    rows = [f"s{n},x{n},p,2023-07-01,,100,USD" for n in range(40)]
    rows += [f"b{n},y{n},p,2023-07-01,{'2024-04-01' if n < 20 else ''},100,USD" for n in range(40)]
    store = made(tmp_path, rows, [f"s{n},Shop" for n in range(40)] + [f"b{n},Bar" for n in range(40)])
    found = {(r["finding"], r["subject"]): r for r in store.findings().to_dicts()}
    bars = found["segment_below", "industry = Bar"]
    assert (bars["value"], bars["reference"], bars["accounts"]) == (0.5, 0.75, 40)
    assert str(bars["mrr"]) == "1000.00", "25 points of 4,000"
    assert "industry = Bar: NDR 50.0%" in str(bars["sentence_en"]) and "50.0%" in str(bars["sentence_th"])
    assert found["segment_above", "industry = Shop"]["value"] == 1.0
    assert found["loss_cause", "churn: voluntary"]["value"] == 1.0


def test_equal_groups_are_no_finding(tmp_path: Path) -> None:
    rows = [f"s{n},x{n},p,2023-07-01,{'2024-04-01' if n % 4 == 0 else ''},100,USD" for n in range(80)]
    store = made(tmp_path, rows, [f"s{n},{'Shop' if n < 40 else 'Bar'}" for n in range(80)])
    table = store.findings()
    assert not [r for r in table.to_dicts() if "industry" in str(r["subject"])]
    assert "by-chance" in {n.code for n in table.notes}


def test_small_groups_are_none(tmp_path: Path) -> None:
    rows = [f"s{n},x{n},p,2023-07-01,{'2024-04-01' if n < 19 else ''},100,USD" for n in range(80)]
    store = made(tmp_path, rows, [f"s{n},{'Tiny' if n < 19 else 'Shop'}" for n in range(80)])
    assert "industry = Tiny" not in {r["subject"] for r in store.findings().to_dicts()}


def test_those_that_had_longer_to_grow_are_no_finding(tmp_path: Path) -> None:
    """Leaving has nothing to do with growing, but who leaves in February cannot grow in May: no finding."""
    rows = []
    for n in range(240):
        left = f"2024-{n // 4 % 12 + 1:02d}-10" if n % 2 else ""  # half leave, evenly over the year
        grows = n % 4 < 2 and (not left or left > "2024-05-15")
        rows.append(f"s{n},x{n},p,2023-07-01,{'2024-05-15' if grows else left},100,USD")
        if grows:
            rows.append(f"s{n},x{n},q,2024-05-15,{left},150,USD")
    store = made(tmp_path, rows, [])
    assert not [r for r in store.findings().to_dicts() if r["finding"] in ("grow_and_stay", "shrink_then_leave")]


def test_shrinking_that_goes_before_leaving_is_found(tmp_path: Path) -> None:
    rows = []
    for n in range(60):  # 30 shrink in March; 20 of them leave in October, and one of the others
        left = "2024-10-01" if n < 20 or n == 59 else ""
        rows.append(f"s{n},x{n},p,2023-07-01,{'2024-03-01' if n < 30 else left},100,USD")
        if n < 30:
            rows.append(f"s{n},x{n},q,2024-03-01,{left},60,USD")
    (found,) = [r for r in made(tmp_path, rows, []).findings().to_dicts() if r["finding"] == "shrink_then_leave"]
    assert (found["accounts"], found["value"], found["reference"]) == (30, pytest.approx(2 / 3), pytest.approx(1 / 30))


def test_whoever_pays_in_another_currency_has_not_left(tmp_path: Path) -> None:
    rows = ["a,s1,p,2023-07-01,2024-10-01,100,USD", "a,s2,p,2024-10-01,,90,EUR", "b,s3,p,2023-07-01,2024-10-01,50,USD"]
    store = made(tmp_path, rows, [])
    told = store.sql(
        "select a.account_id, c.currency, c.has_left from crossing c join account a on a.account_key = c.account_key "
        "order by 1, 2"
    )
    assert [tuple(r.values()) for r in told.to_dicts()] == [("a", "USD", 0), ("b", "USD", 1)]


def test_an_account_with_two_currencies_is_one_in_a_third_view(tmp_path: Path) -> None:
    """100 USD go down to 40 while 50 EUR go up to 110: by 60 of each, and at 1.1 that is growth by 6. 40 + 121 USD."""
    rows = ["a,s1,p,2023-07-01,2024-03-01,100,USD", "a,s1,p,2024-03-01,,40,USD"]
    rows += ["a,s2,p,2023-07-01,2024-03-01,50,EUR", "a,s2,p,2024-03-01,,110,EUR"]
    store = made(tmp_path, rows, [])
    days = [date(2023, 6, 1) + timedelta(days=5 * n) for n in range(120)]
    (tmp_path / "fx.csv").write_text("date,currency,rate\n" + "".join(f"{d},EUR,1.1\n" for d in days), encoding="utf-8")
    store.import_(tmp_path / "fx.csv", currency="USD")
    for asked, told in (
        ("USD", [("USD", "expansion", 16100)]),
        ("native", [("EUR", "expansion", 11000), ("USD", "contraction", 4000)]),
    ):
        build, question = store._ask({"currency": asked})
        figures.currencies(build, question)
        build.cut(Cut())
        engine = build.need(["crossing"])
        assert engine.run("select currency, first_move, midway from crossing order by currency") == told


def test_currencies_stand_apart(tmp_path: Path) -> None:
    """USD falls by 10 of 100, EUR by 500 of 1,000 (rate 1.1 all along): together it would be 560."""
    rows = ["a,s1,p,2023-07-01,2024-03-01,100,USD", "a,s1,p,2024-03-01,,90,USD"]
    rows += ["b,s2,p,2023-07-01,2024-03-01,1000,EUR", "b,s2,p,2024-03-01,,500,EUR"]
    store = made(tmp_path, rows, [])
    ends = [add_months(date(2023, 7, 1), n) - timedelta(days=1) for n in range(19)]
    (tmp_path / "fx.csv").write_text("date,currency,rate\n" + "".join(f"{d},EUR,1.1\n" for d in ends), encoding="utf-8")
    store.import_(tmp_path / "fx.csv", currency="USD")
    for asked, told in (("native", {("USD", "10.00"), ("EUR", "500.00")}), ("USD", {("USD", "560.00")})):
        causes = [r for r in store.findings(currency=asked).to_dicts() if r["finding"] == "loss_cause"]
        assert {(str(r["currency"]), str(r["mrr"])) for r in causes} == told
    own = {str(r["currency"]): r["own"] for r in store.benchmarks(metric="GRR", currency="native").to_dicts()}
    assert own == {"USD": pytest.approx(0.9), "EUR": pytest.approx(0.5)}


def test_growth_without_a_rate_is_no_small_growth(tmp_path: Path) -> None:
    """Two of 20 that pay in USD made 2,000 of 2,180; what the one in EUR made, without a rate, may be more."""
    rows = []
    for n in range(21):
        grown, code = (9000, "EUR") if n == 20 else (1100 if n < 2 else 110, "USD")
        rows += [f"s{n},x{n},p,2023-07-01,2024-03-15,100,{code}", f"s{n},x{n},q,2024-03-15,,{grown},{code}"]
    store = made(tmp_path, rows, [])
    (tmp_path / "fx.csv").write_text("date,currency,rate\n2024-01-31,EUR,1.1\n", encoding="utf-8")
    store.import_(tmp_path / "fx.csv", currency="USD")
    table = store.findings(currency="USD")
    assert "concentration" not in {r["finding"] for r in table.to_dicts()}
    assert "missing-rates" in {n.code for n in table.notes}
    (own,) = [r for r in store.findings(currency="native").to_dicts() if r["finding"] == "concentration"]
    assert (own["currency"], own["accounts"], own["value"]) == ("USD", 20, pytest.approx(2000 / 2180))


def test_downgrades_are_those_of_the_last_year(tmp_path: Path) -> None:
    """30 went down in 2023, 21 in June 2024 by 90 each."""
    rows = []
    for n in range(51):
        day = "2023-09-01" if n < 30 else "2024-06-01"
        rows += [f"s{n},x{n},big,2023-07-01,{day},100,USD", f"s{n},x{n},small,{day},,10,USD"]
    plans = "plan_id,product_id,tier,amount,currency,interval\nsmall,app,1,10,USD,month\nbig,app,2,100,USD,month\n"
    (tmp_path / "plans.csv").write_text(plans, encoding="utf-8")
    store = made(tmp_path, rows, [])
    store.import_(tmp_path / "plans.csv")
    (found,) = [r for r in store.findings().to_dicts() if r["finding"] == "downgrades"]
    assert (found["subject"], found["accounts"], str(found["mrr"])) == ("big → small", 21, "1890.00")


def test_the_demos_story_is_found(demo: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(demo, tmp_path / "demo")
    rows = rf.open(tmp_path / "demo").findings(currency="USD").to_dicts()
    assert "industry = Agency" in {r["subject"] for r in rows if r["finding"] == "segment_below"}
    assert [r["mrr"] for r in rows] == sorted((r["mrr"] for r in rows), reverse=True)  # type: ignore[type-var]


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    store = made(tmp_path, ["a,s,p,2023-07-01,,10,USD"], [])
    assert store.findings().rows == []
    with pytest.raises(Misuse):
        store.findings(segment="cohort")
    for asks in (
        store.findings,
        store.forecast,
        store.forecast_scores,
        store.lifetime,
        lambda **q: store.pricing("steps", **q),
    ):
        with pytest.raises(Misuse, match="unknown-option"):  # what is of now or of a year has no dates
            asks(start="2024-01")
        with pytest.raises(Misuse, match="unknown-option"):
            asks(end="2024-06")
