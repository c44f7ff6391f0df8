"""Charges, usage, events, contracts, rates and spend as facts: repeats, later sayings, conflicts, order, chunks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from ingest.conftest import Shop
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.ingest import ImportOptions, import_files, retract

CHARGES = "account_id,subscription_id,item_id,metric,service_start,service_end,amount,currency\n"
CHARGE = "a,s,i,calls,2026-01-01,2026-02-01,10.00,USD\n"
USAGE = "account_id,metric,at,quantity\n"
EVENTS = "account_id,at,kind,tag,outcome,outcome_at\n"
CONTRACTS = "account_id,contract_id,start_date,end_date,amount,currency,counts\n"
TERM = "a,c,2026-01-01,2027-01-01,1200.00,USD,mrr\n"
FX = "date,currency,rate\n"
SPEND = "month,kind,amount,currency\n"
SUBS = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"

ONE_OF_EACH = {
    "charge": CHARGES + CHARGE,
    "usage": USAGE + "a,calls,2026-01-01,1\n",
    "event": EVENTS + "a,2026-01-01,ticket,x,,\n",
    "contract": CONTRACTS + TERM,
    "account_link": "from_id,to_id\na,b\n",
    "fx_rate": FX + "2026-01-31,EUR,1.1\n",
    "spend": SPEND + "2026-01,new,10,USD\n",
}


@pytest.mark.parametrize("fact", ONE_OF_EACH)
def test_a_file_again_is_known_and_a_retracted_one_never_was(shop: Shop, fact: str) -> None:
    text = ONE_OF_EACH[fact]
    first = shop.add(text)
    assert [(f.accepted, f.known, f.refused) for f in first.files] == [(1, 0, 0)]
    again = shop.add(text)
    assert (again.commit_id, [(f.accepted, f.known) for f in again.files]) == (0, [(0, 1)])
    assert shop.rows(f"select count(*) from {fact}") == [(1,)]
    assert retract(shop.store, first.commit_id).files[0].accepted == 1
    assert shop.rows(f"select count(*) from {fact}") == [(0,)]
    assert shop.add(text).files[0].accepted == 1


@pytest.mark.parametrize("fact", ONE_OF_EACH)
def test_a_trusted_history_again_is_known(shop: Shop, fact: str) -> None:
    shop.add(ONE_OF_EACH[fact], trust_valid_time=True)
    assert shop.add(ONE_OF_EACH[fact], trust_valid_time=True).commit_id == 0
    told = {
        "charge": "2026-02-01", "spend": "2026-02-01", "fx_rate": "2026-01-31", "account_link": "2026-10-01",
    }  # fmt: skip
    assert shop.rows(f"select recorded_at::date::varchar from {fact}") == [(told.get(fact, "2026-01-01"),)]


def test_two_equal_charges_are_two_charges(shop: Shop) -> None:
    shop.add(CHARGES + CHARGE * 2)
    assert shop.rows("select amount, repeat, rank from charge order by repeat") == [(1000, 0, 2), (1000, 1, 2)]
    assert shop.add(CHARGES + CHARGE).commit_id == 0
    assert [(f.accepted, f.known) for f in shop.add(CHARGES + CHARGE * 3).files] == [(1, 2)]


def test_the_item_of_a_charge_is_its_own(shop: Shop) -> None:
    shop.add(SUBS.strip() + ",item_id\n" + "a,s,pro,2026-01-01,,5,USD,calls\n")
    shop.add(CHARGES + "a,s,,calls,2026-01-01,2026-02-01,1,USD\n" + CHARGE + "a,,,calls,2026-01-01,2026-02-01,2,USD\n")
    named = "select i.subscription_id, i.item_id, c.amount from charge c join item i using (item_key) order by all"
    assert shop.rows(named) == [("account:a", "calls", 200), ("s", "calls", 100), ("s", "i/calls", 1000)]
    assert shop.rows("select count(*) from charge join item_state using (item_key)") == [(0,)]
    shop.add(CHARGES + "a,s,,calls,2026-02-01,2026-03-01,1,USD\n")
    assert shop.rows("select count(distinct item_key), count(*) from charge") == [(3, 4)]
    # nor does a row of the same name that comes later take the charge's item
    shop.add(SUBS.replace("plan", "product,plan") + "a,s2,calls,p,2026-01-01,,5,USD\na,s2,base,p,2026-01-01,,5,USD\n")
    shop.add(CHARGES + "a,s2,,calls,2026-01-01,2026-02-01,1,USD\n")
    assert shop.rows("select count(*) from charge join item_state using (item_key)") == [(0,)]


def test_a_split_does_not_take_the_item_of_a_charge(shop: Shop) -> None:
    shop.add(CHARGES + "a,s,,calls,2026-01-01,2026-02-01,1,USD\n")
    shop.add(SUBS.replace("plan", "product,plan") + "a,s,calls,p,2026-01-01,,5,USD\na,s,base,p,2026-01-01,,5,USD\n")
    assert shop.rows("select count(*) from item_state") == [(2,)]
    assert shop.rows("select count(*) from charge join item_state using (item_key)") == [(0,)]


def test_charges_are_not_corrected_by_charges(shop: Shop) -> None:
    with pytest.raises(Misuse, match="correction-of-charges"):
        shop.add(CHARGES + CHARGE, correction=True)


def test_the_later_quantity_counts_and_contradictions_are_refused(shop: Shop) -> None:
    shop.add(USAGE + "a,calls,2026-01-01,1\n")
    assert shop.add(USAGE + "a,calls,2026-01-01,2.5\n").files[0].accepted == 1
    assert shop.add(USAGE + "a,calls,2026-01-01,2.5\n").commit_id == 0
    assert shop.add(USAGE + "a,calls,2026-01-01,1\n").files[0].accepted == 1
    done = shop.add(USAGE + "a,calls,2026-02-01,1\na,calls,2026-02-01,2\na,calls,2026-03-01,3\n")
    assert [(p.line, p.code) for p in done.problems] == [(2, "conflict"), (3, "conflict")]
    assert shop.rows("select quantity from usage order by commit_id")[-1] == (Decimal(3),)


def test_an_event_is_all_that_it_says(shop: Shop) -> None:
    shop.add(EVENTS + "a,2026-01-01,ticket,x,,\na,2026-01-01,ticket,y,,\n")
    done = shop.add(EVENTS + "a,2026-01-01,ticket,x,solved,2026-01-05\na,2026-01-01,ticket,y,,\n")
    assert [(f.accepted, f.known) for f in done.files] == [(1, 1)]


def test_a_later_rate_and_a_reporting_currency(shop: Shop) -> None:
    shop.add(FX + "2026-01-31,EUR,1.1\n")
    assert Store(shop.store).reporting_currency() == ""
    shop.add(FX + "2026-01-31,EUR,1.2\n", currency="USD")
    assert Store(shop.store).reporting_currency() == "USD"
    assert shop.rows("select on_date, currency, to_currency, rate from fx_rate order by commit_id") == [
        (date(2026, 1, 31), "EUR", "", Decimal("1.1")),
        (date(2026, 1, 31), "EUR", "USD", Decimal("1.2")),
    ]
    shop.add("date,currency,rate,reporting_currency\n2026-01-31,EUR,40,THB\n")
    assert Store(shop.store).reporting_currency() == "THB"
    retract(shop.store, 3)
    assert Store(shop.store).reporting_currency() == "USD"
    done = shop.add(FX + "2026-02-28,EUR,1.1\n2026-02-28,EUR,1.2\n")
    assert [(p.line, p.code) for p in done.problems] == [(2, "conflict"), (3, "conflict")]


def test_a_currency_without_rates(shop: Shop) -> None:
    with pytest.raises(Misuse, match="currency-without-rates"):
        shop.add(SPEND + "2026-01,new,10,USD\n", currency="USD")
    with pytest.raises(Misuse, match="bad-currency"):
        shop.add(FX + "2026-01-31,EUR,1.1\n", currency="dollars")


def test_spend_of_a_month_is_said_anew(shop: Shop) -> None:
    shop.add(SPEND + "2026-01,new,10,USD\n2026-01,retention,1,USD\n")
    assert [(f.accepted, f.known) for f in shop.add(SPEND + "2026-01,new,12,USD\n2026-01,retention,1,USD\n").files] == [
        (1, 1)
    ]


def balances(shop: Shop, day: date) -> list[object]:
    return [row[0] for row in Store(shop.store).sql(
        f"select cast(sum(delta) as bigint) from mrr_change where on_date <= date '{day}' having sum(delta) <> 0"
    ).rows]  # fmt: skip


def test_a_contract_that_counts_is_mrr_for_its_term(shop: Shop) -> None:
    shop.add(CONTRACTS + TERM + "b,d,2026-01-01,2026-03-02,60.00,USD,mrr\nc,e,2026-01-01,2027-01-01,999.00,USD,\n")
    # 1,200.00 a year = 100.00 a month; 60.00 for 60 days = 60 * 365 / (12 * 60) = 30.42
    assert balances(shop, date(2026, 1, 1)) == [10000 + 3042]
    assert balances(shop, date(2026, 3, 2)) == [10000]
    assert balances(shop, date(2027, 1, 1)) == []
    shop.add(CONTRACTS + TERM.replace("1200", "2400"))
    assert balances(shop, date(2026, 2, 1)) == [20000 + 3042]
    shop.add(CONTRACTS + TERM.replace("mrr", ""))
    assert balances(shop, date(2026, 2, 1)) == [3042]
    shop.add(CONTRACTS + TERM)
    assert balances(shop, date(2026, 2, 1)) == [10000 + 3042]
    assert Store(shop.store).check().rows == []


@pytest.mark.parametrize("item", ["", "x", "c"])
def test_a_subscription_wins_over_a_contract_of_its_id(shop: Shop, item: str) -> None:
    text = SUBS.strip() + f",item_id\na,c,pro,2026-02-01,,7,USD,{item}\n"
    shop.add(CONTRACTS + TERM)
    shop.add(text)
    assert balances(shop, date(2026, 1, 15)) == []
    assert balances(shop, date(2026, 2, 1)) == [700]
    shop.add(CONTRACTS + TERM.replace("1200", "2400"))  # whatever is recorded later
    assert balances(shop, date(2026, 2, 1)) == [700]
    assert shop.add(CONTRACTS + TERM.replace("1200", "2400")).commit_id == 0
    retract(shop.store, 2)
    assert balances(shop, date(2026, 1, 15)) == [20000]


def test_contracts_that_contradict_or_overlap_count_nowhere(shop: Shop) -> None:
    done = shop.add(CONTRACTS + TERM + TERM.replace("mrr", "") + "b,d,2026-01-01,2027-01-01,1,USD,mrr\n")
    assert [(p.line, p.code) for p in done.problems] == [(2, "conflict"), (3, "conflict")]
    assert [(f.accepted, f.known, f.refused) for f in done.files] == [(1, 0, 2)]
    assert shop.rows("select count(*) from item_state") == [(1,)]
    done = shop.add(CONTRACTS + "b,e,2026-01-01,2027-01-01,1,USD,mrr\nb,e,2026-06-01,2027-06-01,1,USD,mrr\n")
    assert [(p.line, p.code) for p in done.problems] == [(2, "overlap"), (3, "overlap")]
    assert shop.rows("select contract_id from contract") == [("d",)]


def test_coverage_of_contracts_that_count(shop: Shop) -> None:
    shop.add(CONTRACTS + TERM, coverage=(date(2026, 1, 1), date(2026, 6, 1)))
    last = Store(shop.store).mrr().to_dicts()[-1]
    assert (str(last["period"]), last["is_complete"]) == ("2026-05-01", True)


def test_order_and_chunks_change_nothing_where_rows_carry_their_moment(tmp_path: Path) -> None:
    texts = [
        USAGE.strip() + ",recorded_at\na,calls,2026-01-01,1,2026-01-02\na,calls,2026-01-01,2,2026-01-03\n",
        CHARGES.strip() + ",recorded_at\n" + 2 * (CHARGE.strip() + ",2026-02-02\n"),
        CONTRACTS.strip() + ",recorded_at\n" + TERM.strip() + ",2026-01-01\n",
        FX.strip() + ",recorded_at\n2026-01-31,EUR,1.1,2026-02-01\n2026-01-31,EUR,1.2,2026-02-02\n",
    ]
    seen = set()
    for n, order in enumerate(permutations(range(4))):
        if n % 5:
            continue
        folder = tmp_path / str(n)
        folder.mkdir()
        shop = Shop(folder)
        paths = [shop.file(texts[i], f"{i}.csv") for i in order]
        for chunk in (paths[: n % 4], paths[n % 4 :], paths):
            if chunk:
                import_files(shop.store, chunk, ImportOptions(now=datetime(2026, 10, 1)))
        said = (
            'select metric, "at", quantity, recorded_at from usage order by all',
            "select item_id, amount, repeat, recorded_at from charge join item using (item_key) order by all",
            "select contract_id, amount, counts, recorded_at from contract order by all",
            "select on_date, rate, recorded_at from fx_rate order by all",
            "select amount, interval, valid_from, rank, recorded_at from item_state order by all",
        )
        found = [shop.rows(sql) for sql in said]
        assert [len(rows) for rows in found] == [2, 2, 1, 2, 1]
        seen.add(str(found))
    assert len(seen) == 1
