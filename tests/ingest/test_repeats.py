"""Moments, repeats, retractions, trusted history: docs/decisions/0002."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingest.conftest import Shop
from rollforward.errors import Misuse
from rollforward.ingest import ImportOptions, import_files, retract

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
TOLD = HEAD.strip() + ",recorded_at\n"
OPEN = HEAD + "a,s,basic,2026-01-01,,10,USD"
MOVED = HEAD + "a,s,basic,2026-01-01,2026-03-01,10,USD\na,s,pro,2026-03-01,,20,USD"


def test_the_same_file_again_changes_nothing(shop: Shop) -> None:
    shop.add(MOVED)
    before = shop.counts()
    again = shop.add(MOVED)
    assert (again.commit_id, again.version) == (0, 1)
    assert [(f.rows, f.accepted, f.known, f.refused) for f in again.files] == [(2, 0, 2, 0)]
    assert shop.counts() == before


def test_a_stretch_that_was_cut_is_no_repeat(shop: Shop) -> None:
    shop.add(OPEN)
    assert shop.add(MOVED).files[0].accepted == 2
    back = shop.add(OPEN)
    assert back.files[0].accepted == 1
    assert shop.add(OPEN).commit_id == 0


def test_halves_of_a_history_are_known_one_by_one(shop: Shop) -> None:
    shop.add(HEAD + "a,s,basic,2026-01-01,2026-03-01,10,USD")
    done = shop.add(MOVED)
    assert [(f.accepted, f.known) for f in done.files] == [(1, 1)]


def test_rows_with_a_moment_repeat_only_their_own_moment(shop: Shop) -> None:
    text = TOLD + "a,s,basic,2026-01-01,,10,USD,2026-01-05"
    shop.add(text)
    assert shop.add(text).commit_id == 0
    assert shop.add(text.replace("2026-01-05", "2026-01-06")).files[0].accepted == 1
    assert shop.add(OPEN, recorded_at=datetime(2026, 1, 5)).commit_id == 0


def test_a_correction_survives_the_file_being_imported_again(shop: Shop) -> None:
    shop.add(OPEN)
    shop.add(OPEN.replace("10,USD", "12,USD"), correction=True)
    before = shop.counts()
    assert shop.add(OPEN).commit_id == 0
    assert shop.counts() == before
    assert shop.rows("select rank, amount from item_state order by 1") == [(2, 1000), (5, 1200)]


def test_trusted_history_says_no_end_before_it_came(shop: Shop) -> None:
    shop.add(MOVED, trust_valid_time=True)
    assert shop.rows(
        """select valid_from::date::varchar, valid_to::date::varchar, recorded_at::date::varchar, amount
        from item_state order by recorded_at, valid_from"""
    ) == [
        ("2026-01-01", "9999-12-31", "2026-01-01", 1000),
        ("2026-01-01", "2026-03-01", "2026-03-01", 1000),
        ("2026-03-01", "9999-12-31", "2026-03-01", 2000),
    ]
    assert shop.add(MOVED, trust_valid_time=True).commit_id == 0
    assert shop.store.first_recorded() == datetime(2026, 1, 1)


def test_trusted_history_ends_in_the_future_are_known_now(shop: Shop) -> None:
    text = HEAD + "a,s,basic,2026-01-01,2027-01-01,10,USD\nb,t,basic,2026-12-01,2027-06-01,10,USD"
    shop.add(text, trust_valid_time=True)
    assert shop.rows(
        """select valid_from::date::varchar, valid_to::date::varchar, recorded_at::date::varchar
        from item_state order by all"""
    ) == [
        ("2026-01-01", "2027-01-01", "2026-10-01"),
        ("2026-01-01", "9999-12-31", "2026-01-01"),
        ("2026-12-01", "2027-06-01", "2026-10-01"),
    ]
    assert shop.add(text, trust_valid_time=True).commit_id == 0


def test_void_speaks_for_all_time(shop: Shop) -> None:
    shop.add(OPEN)
    head = HEAD.strip() + ",status\n"
    shop.add(head + "a,s,basic,2026-02-01,,10,USD,void")
    assert shop.rows(
        """select valid_from::date::varchar, valid_to::date::varchar, replaces_from::date::varchar from item_state
        where status = 'void'"""
    ) == [("0001-01-01", "9999-12-31", "0001-01-01")]


def test_retract_and_import_again(shop: Shop) -> None:
    first = shop.add(MOVED)
    shop.add(MOVED.replace("20,USD", "25,USD"))
    with pytest.raises(Misuse, match="no-such-import"):
        retract(shop.store, 99)
    dry = retract(shop.store, first.commit_id, dry_run=True)
    assert (dry.commit_id, dry.files[0].accepted, dry.repeated) == (0, 2, 1)
    done = retract(shop.store, first.commit_id)
    assert done.commit_id == done.version == 3
    assert shop.rows("select amount from item_state") == [(2500,)]
    with pytest.raises(Misuse, match="already-retracted"):
        retract(shop.store, first.commit_id)
    with pytest.raises(Misuse, match="no-such-import"):
        retract(shop.store, done.commit_id)
    assert shop.rows("select amount from item_state order by 1", version=2) == [(1000,), (2000,), (2500,)]
    back = shop.add(MOVED)
    assert (back.files[0].accepted, back.files[0].known) == (2, 0)


def test_dry_run_writes_nothing(shop: Shop) -> None:
    done = shop.add(MOVED, dry_run=True)
    assert (done.commit_id, done.version, done.dry_run, done.files[0].accepted) == (0, 0, True, 2)
    assert sorted(p.name for p in shop.store.path.iterdir()) == ["rollforward.json"]


def test_two_files_of_one_call_are_one_import(shop: Shop) -> None:
    one = shop.file(OPEN, "one.csv")
    two = shop.file(OPEN + "\nb,t,basic,2026-01-01,,7,USD", "two.csv")
    done = import_files(shop.store, [one, two], ImportOptions())
    assert [(f.accepted, f.known) for f in done.files] == [(1, 0), (1, 1)]
    assert shop.rows("select count(*) from item_state") == [(2,)]
    assert shop.store.version() == 1
    ids = [r[0] for r in shop.rows("select source_id from source_file order by 1")]
    assert shop.store.source_row(ids[1], 3) == "b,t,basic,2026-01-01,,7,USD"


def test_a_file_of_problems_alone_is_listed_once(shop: Shop) -> None:
    text = HEAD + "a,s,basic,2026-01-01,,10,XXQ"
    first = shop.add(text)
    assert (first.commit_id, first.files[0].refused, first.files[0].accepted) == (1, 1, 0)
    assert shop.rows('select rows_accepted, rows_refused from "commit"') == [(0, 1)]
    again = shop.add(text)
    assert (again.commit_id, again.problem_count) == (0, 1)


def test_an_earlier_moment_of_the_same_fact_is_kept(shop: Shop) -> None:
    shop.add(TOLD + "a,s,basic,2026-01-01,,10,USD,2026-02-01")
    assert shop.add(TOLD + "a,s,basic,2026-01-01,,10,USD,2026-01-01").files[0].accepted == 1
    assert len(shop.rows("from item_state", as_of=datetime(2026, 1, 15))) == 1
