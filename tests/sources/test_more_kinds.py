"""Charges, usage, events, contracts, links, rates and spend: what a row becomes, and every fault by line and code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from rollforward.errors import Misuse

from .conftest import Read

Reader = Callable[..., Read]
OPEN = datetime(9999, 12, 31)

CHARGES = "account_id,metric,service_start,service_end,amount,currency"
USAGE = "account_id,metric,at,quantity"
EVENTS = "account_id,at,kind,outcome_at,discount_percent"
CONTRACTS = "account_id,contract_id,start_date,end_date,notice_date,auto_renew,amount,currency,counts"
LINKS = "from_id,to_id,kind,valid_from,removed"
FX = "date,currency,rate,reporting_currency"
SPEND = "month,kind,amount,currency"

FAULTS = [
    (CHARGES, "missing-value", "a,,2026-01-01,2026-02-01,1.00,USD"),
    (CHARGES, "missing-value", "a,calls,2026-01-01,,1.00,USD"),
    (CHARGES, "missing-value", "a,calls,2026-01-01,2026-02-01,,USD"),
    (CHARGES, "bad-date", "a,calls,2026-01-32,2026-02-01,1.00,USD"),
    (CHARGES, "end-before-start", "a,calls,2026-02-01,2026-01-01,1.00,USD"),
    (CHARGES, "empty-stretch", "a,calls,2026-02-01,2026-02-01,1.00,USD"),
    (CHARGES, "year-out-of-range", "a,calls,2026-02-01,9999-12-31,1.00,USD"),
    (CHARGES, "amount-too-fine", "a,calls,2026-01-01,2026-02-01,1.005,USD"),
    (CHARGES, "bad-currency", "a,calls,2026-01-01,2026-02-01,1.00,XXQ"),
    (USAGE, "missing-value", "a,calls,2026-01-01,"),
    (USAGE, "bad-usage", "a,calls,2026-01-01,-1"),
    (USAGE, "bad-usage", "a,calls,2026-01-01,0.0000001"),
    (USAGE, "bad-usage", "a,calls,2026-01-01,1000000000000"),
    (USAGE, "bad-number", "a,calls,2026-01-01,1e3"),
    (USAGE, "bad-number", "a,calls,2026-01-01,many"),
    (USAGE, "decimal-comma", 'a,calls,2026-01-01,"1,5"'),
    (USAGE, "thousands-separator", 'a,calls,2026-01-01,"1,234,567"'),
    (EVENTS, "missing-value", "a,2026-01-01,,,"),
    (EVENTS, "bad-date", "a,today,touch,,"),
    (EVENTS, "outcome-before-event", "a,2026-01-02,offer,2026-01-01,"),
    (EVENTS, "bad-discount", "a,2026-01-02,offer,,101"),
    (CONTRACTS, "missing-value", "a,,2026-01-01,2027-01-01,,,,,"),
    (CONTRACTS, "end-before-start", "a,c,2026-01-01,2025-01-01,,,,,"),
    (CONTRACTS, "empty-stretch", "a,c,2026-01-01,2026-01-01,,,,,"),
    (CONTRACTS, "bad-flag", "a,c,2026-01-01,2027-01-01,,maybe,,,"),
    (CONTRACTS, "bad-kind", "a,c,2026-01-01,2027-01-01,,,1.00,USD,arr"),
    (CONTRACTS, "missing-value", "a,c,2026-01-01,,,,1.00,USD,mrr"),
    (CONTRACTS, "missing-value", "a,c,2026-01-01,9999-12-31,,,1.00,USD,mrr"),
    (CONTRACTS, "missing-value", "a,c,2026-01-01,2027-01-01,,,,USD,mrr"),
    (CONTRACTS, "missing-value", "a,c,2026-01-01,2027-01-01,,,1.00,,"),
    (CONTRACTS, "negative-amount", "a,c,2026-01-01,2027-01-01,,,-1.00,USD,"),
    (LINKS, "missing-value", "a,,same,,"),
    (LINKS, "missing-value", "a,b,acquired,,"),
    (LINKS, "bad-kind", "a,b,merged,,"),
    (LINKS, "bad-flag", "a,b,same,,perhaps"),
    (LINKS, "link-to-itself", "a,a,same,,"),
    (FX, "missing-value", "2026-01-31,EUR,,USD"),
    (FX, "bad-rate", "2026-01-31,EUR,0,USD"),
    (FX, "bad-rate", "2026-01-31,EUR,-1.1,USD"),
    (FX, "bad-rate", "2026-01-31,EUR,1.12345678901,USD"),
    (FX, "bad-rate", "2026-01-31,EUR,1000000000.1,USD"),
    (FX, "bad-number", "2026-01-31,EUR,one,USD"),
    (FX, "bad-currency", "2026-01-31,XXQ,1.1,USD"),
    (FX, "bad-currency", "2026-01-31,EUR,1.1,XXQ"),
    (FX, "rate-of-itself", "2026-01-31,USD,1.1,USD"),
    (SPEND, "missing-value", "2026-01,,1.00,USD"),
    (SPEND, "bad-kind", "2026-01,brand,1.00,USD"),
    (SPEND, "negative-spend", "2026-01,new,-1.00,USD"),
    (SPEND, "bad-date", "Q1,new,1.00,USD"),
    (SPEND, "recorded-in-future", "2026-01,new,1.00,USD,2026-11-23"),
]
KINDS = {
    CHARGES: "charges", USAGE: "usage", EVENTS: "events", CONTRACTS: "contracts", LINKS: "links", FX: "fx",
    SPEND: "spend",
}  # fmt: skip
SOUND = {
    CHARGES: "a,calls,2026-01-01,2026-02-01,2.00,USD",
    USAGE: "a,calls,2026-01-01,2",
    EVENTS: "a,2026-01-01,touch,,",
    CONTRACTS: "a,sound,2026-01-01,2027-01-01,,,,,",
    LINKS: "x,y,same,,",
    FX: "2026-01-31,EUR,1.1,USD",
    SPEND: "2026-01,new,2.00,USD",
}


@pytest.mark.parametrize(("head", "code", "row"), FAULTS, ids=[f"{KINDS[h]} {c}: {r}" for h, c, r in FAULTS])
def test_refused_row(read: Reader, head: str, code: str, row: str) -> None:
    more = row.count(",") - head.count(",") if code == "recorded-in-future" else 0
    got = read(f"{head}{',recorded_at' * more}\n{SOUND[head]}{',' * more}\n{row}\n")
    assert got.staged.kind == KINDS[head]
    assert got.problems() == [(3, code, row)]
    assert got.rows("line") == [(2,)]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("account_id,subscription_id,item_id,product,plan,metric,service_start,service_end,invoiced_at,amount,currency",
         "charges"),
        ("Customer,metric,service_start,service_end,amount,currency", "charges"),
        ("account_id,metric,at,quantity,feature", "usage"),
        ("account_id,at,kind,channel,person,tag,value,outcome,outcome_at,discount_percent,owner,text", "events"),
        ("account_id,contract_id,start_date,end_date,notice_date,auto_renew,amount,currency,owner,counts", "contracts"),
        ("account_id,contract_id,start_date,end_date", "contracts"),
        ("from_id,to_id", "links"),
        ("date,currency,rate", "fx"),
        ("month,kind,amount,currency", "spend"),
        ("account_id,subscription_id,plan,start_date,end_date,amount,currency,contract_id,metric", "subscriptions"),
    ],
)  # fmt: skip
def test_kind_from_the_header(read: Reader, head: str, kind: str) -> None:
    cells = {
        "start_date": "2026-01-01", "end_date": "2027-01-01", "service_start": "2026-01-01", "month": "2026-01",
        "service_end": "2026-02-01", "at": "2026-01-01", "date": "2026-01-01", "currency": "EUR", "to_id": "2",
        "invoiced_at": "2026-02-01", "notice_date": "2026-06-01", "outcome_at": "2026-06-01", "counts": "mrr",
    }  # fmt: skip
    if kind == "spend":
        cells["kind"] = "new"
    got = read(f"{head}\n{','.join(cells.get(h.lower(), '1') for h in head.split(','))}\n")
    assert (got.staged.kind, got.problems()) == (kind, [])


def test_a_charge(read: Reader) -> None:
    got = read(
        "account_id,subscription_id,item_id,metric,service_start,service_end,invoiced_at,amount,currency\n"
        "a,s,i,calls,2026-01-01,2026-02-01,2026-02-03,10.50,USD\n"
        "a,,,x/y,2026-01-01T12:00:00Z,2026-02-01,,-3,JPY\n"
        "a,,,x/y,2026-01-01T12:00:00Z,2026-02-01,,-3,JPY\n"
    )
    credit = ("account:a", "x%2Fy", "x/y", datetime(2026, 1, 1, 12), datetime(2026, 2, 1), OPEN, False, -3, "JPY")
    assert got.rows(
        "subscription_id, item_id, metric, service_from, service_to, invoiced_at, dated, amount, currency"
    ) == [
        ("s", "i/calls", "calls", datetime(2026, 1, 1), datetime(2026, 2, 1), datetime(2026, 2, 3), True, 1050, "USD"),
        credit, credit,
    ]  # fmt: skip
    assert got.problems("note") == []  # two equal charges are two charges


def test_the_amount_at_stake_of_a_charge_and_a_contract(read: Reader) -> None:
    assert read(f"{CHARGES}\na,calls,2026-02-01,2026-02-01,12.34,USD\n").stakes() == [(2, "empty-stretch", 1234, "USD")]
    # 1,200.00 of 365 days, by the month of 365/12 days: 100.00
    row = "a,c,2026-01-01,2027-01-01,,maybe,1200.00,USD,mrr"
    assert read(f"{CONTRACTS}\n{row}\n").stakes() == [(2, "bad-flag", 10000, "USD")]
    assert read(f"{CONTRACTS}\n{row.removesuffix('mrr')}\n").stakes() == [(2, "bad-flag", 0, "USD")]


def test_usage_is_exact(read: Reader) -> None:
    got = read(f"{USAGE},feature\na,gb,2026-01-01,0.000001,\na,gb,2026-01-02 10:00:00,999999999999.999999,Export\n")
    assert got.rows('"at", quantity, feature') == [
        (datetime(2026, 1, 1), Decimal("0.000001"), ""),
        (datetime(2026, 1, 2, 10), Decimal("999999999999.999999"), "Export"),
    ]
    comma = '[format]\ndecimal = ","\nthousands = "."\n'
    assert read(f'{USAGE}\na,gb,2026-01-01,"1.234,5"\n', comma).rows("quantity") == [(Decimal("1234.5"),)]


def test_an_event(read: Reader) -> None:
    got = read(f"{EVENTS},tag,value\na,2026-01-01,Offer,2026-01-05,12.5,Seats,9\n")
    assert got.rows('"at", kind, outcome_at, discount_ppm, tag, value, text') == [
        (datetime(2026, 1, 1), "offer", datetime(2026, 1, 5), 125000, "Seats", "9", "")
    ]


@pytest.mark.parametrize(
    ("start", "end", "interval", "count"),
    [
        ("2026-01-01", "2027-01-01", "month", 12),
        ("2026-01-31", "2026-02-28", "month", 1),
        ("2026-01-15", "2026-02-14", "day", 30),
        ("2026-01-01", "2026-01-08", "day", 7),
    ],
)
def test_the_term_of_a_contract_is_its_interval(read: Reader, start: str, end: str, interval: str, count: int) -> None:
    got = read(f"{CONTRACTS}\na,c,{start},{end},,yes,1200.00,USD,mrr\nb,d,{start},{end},,,,,\n")
    assert got.rows("contract_id, amount, currency, auto_renew, counts") == [
        ("c", 120000, "USD", True, "mrr"), ("d", 0, "", False, ""),
    ]  # fmt: skip
    columns = "subscription_id, item_id, amount, interval, interval_count, status, dated"
    assert got.rows(columns, "_state")[0] == ("c", "c", 120000, interval, count, "active", True)


def test_an_open_contract_and_one_with_late_notice(read: Reader) -> None:
    got = read(f"{CONTRACTS}\na,c,2026-01-01,,,,,,\na,d,2026-01-01,2027-01-01,2027-02-01,,,,\n")
    assert got.rows("end_at, notice_at") == [(OPEN, OPEN), (datetime(2027, 1, 1), datetime(2027, 2, 1))]
    assert [p[:2] for p in got.problems("note")] == [(3, "notice-after-end")]


def test_links(read: Reader) -> None:
    got = read(f"{LINKS}\na,b,,,\nc,d,Acquired,2026-05-01,\ne,f,same,2026-05-01,\nc,d,acquired,,1\n")
    always = datetime(1, 1, 1)
    assert got.rows("from_id, to_id, kind, valid_from, removed") == [
        ("a", "b", "same", always, False), ("c", "d", "acquired", datetime(2026, 5, 1), False),
        ("e", "f", "same", always, False), ("c", "d", "acquired", always, True),
    ]  # fmt: skip
    assert [p[:2] for p in got.problems("note")] == [(4, "same-has-no-date")]


def test_rates(read: Reader) -> None:
    text = f"{FX}\n2026-01-31,eur,1.1234567891,\n2026-01-31,JPY,0.0000000001,thb\n2026-01-31,USD,1.0,\n"
    got = read(text, currency="USD")
    assert got.rows("on_date, currency, to_currency, rate") == [
        (date(2026, 1, 31), "EUR", "USD", Decimal("1.1234567891")),
        (date(2026, 1, 31), "JPY", "THB", Decimal("0.0000000001")),
        (date(2026, 1, 31), "USD", "USD", Decimal(1)),
    ]
    assert [r[0] for r in read(text).rows("to_currency")] == ["", "THB", ""]


def test_spend(read: Reader) -> None:
    got = read(f"{SPEND}\n2026-01,New,1.00,USD\n2026-02-28,retention,0,EUR\n")
    assert got.rows("month, kind, amount, currency") == [
        (date(2026, 1, 1), "new", 100, "USD"), (date(2026, 2, 1), "retention", 0, "EUR"),
    ]  # fmt: skip


def test_missing_columns_are_named(read: Reader) -> None:
    with pytest.raises(Misuse) as error:
        read("account_id,contract_id,start_date\na,c,2026-01-01\n")
    assert (error.value.code, error.value.params["columns"]) == ("missing-columns", "end_date")
