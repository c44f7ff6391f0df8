"""Closed periods (decision 0012) never move, the chain of reported balances holds, differences have a cause."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.errors import Misuse

HEAD = "account_id,subscription_id,plan,start_date,end_date,quantity,amount,currency,recorded_at\n"


def told(tmp_path: Path, store: rf.Store, *rows: str, kind: str = "facts", head: str = HEAD) -> int:
    """Import rows as one file; the commit's number."""
    path = tmp_path / f"{kind}{store.version()}.csv"
    path.write_text(head + "\n".join(rows) + "\n")
    return store.import_(path).commit_id


@pytest.fixture
def store(tmp_path: Path) -> rf.Store:
    """One account at 1,000.00 since January, of which March was closed before April's news came."""
    made = rf.open(tmp_path / "store")
    told(tmp_path, made, "a,s,p,2026-01-05,,20,1000.00,USD,2026-01-06")
    made.close("2026-03")
    return made


def rows(store: rf.Store, basis: str = "reported", **asked: str) -> list[tuple[str, ...]]:
    wanted = {"start": "2026-02", "end": "2026-05"} | asked
    got = store.mrr(basis=basis, **wanted).to_dicts()  # type: ignore[arg-type]
    names = ("opening", "restatement", "expansion", "closing")
    return [(f"{r['period']:%Y-%m}", *(f"{r[n]}" for n in names)) for r in got]


def test_review_02_the_chain_of_reported_balances_holds(tmp_path: Path, store: rf.Store) -> None:
    # A seat sale of 10 February (+50) arrives on 20 April; April itself has +30.
    told(
        tmp_path, store,
        "a,s,p,2026-01-05,2026-02-10,20,1000.00,USD,2026-04-20",
        "a,s,p,2026-02-10,2026-04-22,21,1050.00,USD,2026-04-20",
        "a,s,p,2026-04-22,,21,1080.00,USD,2026-04-22",
    )  # fmt: skip
    assert rows(store) == [
        ("2026-02", "1000.00", "0.00", "0.00", "1000.00"),
        ("2026-03", "1000.00", "0.00", "0.00", "1000.00"),
        ("2026-04", "1000.00", "50.00", "30.00", "1080.00"),
        ("2026-05", "1080.00", "0.00", "0.00", "1080.00"),
    ]
    assert rows(store, "restated") == [
        ("2026-02", "1000.00", "0.00", "50.00", "1050.00"),
        ("2026-03", "1050.00", "0.00", "0.00", "1050.00"),
        ("2026-04", "1050.00", "0.00", "30.00", "1080.00"),
        ("2026-05", "1080.00", "0.00", "0.00", "1080.00"),
    ]
    assert store.check().rows == []
    listed = {
        (f"{r['period']:%Y-%m}", r["measure"]): (r["as_closed"], r["as_known_now"], r["cause"], r["source_ref"])
        for r in store.restatements().to_dicts()
    }
    source = f"facts{2}.csv:3"
    assert listed == {
        ("2026-02", "expansion"): (Decimal(0), Decimal(50), "fact", source),
        ("2026-02", "by_seats"): (Decimal(0), Decimal(50), "fact", source),
        ("2026-02", "closing"): (Decimal(1000), Decimal(1050), "fact", source),
        ("2026-03", "opening"): (Decimal(1000), Decimal(1050), "fact", source),
        ("2026-03", "closing"): (Decimal(1000), Decimal(1050), "fact", source),
    }
    assert store.restatements(since="2026-04-23").rows == []


def test_a_quarter_is_the_sum_of_its_closed_and_open_months(tmp_path: Path, store: rf.Store) -> None:
    told(tmp_path, store, "b,t,p,2026-02-03,,1,7.00,USD,2026-04-20")
    by_month = store.mrr(start="2026-01", end="2026-06").to_dicts()
    by_quarter = store.mrr(start="2026-01", end="2026-06", by="quarter").to_dicts()
    for name in ("new", "restatement", "expansion", "churn"):
        assert sum(r[name] for r in by_month) == sum(r[name] for r in by_quarter), name
    assert [r["restatement"] for r in by_quarter] == [Decimal(0), Decimal(7)]
    assert [r["accounts_closing"] for r in by_quarter] == [1, 2]


