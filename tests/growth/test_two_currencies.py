"""The expansion side of accounts that pay in several currencies, or in one without a rate, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest

from product import store_of_texts
from rollforward.api import Store

DAYS = [date(2023, 12, 25) + timedelta(days=5 * n) for n in range(40)]
FILES = {
    "products": "product_id,name,role,family\ncore,Core,base,core\next,Ext,base,ext\nsso,SSO,add_on,\n",
    "plans": """\
plan_id,product_id,tier,amount,currency,interval
small_e,core,1,60,EUR,month
big_e,core,2,160,EUR,month
small_u,core,1,60,USD,month
big_j,core,2,15000,JPY,month
small_c,core,1,90,CHF,month
big_c,core,2,150,CHF,month
ext_u,ext,1,40,USD,month
sso_e,sso,1,5,EUR,month
plain_u,core,,60,USD,month
plain_j,core,,15000,JPY,month
""",
    "subscriptions": """\
account_id,subscription_id,item_id,product,plan,start_date,end_date,amount,currency
two,t1,i,core,small_e,2024-01-01,,60,EUR
two,t2,j,ext,ext_u,2024-01-01,,40,USD
two,t2,k,ext,ext_u,2024-01-01,,40,USD
jp,j1,i,core,big_j,2024-01-01,,6000,JPY
jp,j2,i,ext,ext_u,2024-01-01,,50,USD
up,u1,i,core,small_u,2024-01-01,2024-05-10,60,USD
up,u1,i,core,big_j,2024-05-10,,15000,JPY
even,e1,i,core,small_u,2024-01-01,2024-05-10,60,USD
even,e1,i,core,small_e,2024-05-10,,60,EUR
plain,p1,i,core,plain_u,2024-01-01,2024-05-10,60,USD
plain,p1,i,core,plain_j,2024-05-10,,15000,JPY
ch,c1,i,core,small_c,2024-01-01,,90,CHF
gone,g1,i,core,small_c,2024-01-01,2024-06-10,90,CHF
""",
    "events": """\
