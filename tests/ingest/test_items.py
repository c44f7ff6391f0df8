"""Which item a row belongs to: docs/decisions/0001."""

from __future__ import annotations

from ingest.conftest import Shop

HEAD = "account_id,subscription_id,product,plan,start_date,end_date,amount,currency\n"
ITEM = "account_id,subscription_id,item_id,plan,start_date,end_date,amount,currency\n"


def bounds(shop: Shop) -> list[tuple[object, ...]]:
    return shop.rows(
        """select s.subscription_id, s.item_id, i.valid_from::date::varchar, i.valid_to::date::varchar, i.status
        from item_state i join item s using (item_key) order by all"""
    )


def test_without_item_id_the_item_is_the_subscription(shop: Shop) -> None:
    done = shop.add(HEAD + "a,s,,basic,2026-01-01,2026-03-01,10,USD\na,s,,pro,2026-03-01,,20,USD")
    assert [(f.rows, f.accepted, f.known, f.refused) for f in done.files] == [(2, 2, 0, 0)]
    assert done.splits == []
    assert bounds(shop) == [
        ("s", "", "2026-01-01", "2026-03-01", "active"),
        ("s", "", "2026-03-01", "9999-12-31", "active"),
    ]


def test_a_subscription_that_moves_to_another_account_is_one_item(shop: Shop) -> None:
    shop.add(HEAD + "a,s,,basic,2026-01-01,2026-03-01,10,USD\nb,s,,basic,2026-03-01,,10,USD")
    assert shop.rows("select count(distinct item_key), count(distinct account_key) from item_state") == [(1, 2)]


def test_overlapping_rows_split_by_product_then_by_plan(shop: Shop) -> None:
    done = shop.add(
        HEAD
        + """a,s,seats,basic,2026-01-01,,10,USD
        a,s,addon,x,2026-02-01,,3,USD
        a,s,addon,y,2026-02-01,,4,USD
        b,t,seats,basic,2026-01-01,,10,USD"""
    )
    assert done.splits == ["s"]
    assert done.problem_count == 0
    assert shop.rows("select subscription_id, item_id, part from item order by item_key") == [
        ("s", "seats", True),
        ("s", "addon/x", True),
        ("s", "addon/y", True),
        ("t", "", False),
    ]


def test_slashes_in_ids_do_not_run_together(shop: Shop) -> None:
    shop.add(
        HEAD
        + """a,s,a/b,p,2026-01-01,,1,USD
        a,s,a,b,2026-01-01,,2,USD
        a,s,a,c,2026-01-01,,3,USD"""
    )
    assert shop.rows("select count(distinct item_key), sum(amount)::bigint from item_state") == [(3, 600)]


def test_once_split_always_split(shop: Shop) -> None:
    shop.add(HEAD + "a,s,seats,basic,2026-01-01,,10,USD\na,s,addon,x,2026-01-01,,3,USD")
    done = shop.add(HEAD + "a,s,addon,x,2026-06-01,,5,USD")
    assert done.splits == []
    assert bounds(shop) == [
        ("s", "addon", "2026-01-01", "9999-12-31", "active"),
        ("s", "addon", "2026-06-01", "9999-12-31", "active"),
        ("s", "seats", "2026-01-01", "9999-12-31", "active"),
    ]


def test_the_unsplit_item_ends_where_the_split_rows_begin(shop: Shop) -> None:
    shop.add(HEAD + "a,s,seats,basic,2026-01-01,,10,USD")
    done = shop.add(HEAD + "a,s,seats,basic,2026-05-01,,10,USD\na,s,addon,x,2026-06-01,,3,USD")
    assert done.splits == ["s"]
    assert bounds(shop) == [
        ("s", "", "2026-01-01", "9999-12-31", "active"),
        ("s", "", "2026-05-01", "9999-12-31", "canceled"),
        ("s", "addon", "2026-06-01", "9999-12-31", "active"),
        ("s", "seats", "2026-05-01", "9999-12-31", "active"),
    ]
    again = shop.add(HEAD + "a,s,seats,basic,2026-05-01,,10,USD\na,s,addon,x,2026-06-01,,3,USD")
    assert again.commit_id == 0