def test_a_late_account_is_restated_and_its_sum_opens(tmp_path: Path, store: rf.Store) -> None:
    told(tmp_path, store, "b,t,p,2026-02-03,,1,7.00,USD,2026-04-20")
    (april,) = store.mrr(start="2026-04", end="2026-04").to_dicts()
    assert (april["restatement"], april["new"], april["accounts_transfer"]) == (Decimal(7), Decimal(0), 1)
    (opened,) = store.explain("restatement", "2026-04").to_dicts()
    assert (opened["account_id"], opened["amount"]) == ("b", Decimal(7))
    assert store.explain("opening", "2026-04").to_dicts()[-1]["account_id"] == "a"


def test_retention_of_a_closed_window_stays(tmp_path: Path, store: rf.Store) -> None:
    before = store.retention(1, start="2026-03", end="2026-03").to_dicts()
    told(tmp_path, store, "a,s,p,2026-01-05,2026-03-10,20,1000.00,USD,2026-04-20")
    told(tmp_path, store, "b,t,p,2026-02-03,,1,7.00,USD,2026-04-20")
    after = store.retention(1, start="2026-03", end="2026-03").to_dicts()
    same = ("opening", "expansion", "contraction", "churn", "closing", "ndr", "grr", "logo_retention")
    assert [{n: r[n] for n in same} for r in after] == [{n: r[n] for n in same} for r in before]
    (known,) = store.retention(1, start="2026-03", end="2026-03", basis="restated").to_dicts()
    assert (known["opening"], known["churn"]) == (Decimal(1007), Decimal(-1000))


def test_a_price_list_that_changes_moves_no_closed_driver(tmp_path: Path, store: rf.Store) -> None:
    store.reopen("2026-01")
    told(
        tmp_path, store,
        "t,u,v,2026-01-05,2026-02-10,10,100.00,USD,2026-01-06",
        "t,u,v,2026-02-10,,11,88.00,USD,2026-02-10",
    )  # fmt: skip
    store.close("2026-03")
    asked = {"start": "2026-02", "end": "2026-02"}

    def contraction(basis: str) -> tuple[Decimal, Decimal]:
        (row,) = store.drivers("contraction", basis=basis, **asked).to_dicts()  # type: ignore[arg-type]
        return row["by_seats"], row["by_price"]

    closed = contraction("reported")
    tiers = '[{""up_to"": 10, ""unit_amount"": ""10.00""}, {""up_to"": null, ""unit_amount"": ""8.00""}]'
    told(
        tmp_path, store, f'v,prod,1,,USD,month,volume,"{tiers}"', kind="plans",
        head="plan_id,product_id,tier,amount,currency,interval,tiers_mode,tiers\n",
    )  # fmt: skip
    assert contraction("reported") == closed == (Decimal(8), Decimal(-20))
    assert contraction("restated") == (Decimal(-12), Decimal(0))  # review case 11: 10 → 11 seats under volume pricing
    causes = {(r["measure"], r["cause"]) for r in store.restatements().to_dicts()}
    assert causes == {("by_seats", "tier"), ("by_price", "tier")}


def test_what_is_taken_back_is_restated_with_its_cause(tmp_path: Path) -> None:
    store = rf.open(tmp_path / "store")
    told(tmp_path, store, "a,s,p,2026-01-05,,1,10.00,USD,2026-01-06")
    wrong = told(tmp_path, store, "b,t,p,2026-02-03,,1,7.00,USD,2026-02-04")
    store.close("2026-03")
    store.retract(wrong)
    assert rows(store, start="2026-04", end="2026-04") == [("2026-04", "17.00", "-7.00", "0.00", "10.00")]
    assert {r["cause"] for r in store.restatements().to_dicts()} == {"fact"}
    assert {r["source_ref"] for r in store.restatements().to_dicts()} == {f"retract {wrong}"}


