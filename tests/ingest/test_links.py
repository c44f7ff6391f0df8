"""Links of accounts: one out of each, never a ring, taken back by unlink or retract (docs/decisions/0013)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ingest.conftest import Shop
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.ingest import link, retract, unlink

HEAD = "from_id,to_id,kind,valid_from\n"
SUBS = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
ROWS = """select f.account_id, t.account_id, l.kind, l.valid_from::date::varchar, l.removed from account_link l
join account f on f.account_key = l.from_key join account t on t.account_key = l.to_key order by l.commit_id, l.line"""


def accounts(shop: Shop, *names: str) -> None:
    shop.add(SUBS + "".join(f"{n},s{n},p,2026-01-01,,1,USD\n" for n in names))


def test_a_ring_is_refused_inside_a_file_and_across_files(shop: Shop) -> None:
    done = shop.add(HEAD + "a,b,same,\nb,c,acquired,2026-01-01\nc,a,same,\n")
    assert [(p.line, p.code) for p in done.problems] == [(4, "link-ring")]
    done = shop.add(HEAD + "d,a,same,\nc,d,same,\n")
    assert [(p.line, p.code) for p in done.problems] == [(3, "link-ring")]
    assert [r[:2] for r in shop.rows(ROWS)] == [("a", "b"), ("b", "c"), ("d", "a")]


def test_an_account_has_one_link_out(shop: Shop) -> None:
    shop.add(HEAD + "a,b,same,\n")
    for row in ("a,c,same,", "a,b,acquired,2026-01-01"):
        assert [p.code for p in shop.add(HEAD + row).problems] == ["already-linked"]
    done = shop.add(HEAD + "x,y,same,\nx,z,same,\n")
    assert [(p.line, p.code) for p in done.problems] == [(2, "conflict"), (3, "conflict")]


def test_rows_of_the_past_may_not_break_what_stands(shop: Shop) -> None:
    told = HEAD.strip() + ",recorded_at\n"
    shop.add(told + "b,a,same,,2026-03-01\n")
    assert [p.code for p in shop.add(told + "a,b,same,,2026-02-01\n").problems] == ["link-ring"]
    assert shop.add(told + "b,a,same,,2026-02-01\n").files[0].accepted == 1  # known a month earlier
    assert shop.add(told + "b,a,same,,2026-02-01\n").commit_id == 0


def test_link_and_unlink(shop: Shop) -> None:
    accounts(shop, "a", "b")
    store = Store(shop.store)
    done = store.link("a", "b")
    assert (done.commit_id, store.link("a", "b").commit_id) == (2, 0)
    assert shop.rows(ROWS) == [("a", "b", "same", "0001-01-01", False)]
    assert store.unlink("a", "b").commit_id == 3
    assert shop.rows(ROWS)[1] == ("a", "b", "same", "0001-01-01", True)
    assert store.link("a", "b", "acquired", on="2026-05-01").commit_id == 4
    assert shop.rows(ROWS)[2] == ("a", "b", "acquired", "2026-05-01", False)
    assert store.unlink("a", "b").commit_id == 5
    assert shop.rows(ROWS)[3] == ("a", "b", "acquired", "2026-05-01", True)
    kinds = [row[2] for row in store.imports().rows]
    assert kinds == ["import", "link", "unlink", "link", "unlink"]
    assert store.problems().rows == []


def test_a_link_can_be_retracted_and_so_can_its_end(shop: Shop) -> None:
    accounts(shop, "a", "b")
    link(shop.store, "a", "b", "same", None)
    retract(shop.store, 2)
    assert shop.rows(ROWS) == []
    link(shop.store, "a", "b", "same", None)
    unlink(shop.store, "a", "b")
    link(shop.store, "b", "a", "same", None)
    with pytest.raises(Misuse, match="links-clash"):
        retract(shop.store, 5, dry_run=True)  # a to b would stand again beside b to a
    with pytest.raises(Misuse, match="links-clash"):
        retract(shop.store, 5)
    retract(shop.store, 6)
    retract(shop.store, 5)
    assert shop.rows(ROWS) == [("a", "b", "same", "0001-01-01", False)]


def test_an_earlier_moment_does_not_see_a_link(shop: Shop) -> None:
    accounts(shop, "a", "b")
    link(shop.store, "a", "b", "same", None)
    assert shop.rows("select count(*) from account_link", as_of=datetime(2026, 10, 2)) == [(0,)]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("unknown-account", ("nobody", "b", "same", None)),
        ("unknown-account", ("a", "", "same", None)),
        ("link-needs-date", ("a", "b", "acquired", None)),
        ("link-without-date", ("a", "b", "same", date(2026, 1, 1))),
        ("bad-time", ("a", "b", "acquired", date(1066, 1, 1))),
        ("link-to-itself", ("a", "a", "same", None)),
        ("unknown-option", ("a", "b", "merged", None)),
        ("link-ring", ("b", "c", "same", None)),
        ("already-linked", ("c", "a", "same", None)),
    ],
)
def test_misuse(shop: Shop, code: str, call: tuple[str, str, str, date | None]) -> None:
    accounts(shop, "a", "b", "c")
    link(shop.store, "c", "b", "same", None)
    before = shop.counts()
    with pytest.raises(Misuse, match=code):
        link(shop.store, *call)
    assert shop.counts() == before


def test_unlinking_what_is_not_linked(shop: Shop) -> None:
    accounts(shop, "a", "b")
    for names, code in ((("a", "b"), "no-such-link"), (("x", "b"), "unknown-account"), (("a", "y"), "no-such-link")):
        with pytest.raises(Misuse, match=code):
            unlink(shop.store, *names)


def test_the_other_account_may_come_later(shop: Shop) -> None:
    accounts(shop, "a")
    assert link(shop.store, "a", "later", "same", None).commit_id == 2
    assert shop.rows("select account_id from account order by 1") == [("a",), ("later",)]
