"""Change rows, attributes, products and plans: repeats, first values, conflicts."""

from __future__ import annotations

import gzip
from datetime import datetime

import duckdb
import pytest

from ingest.conftest import Shop
from rollforward.errors import Misuse
from rollforward.ingest import ImportOptions, import_files

CHANGES = "account_id,subscription_id,occurred_at,delta,currency\n"
TWICE = CHANGES + "a,s,2026-01-01T10:00:00,5,USD\n" * 2
PLANS = "plan_id,product_id,tier,amount,currency,interval,limit:seats\n"


def test_two_equal_changes_are_two_changes_and_repeats_are_known(shop: Shop) -> None:
    done = shop.add(TWICE)
    assert [(f.accepted, f.known) for f in done.files] == [(2, 0)]
    assert shop.rows("select delta, repeat, rank from mrr_event order by repeat") == [(500, 0, 3), (500, 1, 3)]
    assert shop.add(TWICE).commit_id == 0
    third = shop.add(TWICE + "a,s,2026-01-01T10:00:00,5,USD")
    assert [(f.accepted, f.known) for f in third.files] == [(1, 2)]
    assert shop.rows("select max(repeat), count(*) from mrr_event") == [(2, 3)]


def test_equal_changes_of_two_files_of_a_call_count_once(shop: Shop) -> None:
    one, two = shop.file(TWICE, "one.csv"), shop.file(TWICE + "b,t,2026-01-01T10:00:00,5,USD", "two.csv")
    done = import_files(shop.store, [one, two], ImportOptions())
    assert [(f.accepted, f.known) for f in done.files] == [(2, 0), (1, 2)]


def test_changes_with_their_own_moment(shop: Shop) -> None:
    head = CHANGES.strip() + ",recorded_at\n"
    shop.add(head + "a,s,2026-01-01,5,USD,2026-01-02")
    assert shop.add(head + "a,s,2026-01-01,5,USD,2026-01-02").commit_id == 0
    assert shop.add(head + "a,s,2026-01-01,5,USD,2026-01-03").files[0].accepted == 1


def test_first_value_holds_since_ever_later_ones_from_when_recorded(shop: Shop) -> None:
    shop.add("account_id,country,owner\na,DE,ann\nb,FR,", "accounts.csv")
    assert shop.add("account_id,country,owner\na,DE,ann\nb,FR,", "accounts.csv").commit_id == 0
    done = shop.add("account_id,country,owner\na,AT,ann\nb,FR,bob", "accounts.csv")
    assert [(f.accepted, f.known) for f in done.files] == [(2, 0)]
    assert shop.rows(
        """select account_id, dimension, value, valid_from::date::varchar from account_attribute
        join account using (account_key) order by all"""
    ) == [
        ("a", "country", "AT", "2026-10-03"),
        ("a", "country", "DE", "0001-01-01"),
        ("a", "owner", "ann", "0001-01-01"),
        ("b", "country", "FR", "0001-01-01"),
        ("b", "owner", "bob", "0001-01-01"),
    ]
    back = shop.add("account_id,country\na,DE", "accounts.csv")
    assert back.files[0].accepted == 1


def test_lines_are_counted_a_few_at_a_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rollforward.ingest.run.AT_ONCE", 2)
    head = "account_id,country,owner\n"
    told = [f"{name},DE,ann" for name in "abcde"]  # a line is two rows
    done = shop.add(head + "\n".join(told), "accounts.csv")
    assert [(f.accepted, f.known) for f in done.files] == [(5, 0)]
    done = shop.add(head + "\n".join([*told[:4], "e,AT,bob", "f,FR,ann"]), "accounts.csv")
    assert [(f.accepted, f.known) for f in done.files] == [(2, 4)]