def test_a_second_close_closes_the_restatement_with_it(tmp_path: Path, store: rf.Store) -> None:
    told(tmp_path, store, "b,t,p,2026-02-03,,1,7.00,USD,2026-04-20")
    store.close("2026-05")
    told(tmp_path, store, "b,t,p,2026-02-03,2026-05-09,1,7.00,USD,2026-06-20")
    assert rows(store, start="2026-03", end="2026-06") == [
        ("2026-03", "1000.00", "0.00", "0.00", "1000.00"),
        ("2026-04", "1000.00", "7.00", "0.00", "1007.00"),
        ("2026-05", "1007.00", "0.00", "0.00", "1007.00"),
        ("2026-06", "1007.00", "-7.00", "0.00", "1000.00"),
    ]
    assert store.check().rows == []
    store.reopen("2026-05")
    assert rows(store, start="2026-04", end="2026-06") == [
        ("2026-04", "1000.00", "7.00", "0.00", "1007.00"),
        ("2026-05", "1007.00", "0.00", "0.00", "1000.00"),
        ("2026-06", "1000.00", "0.00", "0.00", "1000.00"),
    ]
    assert [r[2] for r in store.closings().rows] == ["close", "close", "reopen"]


def test_closing_before_covers_what_is_open_before_it(tmp_path: Path) -> None:
    store = rf.open(tmp_path / "store")
    told(tmp_path, store, "a,s,p,2026-01-05,,1,10.00,USD,2026-01-06")
    done = store.close("2026-02")
    assert (done.accounts, store.closings().rows[0][6].isoformat()) == (1, "2026-03-01")
    again = store.close("2026-01")
    assert (again.commit_id, again.rows, store.version()) == (0, 0, 2)
    told(tmp_path, store, "a,s,p,2026-01-05,,1,20.00,USD,2026-03-06")
    assert rows(store, start="2026-01", end="2026-01") == [("2026-01", "0.00", "0.00", "0.00", "10.00")]


def test_what_cannot_be_closed_is_said(store: rf.Store) -> None:
    with pytest.raises(Misuse, match="period-not-over"):
        store.close("2999-01")
    with pytest.raises(Misuse, match="not-closed"):
        store.reopen("2026-04")
    with pytest.raises(Misuse, match="unknown-option"):
        store.mrr(basis="guessed")


def test_as_of_before_the_close_does_not_see_it(tmp_path: Path, store: rf.Store) -> None:
    told(tmp_path, store, "b,t,p,2026-02-03,,1,7.00,USD,2026-02-04")
    (row,) = store.mrr(start="2026-02", end="2026-02", as_of="2026-03-01").to_dicts()
    assert row["closing"] == Decimal(1007)  # closed today, long after that moment


FX = "date,currency,rate,reporting_currency,recorded_at\n"


def euros(tmp_path: Path) -> rf.Store:
    """EUR 100 from January on: at 1.10, 1.20, 1.20 and, in April, 1.25."""
    store = rf.open(tmp_path / "store")
    told(tmp_path, store, "e,s,p,2026-01-05,,1,100.00,EUR,2026-01-06")
    days = ("2026-01-31,EUR,1.10", "2026-02-28,EUR,1.20", "2026-03-31,EUR,1.20", "2026-04-30,EUR,1.25")
    told(tmp_path, store, *(f"{d},USD,2026-05-01" for d in days), kind="fx", head=FX)
    return store