account_id,at,kind,tag,outcome
two,2024-03-01,request,sso,
ch,2024-03-01,request,sso,
jp,2024-03-01,request,api,
two,2024-06-01,touch,,
""",
    "fx": "date,currency,rate,to\n" + "".join(f"{d},EUR,1.1,USD\n{d},JPY,0.0066,USD\n" for d in DAYS),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_of_texts(FILES, tmp_path_factory.mktemp("two"), "2023-12-01..2024-07-01")


def test_headroom_takes_the_rate_of_its_options(store: Store) -> None:
    """`two` pays most in USD, and what it could add is in EUR: 100 for the next tier and 5 for the add-on."""
    rows = {r["account_id"]: r for r in store.headroom(currency="native").to_dicts()}
    assert (rows["two"]["currency"], rows["two"]["mrr"], rows["two"]["headroom"]) == ("EUR", D("60.00"), D("105.00"))
    assert (rows["ch"]["currency"], rows["ch"]["headroom"]) == ("CHF", D("60.00"))
    table = store.headroom(currency="USD")
    rows = {r["account_id"]: r for r in table.to_dicts()}
    assert (rows["two"]["mrr"], rows["two"]["headroom"], rows["two"]["next_tier"]) == (D("146.00"), D("115.50"), D(110))
    assert (rows["ch"]["mrr"], rows["ch"]["headroom"], rows["ch"]["top_tier"], rows["ch"]["options"]) == (
        None, None, None, 1,
    )  # fmt: skip
    assert "missing-rates" in [n.code for n in table.notes]
    assert [r["account_id"] for r in table.to_dicts()][-1] == "ch"


def test_headroom_in_all_is_empty_without_a_rate(store: Store) -> None:
    table = store.headroom_total(currency="USD")
    (row,) = table.to_dicts()
    # nothing left to add: jp (89.60), up and plain (99.00 each); what ch pays, and could add, has no rate
    assert (row["accounts"], row["accounts_at_ceiling"], row["mrr_at_ceiling"]) == (6, 3, D("287.60"))
    assert [row[c] for c in ("mrr", "headroom", "next_tier", "ceiling_share")] == [None] * 4
    assert "missing-rates" in [n.code for n in table.notes]
    euro = {r["currency"]: r for r in store.headroom_total(currency="native").to_dicts()}["EUR"]
    assert (euro["accounts"], euro["headroom"], euro["mrr"]) == (2, D("210.00"), D("120.00"))


def test_most_is_by_the_rate_and_not_by_minor_units(store: Store) -> None:
    """6,000 JPY are 39.60 USD: `jp` pays most in USD, and that item is its base and comes first."""
    rows = {r["account_id"]: r for r in store.headroom(currency="native").to_dicts()}
    assert (rows["jp"]["currency"], rows["jp"]["mrr"]) == ("USD", D("50.00"))
    (total,) = store.quote("jp", seats=2, on="2024-07-05").totals.to_dicts()
    assert (total["currency"], total["mrr_before"], total["mrr_after"]) == ("USD", D("50.00"), D("100.00"))


def test_a_move_to_another_currency_converts_each_side(store: Store) -> None:
    def moves(currency: str) -> dict[tuple[object, object], tuple[object, ...]]:
        rows = store.pricing("moves", currency=currency).to_dicts()
        return {(r["from_plan"], r["to_plan"]): (r["direction"], r["currency"], r["amount"]) for r in rows}

    # 15,000 JPY are 99.00 USD, 60 EUR are 66.00; plans without tiers have no direction over two currencies
    assert moves("USD") == {
        ("small_u", "big_j"): ("up", "USD", D("39.00")), ("small_u", "small_e"): ("level", "USD", D("6.00")),
        ("plain_u", "plain_j"): ("level", "USD", D("39.00")),
    }  # fmt: skip
    assert moves("native") == {
        ("small_u", "big_j"): ("up", "JPY", None), ("small_u", "small_e"): ("level", "EUR", None),
        ("plain_u", "plain_j"): ("level", "JPY", None),
    }  # fmt: skip


def test_requests_stand_in_each_currency_and_are_empty_without_a_rate(store: Store) -> None:
    def requests(currency: str) -> dict[tuple[object, object], tuple[object, object]]:
        rows = store.pricing("requests", currency=currency).to_dicts()
        return {(r["request"], r["currency"]): (r["accounts"], r["mrr"]) for r in rows}

    assert requests("native") == {
        ("sso", "EUR"): (1, D("60.00")), ("sso", "USD"): (1, D("80.00")), ("sso", "CHF"): (1, D("90.00")),
        ("api", "JPY"): (1, D(6000)), ("api", "USD"): (1, D("50.00")),
    }  # fmt: skip
    assert requests("USD") == {("sso", "USD"): (2, None), ("api", "USD"): (1, D("89.60"))}
    assert "missing-rates" in [n.code for n in store.pricing("requests", currency="USD").notes]


def test_coverage_has_who_pays_without_a_rate_and_nobody_else(store: Store) -> None:
    table = store.voice("coverage", currency="USD")
    (row,) = table.to_dicts()
    assert (row["accounts"], row["touched"], row["mrr"], row["touched_mrr_share"]) == (6, 1, None, None)
    assert "missing-rates" in [n.code for n in table.notes]
    rows = {r["currency"]: (r["accounts"], r["mrr"]) for r in store.voice("coverage", currency="native").to_dicts()}
    assert rows["CHF"] == (1, D("90.00")) and rows["USD"] == (2, D("130.00"))


def test_a_way_down_into_another_currency_is_judged_where_it_was_left(tmp_path: Path) -> None:
    """From 160 EUR to 60 USD on 1 June: 30 of 60 days on the plan it left, 122 before; 176 USD before, so 116 less."""
    rows = "account_id,subscription_id,item_id,product,plan,start_date,end_date,amount,currency\n"
    rows += "d,s,i,core,big_e,2024-01-01,2024-06-01,160,EUR\nd,s,i,core,small_u,2024-06-01,,60,USD\n"
    files = {**FILES, "subscriptions": rows, "events": "account_id,at,kind\nd,2024-02-01,touch\n"}
    store = store_of_texts(files, tmp_path, "2023-12-01..2024-07-01")
    for asked, code, amount in (("native", "EUR", None), ("USD", "USD", D("-116.00"))):
        (row,) = store.pricing("watch", currency=asked).to_dicts()
        told = (row["from_plan"], row["to_plan"], row["currency"], row["lately"], row["is_alarm"], row["amount"])
        assert told == ("big_e", "small_u", code, 1, False, amount)
