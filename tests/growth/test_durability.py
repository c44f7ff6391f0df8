"""What becomes of expansions, worked out by hand (definitions.md section 7, decision 0016)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.api import Store, demo
from rollforward.errors import Misuse

SUBSCRIPTIONS = """\
account_id,subscription_id,item_id,product,plan,start_date,end_date,amount,currency,discount_percent,discount_kind,discount_until,billing
a,a1,a1,core,small,2024-01-01,2024-02-01,100,USD,,,,
a,a1,a1,core,big,2024-02-01,2024-03-01,150,USD,,,,
a,a1,a1,core,huge,2024-03-01,2024-04-01,180,USD,,,,
a,a1,a1,core,mid,2024-04-01,2024-05-01,140,USD,,,,
a,a1,a1,core,low,2024-05-01,2024-06-01,120,USD,,,,
a,a1,a1,core,least,2024-06-01,,90,USD,,,,
b,b1,b1,core,small,2024-01-10,2024-02-10,200,USD,,,,
b,b1,b1,core,big,2024-02-10,2024-03-15,300,USD,,,,
b,b2,b2,core,small,2024-06-15,,50,USD,,,,
c,c1,c1,core,small,2024-01-01,2024-05-01,100,USD,,,,
c,c1,c1,core,big,2024-05-01,,400,USD,50,repeating,2024-11-01,
d,d1,d1,core,small,2024-01-01,2024-02-01,100,EUR,,,,
d,d1,d1,core,big,2024-02-01,2024-03-01,160,EUR,,,,
d,d1,d2,core,big,2024-03-01,,170,USD,,,,
e,e1,e1,core,small,2024-01-01,,100,USD,,,,
"""
EVENTS = """\
account_id,at,kind,channel,tag,outcome,outcome_at,discount_percent
b,2024-01-20,offer,email,spring,accepted,2024-02-09,
c,2024-03-01,offer,call,late,accepted,2024-03-20,
a,2024-01-25,offer,email,spring,declined,2024-01-26,
"""
CHARGES = """\
account_id,item_id,metric,service_start,service_end,invoiced_at,amount,currency
e,runs,runs,2024-02-01,2024-03-01,2024-03-01,10,USD
e,runs,runs,2024-03-01,2024-04-01,2024-04-01,90,USD
"""
ROWS = {"subscriptions": SUBSCRIPTIONS, "events": EVENTS, "charges": CHARGES}


def made(folder: Path, coverage: str = "2024-01-01..2024-08-01", **rows: str) -> Store:
    store = rf.open(folder / "store")
    for name, text in (ROWS | rows).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        store.import_(folder / f"{name}.csv", coverage=coverage if name == "subscriptions" else None)
    assert store.problems().rows == []
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return made(tmp_path_factory.mktemp("durability"))


def told(store: Store, **asked: object) -> dict[tuple[str, str], tuple[object, ...]]:
    """(account, day made) → uplift, still held, fate, day it ended."""
    rows = store.uplifts(**asked).to_dicts()  # type: ignore[arg-type]
    return {
        (str(r["account_id"]), str(r["made_on"])): (r["uplift"], r["held_now"], r["fate"], r["ended_on"]) for r in rows
    }


def test_the_latest_is_lost_first(store: Store) -> None:
    # a: 100 → 150 → 180 → 140 → 120 → 90. The 30 go first: at 140 none of them is left, and 40 of the 50; at 120,
    # 20 of the 50, less than half; at 90 nothing.
    found = told(store)
    assert found["a", "2024-03-01"] == (D("30.00"), D("0.00"), "fully", date(2024, 4, 1))
    assert found["a", "2024-02-01"] == (D("50.00"), D("0.00"), "partly", date(2024, 5, 1))


def test_leaving_ends_it_and_a_return_does_not_bring_it_back(store: Store) -> None:
    assert told(store)["b", "2024-02-10"] == (D("100.00"), D("0.00"), "churned", date(2024, 3, 15))


def test_what_goes_into_another_currency_is_no_loss(store: Store) -> None:
    assert told(store, currency="EUR") == {("d", "2024-02-01"): (D("60.00"), D("60.00"), "held", None)}


def test_usage_is_no_expansion_that_could_last(tmp_path: Path) -> None:
    rules = tmp_path / "with_usage.toml"
    rules.write_text('name = "with_usage"\nversion = 1\nusage = "service_month"\n', encoding="utf-8")
    store = made(tmp_path)
    grown = [r for r in store.expansion(policy=str(rules), currency="USD").to_dicts() if r["by_usage"]]
    assert grown, "the usage of e is an expansion under this policy"
    assert not [key for key in told(store, policy=str(rules)) if key[0] == "e"]


def test_an_end_of_usage_is_no_loss(tmp_path: Path) -> None:
    """A plan upgrade with use beside it: when the use falls again, the upgrade has held."""
    rules = tmp_path / "with_usage.toml"
    rules.write_text('name = "with_usage"\nversion = 1\nusage = "service_month"\n', encoding="utf-8")
    more = CHARGES + (
        "c,runs,runs,2024-03-01,2024-04-01,2024-04-01,500,USD\nc,runs,runs,2024-05-01,2024-06-01,2024-06-01,5,USD\n"
    )
    store = made(tmp_path, charges=more)
    assert told(store, policy=str(rules))["c", "2024-05-01"][1:3] == (D("100.00"), "held")


def test_discount_and_offer_are_those_of_the_expansion(store: Store) -> None:
    rows = {(r["account_id"], str(r["made_on"])): r for r in store.uplifts().to_dicts()}
    c = rows[
        "c", "2024-05-01"
    ]  # 100 → 400 at half the price: 50 % off what grew; the offer was accepted 42 days before
    assert (c["uplift"], c["discount_share"], c["offer"], c["channel"]) == (D("100.00"), 0.5, "", "")
    b = rows["b", "2024-02-10"]
    assert (b["discount_share"], b["offer"], b["channel"]) == (0.0, "spring", "email")
    assert rows["a", "2024-02-01"]["offer"] == "", "a declined offer made nothing"


def test_unsustainable_is_what_was_bought_and_did_not_last(store: Store) -> None:
    # with 90 days behind them: a's two, b's, c's (91 days). b's was by an offer and gone after 34 days: 100 of it and
    # the 200 before.
    row = store.unsustainable(currency="USD").to_dicts()[0]
    assert (row["made"], row["unsustainable"], row["unsustainable_mrr"], row["later_cost"]) == (
        4,
        1,
        D("100.00"),
        D("300.00"),
    )
    assert row["made_mrr"] == D("280.00") and row["unsustainable_share"] == pytest.approx(100 / 280)
    assert row["watched"] == 0
    assert [r["account_id"] for r in store.uplifts("unsustainable").to_dicts()] == ["b"]


def test_inside_the_watch_nothing_is_judged(store: Store) -> None:
    row = store.unsustainable(currency="USD", watch=92).to_dicts()[0]
    assert (row["made"], row["watched"], row["watched_mrr"]) == (3, 1, D("100.00"))
    assert [r["account_id"] for r in store.uplifts("watched", watch=92).to_dicts()] == ["c"]


def test_shares_by_number_and_by_money(store: Store) -> None:
    # USD: a's 50 and 30, b's 100, c's 100; nothing has ended by day 30. a's 30 go on day 31, with 10 of the 50 on
    # day 60; b's 100 on day 34; the rest of a's 50 on days 90 and 121.
    rows = {r["age_months"]: r for r in store.durability(currency="USD", months="1,2,3").to_dicts()}
    assert (rows[1]["held"], rows[1]["money_held"], rows[1]["made"]) == (1.0, 1.0, 4)
    assert rows[2]["held"] == pytest.approx(0.5)
    assert rows[2]["money_held"] == pytest.approx((280 - 30 - 100 - 10) / 280)
    assert rows[3]["held"] == pytest.approx(0.25)
    assert (rows[3]["partly"], rows[3]["fully"], rows[3]["churned"]) == pytest.approx((0.25, 0.25, 0.25))
    assert rows[3]["held_low"] is None and rows[3]["is_small"] is True, "no interval under 20 expansions"


def test_split_by_driver_and_by_a_dimension(store: Store, tmp_path: Path) -> None:
    drivers = {r["driver"] for r in store.durability("driver", [1], currency="USD").to_dicts()}
    assert drivers == {"plan"}
    offers = {r["offer"]: r["made"] for r in store.durability("offer", [1], currency="USD").to_dicts()}
    assert offers == {"no offer": 3, "spring": 1}
    cohorts = {
        r["segment"]: r["made"] for r in store.durability(months=[1], currency="USD", segment="cohort").to_dicts()
    }
    assert cohorts == {"2024-01": 4}


def test_what_cannot_be_asked(store: Store) -> None:
    for wrong in ({"split": "colour"}, {"months": "0"}, {"months": "x"}, {"split": "driver", "segment": "cohort"},
                  {"segment": "plan"}):  # fmt: skip
        with pytest.raises(Misuse):
            store.durability(**wrong)  # type: ignore[arg-type]
    with pytest.raises(Misuse):
        store.unsustainable(deep=1.5)


def test_in_a_reporting_currency_uplifts_keep_the_rate_of_their_day(tmp_path: Path) -> None:
    store = made(tmp_path)
    (tmp_path / "fx.csv").write_text("date,currency,rate\n2024-01-31,EUR,2.00\n2024-02-29,EUR,5.00\n", encoding="utf-8")
    store.import_(tmp_path / "fx.csv", currency="USD")
    found = told(store, currency="USD", policy="default")
    assert found["d", "2024-02-01"][0] in (D("300.00"), D("120.00"))
    assert {r["currency"] for r in store.durability(months=[1]).to_dicts()} == {"USD"}


def test_money_without_a_rate_is_in_no_sum(tmp_path: Path) -> None:
    store = made(tmp_path)
    (tmp_path / "fx.csv").write_text("date,currency,rate\n2024-07-31,EUR,2.00\n", encoding="utf-8")  # not of February
    store.import_(tmp_path / "fx.csv", currency="USD")
    table = store.unsustainable(currency="USD", watch=30)
    (row,) = table.to_dicts()
    assert row["made"] and row["unsustainable"] is not None
    assert {row[c] for c in ("made_mrr", "unsustainable_mrr", "unsustainable_share", "later_cost", "watched_mrr")} == {
        None
    }
    assert "missing-rates" in [n.code for n in table.notes]


def test_campaign_of_the_demo_does_not_last(tmp_path: Path) -> None:
    """docs/demo.md: half of the autumn campaign's discounted upgrades reverse, one in ten at list price."""
    store = demo(tmp_path / "demo")
    rows = {r["offer"]: r for r in store.durability("offer", [12], currency="USD").to_dicts()}
    campaign, others = rows["autumn_2025"], rows["upgrade"]
    assert campaign["money_high"] < others["money_held"]
    assert 0.4 < campaign["money_held"] < 0.65
