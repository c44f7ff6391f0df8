"""The pricing review, counted by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

import rollforward as rf
from product import store_of_texts
from rollforward.api import Store
from rollforward.errors import Misuse

FILES = {
    "products": "product_id,name,role,family\ncore,Core,base,core\nsso,SSO,add_on,\n",
    "plans": """\
plan_id,product_id,tier,amount,currency,interval,limit:projects
small,core,1,10,USD,month,10
big,core,2,25,USD,month,100
huge,core,3,100,USD,month,
sso_m,sso,1,5,USD,month,
""",
    "subscriptions": """\
account_id,subscription_id,item_id,product,plan,start_date,end_date,amount,currency
a,a1,i,core,big,2024-01-01,2024-05-10,25,USD
a,a1,i,core,small,2024-05-10,,10,USD
b,b1,i,core,big,2024-01-01,2024-02-10,25,USD
b,b1,i,core,small,2024-02-10,2024-04-10,10,USD
b,b1,i,core,big,2024-04-10,2024-06-10,25,USD
b,b1,i,core,small,2024-06-10,,10,USD
c,c1,i,core,small,2024-01-01,2024-06-20,10,USD
c,c2,i,core,big,2024-06-20,,25,USD
d,d1,i,core,huge,2024-01-01,,100,USD
d,d1,j,sso,sso_m,2024-01-01,,5,USD
""",
    "usage": """\
account_id,metric,at,quantity
a,projects,2024-04-30,20
a,projects,2024-06-30,9
b,projects,2024-05-31,40
b,projects,2024-06-30,1
c,projects,2024-06-30,50
d,projects,2024-06-30,900
""",
    "events": """\
account_id,at,kind,tag,outcome
a,2024-03-01,request,sso,
a,2024-04-01,request,sso,
d,2024-05-01,request,api,done
c,2024-05-01,ticket,sso,
""",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_of_texts(FILES, tmp_path_factory.mktemp("pricing"), "2024-01-01..2024-07-01")


def test_moves_between_plans(store: Store) -> None:
    rows = {(r["from_plan"], r["to_plan"]): r for r in store.pricing("moves").to_dicts()}
    down, up = rows["big", "small"], rows["small", "big"]
    assert (down["direction"], down["moves"], down["accounts"], down["again"]) == ("down", 3, 2, 1)  # b went down twice
    assert (down["amount"], down["first_on"], down["last_on"]) == (D("-45.00"), date(2024, 2, 10), date(2024, 6, 10))
    assert (down["last_90"], down["last_365"]) == (2, 3)  # 30 June less 90 days is 1 April
    # a had used 20 of 100 projects in the month before, b 40 of 100 before its second move: the median is 0.3
    assert down["used_before"] == pytest.approx(0.3)
    assert (up["direction"], up["moves"], up["accounts"]) == ("up", 2, 2), (
        "an item that ends and one that starts are one"
    )


def test_moves_of_a_time(store: Store) -> None:
    rows = store.pricing("moves", start="2024-06", end="2024-06").to_dicts()
    assert {(r["from_plan"], r["to_plan"], r["moves"]) for r in rows} == {("big", "small", 1), ("small", "big", 1)}


def test_limits_that_bind(store: Store) -> None:
    rows = {r["plan_id"]: r for r in store.pricing("limits").to_dicts()}
    # small: a uses 9 of 10, b 1 of 10; big: c 50 of 100. huge has no limit.
    assert set(rows) == {"small", "big"}
    small = rows["small"]
    assert (small["accounts"], small["used_median"], small["used_little"], small["used_near"]) == (2, 0.5, 0.5, 0.5)
    assert (small["fit"], rows["big"]["fit"], small["is_small"]) == ("binds some", "binds nobody", True)


def test_steps_of_the_price_list(store: Store) -> None:
    rows = {r["plan_id"]: r for r in store.pricing("steps").to_dicts()}
    assert (rows["small"]["list_price"], rows["small"]["next_list_price"], rows["small"]["step"]) == (
        D("10.00"),
        D("25.00"),
        2.5,
    )
    assert rows["big"]["step"] == 4.0 and "huge" not in rows and "sso_m" not in rows
    # on small now: a and b; two accounts moved up from it
    assert (rows["small"]["accounts"], rows["small"]["moved_up"], rows["small"]["moved_up_share"]) == (2, 2, 0.5)


def test_the_next_step_is_what_is_sold(tmp_path: Path) -> None:
    """`big` was replaced by `big_new`, and is sold no more; a list in another currency is another answer."""
    (tmp_path / "products.csv").write_text(FILES["products"], encoding="utf-8")
    (tmp_path / "plans.csv").write_text(
        "plan_id,product_id,tier,amount,currency,interval\nsmall,core,1,10,USD,month\nbig,core,2,18,USD,month\n"
        "big_new,core,2,19,USD,month\nsmall_e,core,1,10,EUR,month\nbig_e,core,2,20,EUR,month\n",
        encoding="utf-8",
    )
    (tmp_path / "subscriptions.csv").write_text(
        "account_id,subscription_id,product,plan,start_date,amount,currency\na,a,core,big,2023-01-01,18,USD\n"
        "b,b,core,big_new,2024-05-01,19,USD\nc,c,core,small,2024-01-01,10,USD\nd,d,core,small_e,2024-01-01,10,EUR\n"
        "e,e,core,big_e,2024-01-01,20,EUR\n",
        encoding="utf-8",
    )
    store = rf.open(tmp_path / "store")
    for name in ("products", "plans", "subscriptions"):
        store.import_(tmp_path / f"{name}.csv", coverage="2022-01-01..2024-07-01" if name == "subscriptions" else None)
    rows = {r["plan_id"]: r for r in store.pricing("steps", currency="USD").to_dicts()}
    assert {p: (r["next_plan"], r["next_list_price"], r["step"]) for p, r in rows.items()} == {
        "small": ("big_new", D("19.00"), 1.9)
    }
    assert {r["plan_id"] for r in store.pricing("steps", currency="native").to_dicts()} == {"small", "small_e"}


def test_requests_count_each_account_once(store: Store) -> None:
    rows = {r["request"]: r for r in store.pricing("requests").to_dicts()}
    assert set(rows) == {"sso", "api"}
    assert (rows["sso"]["accounts"], rows["sso"]["times"], rows["sso"]["mrr"], rows["sso"]["still_open"]) == (
        1,
        2,
        D("10.00"),
        1,
    )
    assert (rows["api"]["large_accounts"], rows["api"]["still_open"]) == (1, 0)  # d pays most of four


def test_who_has_add_ons(store: Store) -> None:
    (row,) = store.pricing("add_ons").to_dicts()
    assert (row["product_id"], row["accounts"], row["share"], row["share_large"], row["share_others"]) == (
        "sso",
        1,
        0.25,
        1.0,
        0.0,
    )


def test_nothing_to_review_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,amount,currency\na,s,p,2024-01-01,10,USD\n", encoding="utf-8"
    )
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv")
    for view, code in (("moves", "no-plan-moves"), ("limits", "no-limits"), ("steps", "no-price-list"),
                       ("requests", "no-requests"), ("add_ons", "no-add-ons")):  # fmt: skip
        table = store.pricing(view)
        assert (table.rows, code in [n.code for n in table.notes]) == ([], True), view


def test_what_cannot_be_asked(store: Store) -> None:
    for wrong in ({"view": "mood"}, {"segment": "cohort"}, {"where": ["cohort=2024-01"]}):
        with pytest.raises(Misuse):
            store.pricing(**wrong)  # type: ignore[arg-type]