def test_rates_of_closed_days_stay(tmp_path: Path) -> None:
    store = euros(tmp_path)
    asked = {"start": "2026-02", "end": "2026-04", "currency": "USD"}

    def found(basis: str) -> list[tuple[str, str]]:
        got = store.mrr(basis=basis, **asked).to_dicts()  # type: ignore[arg-type]
        return [(f"{r['fx']}", f"{r['closing']}") for r in got]

    before = [("10.00", "120.00"), ("0.00", "120.00"), ("5.00", "125.00")]
    assert found("reported") == before
    store.close("2026-03")
    told(
        tmp_path, store, "2026-02-28,EUR,1.30,USD,2026-05-03", "2026-03-31,EUR,1.40,USD,2026-05-03", kind="fx", head=FX
    )
    assert found("reported") == before  # 1.25 less the 1.20 that March was closed with
    assert found("restated") == [("20.00", "130.00"), ("10.00", "140.00"), ("-15.00", "125.00")]
    store.reopen("2026-03")
    assert found("reported")[:2] == [("10.00", "120.00"), ("20.00", "140.00")]


def test_what_a_close_left_out_opens_in_a_reporting_currency(tmp_path: Path) -> None:
    store = euros(tmp_path)
    store.close("2026-03")
    told(tmp_path, store, "e,s,p,2026-01-05,,1,130.00,EUR,2026-05-04")
    (april,) = store.mrr(start="2026-04", end="2026-04", currency="USD").to_dicts()
    assert (april["restatement"], april["fx"], april["closing"]) == (
        Decimal("37.50"),
        Decimal("5.00"),
        Decimal("162.50"),
    )  # EUR 30 late at 1.25; EUR 100 from 1.20 to 1.25
    for metric in ("restatement", "fx", "net_new", "opening", "closing"):
        opened = store.explain(metric, "2026-04", currency="USD").to_dicts()
        cell = april["closing"] - april["opening"] if metric == "net_new" else april[metric]
        assert sum(r["amount"] for r in opened) == cell, metric


def test_rates_said_later_are_listed_with_their_source(tmp_path: Path) -> None:
    store = euros(tmp_path)
    told(tmp_path, store, "u,t,p,2026-01-05,,1,7.00,USD,2026-01-06")
    store.close("2026-03")
    told(
        tmp_path, store, "2026-02-28,EUR,1.30,USD,2026-05-03", "2026-03-31,EUR,1.40,USD,2026-05-03", kind="fx", head=FX
    )

    def listed(**asked: str) -> dict[tuple[str, str, str], tuple[Decimal, Decimal, str, str]]:
        rows = store.restatements(**asked).to_dicts()  # type: ignore[arg-type]
        return {
            (f"{r['period']:%m}", r["account_id"], r["measure"]): (
                r["as_closed"],
                r["as_known_now"],
                r["cause"],
                r["source_ref"],
            )
            for r in rows
        }

    # EUR 100: 110 in January; 120 and 120 as closed, 130 and 140 by now.
    wanted = {
        ("02", "e", "fx"): (10, 20, "rate", "fx4.csv:2"), ("02", "e", "closing"): (120, 130, "rate", "fx4.csv:2"),
        ("03", "e", "opening"): (120, 130, "rate", "fx4.csv:3"), ("03", "e", "fx"): (0, 10, "rate", "fx4.csv:3"),
        ("03", "e", "closing"): (120, 140, "rate", "fx4.csv:3"),
    }  # fmt: skip
    assert listed(currency="USD") == listed() == wanted  # USD is what the rates are in
    assert listed(currency="native") == {}
    # EUR 30 more, said to have been there since February: a fact, worth 39 and 42.
    told(
        tmp_path,
        store,
        "e,s,p,2026-01-05,2026-02-10,1,100.00,EUR,2026-05-04",
        "e,s,p,2026-02-10,,1,130.00,EUR,2026-05-04",
    )
    fact = f"facts{store.version() - 1}.csv:3"
    assert listed() == {
        ("02", "e", "expansion"): (0, 39, "fact", fact), ("02", "e", "by_price"): (0, 39, "fact", fact),
        ("02", "e", "fx"): (10, 20, "fact", fact), ("02", "e", "closing"): (120, 169, "fact", fact),
        ("03", "e", "opening"): (120, 169, "fact", fact), ("03", "e", "fx"): (0, 13, "fact", fact),
        ("03", "e", "closing"): (120, 182, "fact", fact),
    }  # fmt: skip