def test_dated_attributes(shop: Shop) -> None:
    text = "account_id,country,valid_from\na,DE,2026-01-01\na,AT,2026-06-01"
    shop.add(text, "accounts.csv")
    assert shop.add(text, "accounts.csv").commit_id == 0
    assert shop.rows("select value, valid_from::date::varchar from account_attribute order by 2") == [
        ("DE", "2026-01-01"),
        ("AT", "2026-06-01"),
    ]


def test_attributes_of_an_account_stand_together(shop: Shop) -> None:
    told = [f"a{n % 7},2026-01-{n + 1:02},c{n},o{n}" for n in range(21)]
    shop.add("account_id,valid_from,country,owner\n" + "\n".join(told), "accounts.csv")
    keys = [row[0] for row in shop.rows("select account_key from account_attribute")]  # as they lie
    assert len(keys) == 42 and keys == sorted(keys)


def test_two_values_at_one_moment_are_refused(shop: Shop) -> None:
    done = shop.add("account_id,country\na,DE\na,AT\nb,FR", "accounts.csv")
    assert [(p.code, p.line) for p in done.problems] == [("conflict", 2), ("conflict", 3)]
    assert shop.rows("select value from account_attribute") == [("FR",)]


def test_products_are_written_when_they_change(shop: Shop) -> None:
    shop.add("product_id,name,role,family\np,Pro,base,core", "products.csv")
    assert shop.add("product_id,name,role,family\np,Pro,base,core", "products.csv").commit_id == 0
    assert shop.add("product_id,name,role,family\np,Pro,add_on,core", "products.csv").files[0].accepted == 1


def test_a_plan_is_written_whole(shop: Shop) -> None:
    shop.add(PLANS + "basic,p,1,10,USD,month,5\npro,p,2,20,USD,month,50", "plans.csv")
    assert shop.add(PLANS + "basic,p,1,10,USD,month,5", "plans.csv").commit_id == 0
    done = shop.add(PLANS + "basic,p,1,10,USD,month,6\npro,p,2,20,USD,month,50", "plans.csv")
    assert [(f.accepted, f.known) for f in done.files] == [(1, 1)]
    assert shop.rows("select plan_id, quantity from plan_limit join plan using (plan_key) order by all") == [
        ("basic", 5),
        ("basic", 6),
        ("pro", 50),
    ]


def test_rows_come_back_from_every_format(shop: Shop) -> None:
    text = 'account_id,subscription_id,plan,start_date,end_date,amount,currency\na,s,"b\nx",2026-01-01,,10,USD\n'
    gz = shop.folder / "subs.csv.gz"
    gz.write_bytes(gzip.compress((text + "b,t,pro,2026-01-01,,11,USD\n").encode()))
    parquet = shop.folder / "subs.parquet"
    duckdb.connect().execute(
        f"""copy (select 'c' as account_id, 'u' as subscription_id, 'pro' as plan, date '2026-01-01' as start_date,
        null::date as end_date, 12.5::decimal(9,2) as amount, 'USD' as currency) to '{parquet}'"""
    ).fetchall()
    lines = shop.folder / "subs.jsonl"
    row = (
        '{"account_id":"d","subscription_id":"v","plan":"pro","start_date":"2026-01-01","amount":"9","currency":"USD"}'
    )
    lines.write_text(row + "\n")
    import_files(shop.store, [gz, parquet, lines], ImportOptions())
    refs = shop.rows("select source_id, line from item_state order by source_id, line")
    found = [shop.store.source_row(*ref) for ref in refs]
    assert found[0] == 'a,s,"b\nx",2026-01-01,,10,USD'
    assert found[1] == "b,t,pro,2026-01-01,,11,USD"
    assert isinstance(found[2], dict)
    assert (found[2]["account_id"], str(found[2]["amount"])) == ("c", "12.50")
    assert found[3] == row


def test_no_file_no_import(shop: Shop) -> None:
    with pytest.raises(Misuse, match="no-files"):
        import_files(shop.store, [], ImportOptions(now=datetime(2026, 1, 1)))
