"""One account: what it has, by hand, and that its steps tie to what it pays and to `explain`."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.errors import Misuse

HEAD = (
    "account_id,subscription_id,item_id,product,plan,start_date,end_date,amount,currency,interval,quantity,"
    "discount_percent,discount_kind,discount_until,status\n"
)
ROWS = """\
a/b %ก,s1,i1,core,pro,2025-01-10,2025-09-01,100.00,USD,month,10,,,,
a/b %ก,s1,i1,core,pro,2025-09-01,,120.00,USD,month,12,25,repeating,2026-10-01,
a/b %ก,s1,i2,extra,plus,2025-09-01,,240.00,USD,year,1,,,,
a/b %ก,s3,i4,core,trial,2026-05-20,,50.00,USD,month,1,,,,trialing
a/b %ก,s5,i5,core,gone,2025-02-01,2025-03-01,10.00,USD,month,1,,,,
old,s2,i3,core,pro,2026-03-01,,7.00,EUR,month,1,,,,
"""
FILES = {
    "plans.csv": "plan_id,product_id,limit:seats,limit:storage\npro,core,20,\nplus,extra,,50\n",
    "usage.csv": "account_id,metric,at,quantity\na/b %ก,seats,2026-05-03,8\na/b %ก,seats,2026-05-20,8\n"
                 "a/b %ก,seats,2025-05-31,1\nold,storage,2026-04-01,12.5\nother,seats,2026-05-03,99\n",
    "contracts.csv": "account_id,contract_id,start_date,end_date,notice_date,auto_renew,amount,currency,owner\n"
                     "a/b %ก,c1,2025-07-01,2026-07-01,2026-06-10,true,1200.00,USD,Nok\n",
    "events.csv": "account_id,at,kind,outcome,text\na/b %ก,2026-02-01,offer,,Try plus\n"
                  "a/b %ก,2026-02-01,offer,won,Try plus\n"
                  "a/b %ก,2026-04-01,ticket,,Slow\n",
    "accounts.csv": "account_id,name,owner,valid_from\na/b %ก,Old Name,Nok,2025-01-01\n"
                    "a/b %ก,New Name,Nok,2026-01-01\n",
}  # fmt: skip
A = "a/b %ก"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    folder = tmp_path_factory.mktemp("account")
    made = rf.open(folder / "store")
    (folder / "subs.csv").write_text(HEAD + ROWS)
    made.import_(folder / "subs.csv", trust_valid_time=True, coverage="..2026-06-01")
    for name, text in FILES.items():
        (folder / name).write_text(text)
        report = made.import_(folder / name, kind=name.removesuffix(".csv"), trust_valid_time=True)
        assert not [p for p in report.problems if p.severity == "refused"], report.problems
    made.link("old", A)
    return made


@pytest.fixture(scope="module")
def company(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    return rf.open(shutil.copytree(demo, tmp_path_factory.mktemp("demo") / "store"))


def picked(table: rf.Table, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(r[c] for c in columns) for r in table.to_dicts()]


def money(*amounts: str) -> list[Decimal]:
    return [Decimal(a) for a in amounts]


def test_steps_by_hand(store: rf.Store) -> None:
    found = store.account(A)
    assert (found.account_id, found.asked_for, found.day) == (A, "", date(2026, 5, 31))
    assert picked(found.steps, "on_date", "currency", "movement", "amount", "after", "source_ref") == [
        (date(2025, 1, 10), "USD", "new", *money("100.00", "100.00"), "subs.csv:2"),
        (date(2025, 2, 1), "USD", "expansion", *money("10.00", "110.00"), "subs.csv:6"),
        (date(2025, 3, 1), "USD", "contraction", *money("-10.00", "100.00"), "subs.csv:6"),
        # 120 less 25 %, and 240 a year
        (date(2025, 9, 1), "USD", "expansion", *money("10.00", "110.00"), "subs.csv:3, subs.csv:4"),
        (date(2026, 3, 1), "EUR", "expansion", *money("7.00", "7.00"), "subs.csv:7"),
    ]
    assert picked(found.kept, "cohort", "currency", "opening", "mrr", "ndr") == [
        (date(2026, 3, 1), "EUR", *money("7.00", "7.00"), 1.0),
        (date(2025, 1, 1), "USD", *money("100.00", "110.00"), 1.1),
    ]
    assert picked(found.stand, "currency", "mrr", "state", "name") == [
        ("EUR", Decimal("7.00"), "active", "New Name"),
        ("USD", Decimal("110.00"), "active", "New Name"),
    ]


def test_items_by_hand(store: rf.Store) -> None:
    items = store.account(A).items
    columns = ("item_id", "plan_id", "status", "quantity", "unit_price", "discount_share", "interval", "mrr")
    assert picked(items, *columns) == [
        ("i1", "pro", "active", 12, Decimal("10.00"), 0.25, "month", Decimal("90.00")),
        ("i2", "plus", "active", 1, Decimal("240.00"), None, "year", Decimal("20.00")),
        ("i3", "pro", "active", 1, Decimal("7.00"), None, "month", Decimal("7.00")),
        ("i4", "trial", "trialing", 1, Decimal("50.00"), None, "month", Decimal("0.00")),
    ]  # fmt: skip
    assert picked(items, "since", "terms_since", "discount_ends")[0] == (
        date(2025, 1, 10), date(2025, 9, 1), date(2026, 10, 1)
    )  # fmt: skip


def test_use_contracts_events_and_attributes_by_hand(store: rf.Store) -> None:
    found = store.account(A)
    assert picked(found.usage, "period", "metric", "quantity", "limit", "share") == [
        (date(2026, 5, 1), "seats", 16, 40, 0.4),  # two items of the plan with 20 each
        (date(2026, 4, 1), "storage", Decimal("12.5"), 50, 0.25),
    ]
    assert picked(found.contracts, "contract_id", "ends", "days_to_end", "notice_on", "days_to_notice", "amount") == [
        ("c1", date(2026, 7, 1), 31, date(2026, 6, 10), 10, Decimal("1200.00"))
    ]
    assert picked(found.events, "kind", "outcome", "source_ref") == [
        ("ticket", "", "events.csv:4"), ("offer", "won", "events.csv:3"),
    ]  # fmt: skip
    assert found.events_total == 2
    assert picked(store.account(A, limit=1, skip=1).events, "kind") == [("offer",)]
    names = [r for r in picked(found.attributes, "dimension", "value", "valid_from") if r[0] == "name"]
    assert sorted(names) == [("name", "New Name", date(2026, 1, 1)), ("name", "Old Name", date(2025, 1, 1))]
    assert picked(found.links, "from_id", "to_id", "kind") == [("old", A, "same")]


def test_the_account_that_it_is_the_same_as_leads_to_it(store: rf.Store) -> None:
    found = store.account("old")
    assert (found.account_id, found.asked_for) == (A, "old")
    assert found.steps.rows[0][:5] == store.account(A).steps.rows[0][:5]


def test_every_row_of_the_files(store: rf.Store) -> None:
    rows, count = store.account_sources(A)
    assert count == len(rows.rows) == 6 + 2 + 4 + 1 + 3 + 1
    assert picked(rows, "ref", "row")[0] == ("subs.csv:2", ROWS.splitlines()[0])
    assert "99" not in " ".join(str(r) for r in picked(rows, "row"))  # another account's
    some, again = store.account_sources(A, limit=2, skip=1)
    assert some.rows == rows.rows[1:3] and again == count


def test_what_is_scheduled(tmp_path: Path) -> None:
    year = date.today().year + 1
    (tmp_path / "subs.csv").write_text(
        HEAD + f"z,s1,i1,core,pro,2025-01-10,{year}-03-01,100.00,USD,month,10,,,,\n"
        f"z,s1,i1,core,pro,{year}-03-01,,130.00,USD,month,13,,,,\n"
    )
    made = rf.open(tmp_path / "store")
    made.import_(tmp_path / "subs.csv", recorded_at="2025-06-01")
    for asked in ({}, {"as_of": "2025-12-01"}):
        found = made.account("z", **asked)  # type: ignore[arg-type]
        assert picked(found.steps, "movement", "after") == [("new", Decimal("100.00"))]
        assert picked(found.scheduled, "on_date", "movement", "before", "after") == [
            (date(year, 3, 1), "expansion", *money("100.00", "130.00"))
        ]
    assert picked(found.items, "quantity", "cancel_on") == [(10, date(year, 3, 1))]


def test_steps_tie_to_what_it_pays_and_to_explain(company: rf.Store) -> None:
    listed = company.accounts(limit=0, currency="native").table.to_dicts()
    for record in [r for r in listed if r["currency"]][::150]:
        account = str(record["account_id"])
        found = company.account(account, currency="native")
        mine = [r for r in found.steps.to_dicts() if r["currency"] == record["currency"]]
        assert sum((r["amount"] for r in mine), Decimal(0)) == record["mrr"]
        assert all(r["amount"] == sum(r[c] for c in r if c.startswith("by_")) for r in mine)
        assert all(a["after"] == b["before"] for a, b in pairwise(mine))
        assert (
            sum((i["mrr"] for i in found.items.to_dicts() if i["currency"] == record["currency"]), Decimal(0))
            == (record["mrr"])
        )
        year = company.explain("net_new", "2026", account=account, currency="native").to_dicts()
        shared = ("on_date", "currency", "movement", "amount", "before", "after", "by_plan", "by_other")
        assert [[r[c] for c in shared] for r in year] == [
            [r[c] for c in shared] for r in found.steps.to_dicts()
            if r["on_date"].year == 2026 and r["movement"] != "opening"  # type: ignore[attr-defined]
        ]  # fmt: skip


def test_in_one_reporting_currency(company: rf.Store) -> None:
    euro = company.accounts(currency="native", where=["currency=EUR"], limit=1).table.to_dicts()[0]
    found = company.account(str(euro["account_id"]), currency="USD")
    assert {r["currency"] for r in found.steps.to_dicts()} == {"USD"}
    assert sum((r["amount"] for r in found.steps.to_dicts()), Decimal(0)) == found.stand.to_dicts()[0]["mrr"]
    assert all(r["source_ref"] for r in found.steps.to_dicts() if r["movement"] != "fx")


@pytest.mark.parametrize("account", ["", "nobody", "A/B %ก", "a/b %ก "])
def test_an_account_that_nobody_knows(store: rf.Store, account: str) -> None:
    with pytest.raises(Misuse) as refused:
        store.account(account)
    assert refused.value.code == "unknown-account"
    with pytest.raises(Misuse):
        store.account_sources(account)