def test_overlap_that_nothing_tells_apart_is_refused_whole(shop: Shop) -> None:
    done = shop.add(
        ITEM
        + """a,s,i,basic,2026-01-01,2026-06-01,10,USD
        a,s,i,basic,2026-03-01,2026-04-01,11,USD
        a,s,i,basic,2026-05-01,,12,USD
        a,s,j,basic,2026-01-01,,7,USD"""
    )
    assert [(p.code, p.line, p.row) for p in done.problems] == [
        ("overlap", 2, "a,s,i,basic,2026-01-01,2026-06-01,10,USD"),
        ("overlap", 3, "a,s,i,basic,2026-03-01,2026-04-01,11,USD"),
        ("overlap", 4, "a,s,i,basic,2026-05-01,,12,USD"),
    ]
    assert shop.rows("select sum(amount)::bigint from item_state") == [(700,)]
    assert shop.rows("select count(*), min(code) from problem") == [(3, "overlap")]
    assert [(f.accepted, f.known, f.refused) for f in done.files] == [(1, 0, 3)]


def test_equal_rows_count_once(shop: Shop) -> None:
    row = "a,s,i,basic,2026-01-01,,10,USD\n"
    done = shop.add(ITEM + row + row)
    assert shop.rows("select count(*) from item_state") == [(1,)]
    assert [(f.accepted, f.known, f.refused) for f in done.files] == [(1, 1, 0)]


def test_rows_of_two_moments_do_not_split(shop: Shop) -> None:
    done = shop.add(
        HEAD.strip()
        + """,recorded_at
        a,s,seats,basic,2026-01-01,,10,USD,2026-01-01
        a,s,seats,pro,2026-02-01,,20,USD,2026-02-01"""
    )
    assert (done.splits, done.problem_count) == ([], 0)


def test_keys_follow_first_appearance(shop: Shop) -> None:
    shop.add(HEAD + "z,s2,,p,2026-01-01,,1,USD\na,s1,,p,2026-01-01,,1,USD")
    shop.add(HEAD + "m,s0,,q,2026-01-01,,1,USD\na,s1,,p,2026-01-01,,9,USD")
    assert shop.rows("select account_key, account_id from account order by 1") == [(1, "z"), (2, "a"), (3, "m")]
    assert shop.rows("select item_key, subscription_id from item order by 1") == [(1, "s2"), (2, "s1"), (3, "s0")]
    assert shop.rows("select plan_key, plan_id from plan order by 1") == [(1, "p"), (2, "q")]


def test_monthly_items_are_account_product_and_plan(shop: Shop) -> None:
    head = "account_id,month,mrr,currency,product,plan\n"
    done = shop.add(head + "a,2026-01,10,USD,x,p\na,2026-01,5,USD,x,q\na,2026-02,10,USD,x,p\na,2026-02,11,USD,x,p")
    assert shop.rows("select item_id from item order by 1") == [("x/p",), ("x/q",)]
    assert [(p.code, p.line) for p in done.problems] == [("overlap", 4), ("overlap", 5)]


def test_void_beside_a_stretch_of_one_moment_is_an_overlap_not_a_split(shop: Shop) -> None:
    head = HEAD.strip() + ",status\n"
    done = shop.add(head + "a,s,x,p,2026-01-01,,10,USD,active\na,s,y,p,2026-01-01,,10,USD,void")
    assert done.splits == []
    assert [(p.code, p.line) for p in done.problems] == [("overlap", 2), ("overlap", 3)]


def test_a_month_at_zero_in_another_currency_says_nothing_beside_the_paid_one(shop: Shop) -> None:
    done = shop.add("account_id,month,mrr,currency\na,2026-01,10,USD\na,2026-01,0,EUR\na,2026-02,0,USD", "months.csv")
    assert done.files[0].refused == 0
    assert shop.rows("select valid_from::date::varchar, status, currency from item_state order by all") == [
        ("2026-01-01", "active", "USD"),
        ("2026-02-01", "canceled", "USD"),
    ]
