"""Snapshots with and without start dates: docs/decisions/0003."""

from __future__ import annotations

from datetime import datetime

from ingest.conftest import Shop

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency,interval\n"
SEEN = "account_id,subscription_id,plan,amount,currency\n"
SAID = """select s.subscription_id, i.replaces_from::date::varchar, i.valid_from::date::varchar,
  i.valid_to::date::varchar, i.status, i.source_kind
from item_state i join item s using (item_key) where i.commit_id = (select max(commit_id) from "commit") order by all"""


def test_each_row_replaces_from_the_end_of_the_one_before(shop: Shop) -> None:
    shop.add(
        HEAD
        + """a,s,basic,2026-01-01,2026-03-01,10,USD,month
        a,s,pro,2026-04-01,2026-06-01,20,USD,month
        b,t,pro,2026-02-01,,20,USD,month""",
        snapshot=True,
    )
    assert shop.rows(SAID) == [
        ("s", "0001-01-01", "2026-01-01", "2026-03-01", "active", "subscriptions"),
        ("s", "2026-03-01", "2026-04-01", "2026-06-01", "active", "subscriptions"),
        ("s", "2026-06-01", "2026-06-01", "9999-12-31", "canceled", ""),
        ("t", "0001-01-01", "2026-02-01", "9999-12-31", "active", "subscriptions"),
    ]


def test_missing_items_end_and_are_listed_with_their_mrr(shop: Shop) -> None:
    shop.add(
        HEAD
        + """a,s,basic,2026-01-01,,120,USD,year
        b,t,basic,2026-01-01,,7,USD,month
        c,u,basic,2026-01-01,2026-02-01,7,USD,month"""
    )
    text = HEAD + "b,t,basic,2026-01-01,,7,USD,month"
    dry = shop.add(text, snapshot=True, dry_run=True)
    assert [(e.account_id, e.subscription_id, e.mrr_minor, e.currency) for e in dry.ends] == [("a", "s", 1000, "USD")]
    assert shop.store.version() == 1
    done = shop.add(text, snapshot=True, recorded_at=datetime(2026, 9, 1))
    assert done.ends == []  # recorded before the first import spoke: what was said later stands
    done = shop.add(text, snapshot=True)
    assert [e.subscription_id for e in done.ends] == ["s"]
    assert shop.rows(SAID)[0] == ("s", "2026-10-04", "2026-10-04", "9999-12-31", "canceled", "")
    again = shop.add(text, snapshot=True)
    assert (again.commit_id, again.ends) == (0, [])


def test_an_item_whose_row_was_refused_does_not_end(shop: Shop) -> None:
    shop.add(HEAD + "a,s,basic,2026-01-01,,12,USD,month\nb,t,basic,2026-01-01,,7,USD,month")
    done = shop.add(HEAD + "a,s,basic,2026-01-01,,oops,USD,month\nb,t,basic,2026-01-01,,7,USD,month", snapshot=True)
    assert (done.ends, done.files[0].refused) == ([], 1)


def test_a_snapshot_ends_only_its_own_kind(shop: Shop) -> None:
    shop.add("account_id,month,mrr,currency\nz,2026-12,10,USD", "months.csv")
    done = shop.add(HEAD + "a,s,basic,2026-01-01,,12,USD,month", snapshot=True)
    assert done.ends == []


def test_sightings_speak_from_their_time(shop: Shop) -> None:
    shop.add(SEEN + "a,s,basic,10,USD\nb,t,basic,10,USD", snapshot=True, recorded_at=datetime(2026, 1, 1))
    done = shop.add(SEEN + "a,s,pro,20,USD", snapshot=True, recorded_at=datetime(2026, 2, 1))
    assert [e.subscription_id for e in done.ends] == ["t"]
    assert shop.rows(SAID) == [
        ("s", "2026-02-01", "2026-02-01", "9999-12-31", "active", "sighting"),
        ("t", "2026-02-01", "2026-02-01", "9999-12-31", "canceled", ""),
    ]
    assert shop.rows("select snapshot from source_file") == [("sighting",), ("sighting",)]
    assert shop.add(SEEN + "a,s,pro,20,USD", snapshot=True, recorded_at=datetime(2026, 2, 1)).commit_id == 0


def test_sightings_and_subscriptions_are_one_kind_of_file(shop: Shop) -> None:
    shop.add(HEAD + "a,s,basic,2026-01-01,,10,USD,month\nb,t,basic,2026-01-01,,10,USD,month")
    seen = shop.add(SEEN + "a,s,basic,10,USD\nc,u,basic,10,USD", snapshot=True)
    assert [e.subscription_id for e in seen.ends] == ["t"]
    whole = shop.add(HEAD + "a,s,basic,2026-01-01,,10,USD,month", snapshot=True)
    assert [e.subscription_id for e in whole.ends] == ["u"]


def test_sightings_split_overlapping_lines(shop: Shop) -> None:
    text = "account_id,subscription_id,product,plan,amount,currency\na,s,x,p,1,USD\na,s,y,p,2,USD"
    assert shop.add(text, snapshot=True).splits == ["s"]


def test_a_trusted_snapshot_keeps_the_chain(shop: Shop) -> None:
    shop.add(
        HEAD + "a,s,basic,2026-01-01,2026-03-01,10,USD,month\na,s,pro,2026-03-01,2026-05-01,20,USD,month",
        snapshot=True,
        trust_valid_time=True,
    )
    assert shop.rows(
        """select recorded_at::date::varchar, replaces_from::date::varchar, valid_from::date::varchar,
          valid_to::date::varchar, status from item_state order by all"""
    ) == [
        ("2026-01-01", "0001-01-01", "2026-01-01", "9999-12-31", "active"),
        ("2026-03-01", "0001-01-01", "2026-01-01", "2026-03-01", "active"),
        ("2026-03-01", "2026-03-01", "2026-03-01", "9999-12-31", "active"),
        ("2026-05-01", "2026-03-01", "2026-03-01", "2026-05-01", "active"),
        ("2026-05-01", "2026-05-01", "2026-05-01", "9999-12-31", "canceled"),
    ]
