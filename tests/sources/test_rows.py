"""Every problem code: a tiny file, the exact line, the user's own row."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollforward.sources import Request, stage
from rollforward.sources.problems import ROW_CODES

from .conftest import NOW, Read

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency"
GOOD = "a,s0,pro,2024-01-01,,10.00,USD"
Reader = Callable[..., Read]


def file(*rows: str, more: str = "", good: str = GOOD) -> str:
    return "\n".join([HEAD + more, good + "," * more.count(","), *rows]) + "\n"


BASE = [
    ("missing-value", "a,,pro,2024-01-01,,10.00,USD"),
    ("missing-value", ",s,pro,2024-01-01,,10.00,USD"),
    ("missing-value", "a,s,pro,,,10.00,USD"),
    ("missing-value", "a,s,pro,2024-01-01,,,USD"),
    ("missing-value", "a,s,pro,2024-01-01,,10.00,"),
    ("bad-date", "a,s,pro,2024-02-30,,10.00,USD"),
    ("bad-date", "a,s,pro,soon,,10.00,USD"),
    ("bad-date", "a,s,pro,2024-01-01 10:00:00 Europe/Berlin,,10.00,USD"),
    ("bad-date", "a,s,pro,epoch,,10.00,USD"),
    ("bad-date", "a,s,pro,2024-01-01,infinity,10.00,USD"),
    ("year-out-of-range", "a,s,pro,0202-01-01,,10.00,USD"),
    ("year-out-of-range", "a,s,pro,2201-01-01,,10.00,USD"),
    ("year-out-of-range", "a,s,pro,9999-12-31,,10.00,USD"),
    ("bad-number", "a,s,pro,2024-01-01,,ten,USD"),
    ("bad-number", "a,s,pro,2024-01-01,,$10,USD"),
    ("bad-number", "a,s,pro,2024-01-01,,1e-9,USD"),
    ("bad-number", "a,s,pro,2024-01-01,,1_000,USD"),
    ("bad-number", "a,s,pro,2024-01-01,,nan,USD"),
    ("decimal-comma", 'a,s,pro,2024-01-01,,"12,50",USD'),
    ("decimal-comma", 'a,s,pro,2024-01-01,,"1.234,56",USD'),
    ("decimal-comma", 'a,s,pro,2024-01-01,,"1,234",USD'),
    ("thousands-separator", 'a,s,pro,2024-01-01,,"1,234.56",USD'),
    ("bad-currency", "a,s,pro,2024-01-01,,10.00,USX"),
    ("bad-currency", "a,s,pro,2024-01-01,,10.00,dollars"),
    ("negative-amount", "a,s,pro,2024-01-01,,-10.00,USD"),
    ("amount-too-large", "a,s,pro,2024-01-01,,10000000000000.01,USD"),
    ("amount-too-large", "a,s,pro,2024-01-01,,99999999999999999999999999,USD"),
    ("amount-too-fine", "a,s,pro,2024-01-01,,10.005,USD"),
    ("amount-too-fine", "a,s,pro,2024-01-01,,10.5,JPY"),
    ("amount-too-fine", "a,s,pro,2024-01-01,,10.00000000000001,USD"),
    ("end-before-start", "a,s,pro,2024-01-02,2024-01-01,10.00,USD"),
    ("too-many-columns", "a,s,pro,2024-01-01,,10.00,USD,more"),
    ("too-few-columns", "a,s,pro,2024-01-01,,10.00"),
    ("bad-quoting", 'a,s,"pro"x,2024-01-01,,10.00,USD'),
]


@pytest.mark.parametrize(("code", "row"), BASE, ids=[f"{c}: {r}" for c, r in BASE])
def test_refused_row(read: Reader, code: str, row: str) -> None:
    got = read(file(row, "a,s2,pro,2024-01-01,,10.00,USD"))
    assert got.problems() == [(3, code, row)]
    assert got.rows("line, subscription_id") == [(2, "s0"), (4, "s2")]
    assert got.staged.rows == 3


OPTIONAL = [
    ("bad-status", "status", "lively"),
    ("bad-interval", "interval", "fortnight"),
    ("bad-interval", "interval_count", "0"),
    ("bad-quantity", "quantity", "2.5"),
    ("bad-quantity", "quantity", "-1"),
    ("bad-quantity", "quantity", "1000000001"),
    ("bad-billing", "billing", "free"),
    ("bad-cancel-reason", "cancel_reason", "weather"),
    ("bad-discount", "discount_percent", "101"),
    ("bad-discount", "discount_percent", "-1"),
    ("bad-discount", "discount_percent", "0.00001"),
    ("bad-discount", "discount_percent_2", "x"),
    ("bad-discount", "discount_kind", "sometimes"),
    ("missing-discount-until", "discount_kind", "repeating"),
    ("recorded-in-future", "recorded_at", "2026-11-23"),
    ("bad-date", "paid_through", "x"),
]


@pytest.mark.parametrize(("code", "column", "value"), OPTIONAL)
def test_refused_value(read: Reader, code: str, column: str, value: str) -> None:
    row = f"a,s,pro,2024-01-01,,10.00,USD,{value}"
    got = read(file(row, more="," + column))
    assert got.problems() == [(3, code, row)]
    if value != "repeating":
        assert (got.params(code)["column"], got.params(code)["value"]) == (column, value)


def test_notes_leave_the_row_or_say_that_it_says_nothing(read: Reader) -> None:
    empty = "a,s1,pro,2024-01-01,2024-01-01,10.00,USD,"
    over = "a,s2,pro,2024-01-01,,10.00,USD,10.01"
    got = read(file(empty, over, over, "a,s3,pro,2024-01-01,,10.00,USD,10.00", more=",discount_amount"))
    assert got.problems("note") == [
        (3, "empty-stretch", empty), (4, "discount-over-amount", over), (5, "discount-over-amount", over),
        (5, "duplicate-row", over),
    ]  # fmt: skip
    assert got.rows("line") == [(2,), (4,), (6,)]
    assert got.params("duplicate-row") == {"first_line": "4"}


def test_one_row_with_several_faults_lists_each_and_its_money_once(read: Reader) -> None:
    got = read(file("a,s,pro,x,,1200.00,USD,year,2.5", more=",interval,quantity"))
    assert got.stakes() == [(3, "bad-date", 10000, "USD"), (3, "bad-quantity", 0, "USD")]


@pytest.mark.parametrize(
    ("interval", "count", "minor"),
    # definitions.md section 2: year 1/(12n), week 52/(12n), day 365/(12n), half up
    [("month", 1, 1000), ("month", 3, 333), ("year", 1, 83), ("week", 1, 4333), ("day", 1, 30417), ("week", 2, 2167)],
)
def test_amount_at_stake_is_a_month(read: Reader, interval: str, count: int, minor: int) -> None:
    got = read(file(f"a,s,,2024-01-01,,10.00,USD,{interval},{count}", more=",interval,interval_count"))
    assert got.stakes() == [(3, "missing-value", minor, "USD")]


@pytest.mark.parametrize(
    ("amount", "interval", "minor"),
    [("-7.00", "month", -700), ("-100", "month", -10000), ("-12.00", "year", -100), ("-0.06", "year", -1)],
)
def test_a_negative_amount_at_stake_is_rounded_like_a_positive_one(
    read: Reader, amount: str, interval: str, minor: int
) -> None:
    got = read(file(f"a,s,pro,2024-01-01,,{amount},USD,{interval}", more=",interval"))
    assert got.stakes() == [(3, "negative-amount", minor, "USD")]


def test_changes_driver_and_signed_delta(read: Reader) -> None:
    got = read(
        "account_id,occurred_at,delta,currency,driver\na,2024-01-01,10,USD,\na,2024-02-01,-2.5,USD,Seats\n"
        "a,2024-03-01,1,USD,luck\na,2024-02-01,-2.5,USD,Seats\n"
    )
    assert got.problems() == [(4, "bad-driver", "a,2024-03-01,1,USD,luck")]
    assert got.problems("note") == []  # two equal changes are two changes
    assert got.rows("line, account_id, subscription_id, delta, driver, dated") == [
        (2, "a", "changes:a", 1000, "", True), (3, "a", "changes:a", -250, "seats", True),
        (5, "a", "changes:a", -250, "seats", True),
    ]  # fmt: skip


def test_products_and_plans(read: Reader) -> None:
    got = read("product_id,name,role,family\np,P,base,f\nq,Q,Add-on,\nr,R,bundle,\n")
    assert got.staged.kind == "products"
    assert got.problems() == [(4, "bad-role", "r,R,bundle,")]
    assert got.rows("product_id, role, family") == [("p", "base", "f"), ("q", "add_on", "")]

    steps = [{"up_to": 10, "unit_amount": "5.00", "flat_amount": "0"}, {"up_to": None, "unit_amount": 4.5}]
    cell = '"' + json.dumps(steps).replace('"', '""') + '"'
    got = read(
        "plan_id,product_id,tier,amount,currency,interval,tiers,tiers_mode,limit:seats,limit:api calls\n"
        f"pro,p,2,,USD,month,{cell},volume,10,0\n"
        "basic,p,1,9.90,USD,yearly,,,,\n"
        "bad1,p,1,,USD,month,[1],volume,,\n"
        "bad2,p,x,1,USD,month,,,,\n"
        f"bad3,p,1,,USD,month,{cell},,,\n"
        "bad4,p,1,,USD,month,,,1.5,\n"
        'bad5,p,1,,USD,month,"[{""up_to"":null,""unit_amount"":""0.001""}]",volume,,\n'
    )
    assert [p[:2] for p in got.problems()] == [
        (4, "bad-tiers"), (5, "bad-tier"), (6, "missing-value"), (7, "bad-quantity"), (8, "amount-too-fine"),
    ]  # fmt: skip
    assert got.params("bad-quantity")["column"] == "limit:seats"
    assert got.rows("plan_id, product_id, tier, amount, currency, interval, interval_count, tiers_mode") == [
        ("pro", "p", 2, -1, "USD", "month", 1, "volume"), ("basic", "p", 1, 990, "USD", "year", 1, ""),
    ]  # fmt: skip
    assert got.rows("plan_id, first_unit, last_unit, unit_amount, flat_amount", "_tier") == [
        ("pro", 1, 10, 500, 0), ("pro", 11, 10**9, 450, 0),
    ]  # fmt: skip
    assert sorted(got.rows("plan_id, name, quantity", "_limit")) == [("pro", "api calls", 0), ("pro", "seats", 10)]


def test_every_code_has_a_case_here() -> None:
    text = "".join(p.read_text() for p in Path(__file__).parent.glob("test_*.py"))
    assert [code for code in ROW_CODES if f'"{code}"' not in text] == []


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**15), st.sampled_from(["USD", "JPY", "KWD", "CLF"])), min_size=1, max_size=40)
)
def test_amounts_are_exact(amounts: list[tuple[int, str]]) -> None:
    import tempfile

    digits = {"USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "f.csv"
        rows = [
            f"a{n},s,p,2024-01-01,,{Decimal(minor).scaleb(-digits[ccy]):f},{ccy}"
            for n, (minor, ccy) in enumerate(amounts)
        ]
        path.write_text("\n".join([HEAD, *rows]))
        con = duckdb.connect()
        staged = stage(con, Request(path, now=NOW))
        got = con.execute(f"select amount, currency from {staged.table} order by line").fetchall()
    assert got == amounts


def test_lines_hold_in_a_large_file(tmp_path: Path) -> None:
    """Several row groups and threads: the line of a row is where it stands."""
    path = tmp_path / "large.csv"
    pad = "p" * 200  # large enough for several threads
    rows = (f"a,{n},{pad},2024-01-01,,{'x' if n in (3, 250_001) else '1'},USD" for n in range(2, 400_002))
    path.write_text(HEAD + "\n" + "\n".join(rows) + "\n")
    con = duckdb.connect(config={"threads": 4})
    con.execute("set preserve_insertion_order = false")
    staged = stage(con, Request(path, now=NOW))
    assert con.execute(
        f"select count(*) from {staged.table} where line <> cast(subscription_id as bigint)"
    ).fetchall() == [(0,)]
    assert con.execute("select line, row from stage_problem order by line").fetchall() == [
        (3, f"a,3,{pad},2024-01-01,,x,USD"), (250_001, f"a,250001,{pad},2024-01-01,,x,USD"),
    ]  # fmt: skip


def test_lines_hold_in_a_large_wide_file_and_with_every_column(tmp_path: Path) -> None:
    con = duckdb.connect(config={"threads": 4})
    pad = "p" * 200
    wide, full = tmp_path / "wide.csv", tmp_path / "full.csv"
    wide.write_text(
        "account_id,plan,currency,2024-01,2024-02\n" + "".join(f"{n},{pad},USD,1,2\n" for n in range(2, 200_002))
    )
    names = (
        "subscription_id,interval,status,billing,cancel_reason,discount_kind,account_id,plan,start_date,amount,currency"
    )
    row = f"month,active,licensed,unknown,,a,{pad},2024-01-01,1,USD"
    full.write_text(f"{names}\n" + "".join(f"{n},{row}\n" for n in range(2, 200_002)))
    for path, key in ((wide, "account_id"), (full, "subscription_id")):
        table = stage(con, Request(path, now=NOW)).table
        moved = f"select count(*) from {table} where line <> cast({key} as bigint)"
        assert con.execute(moved).fetchall() == [(0,)]


def test_defaults_and_every_column_of_a_subscription(read: Reader) -> None:
    got = read(file())
    assert got.rows(
        "item_id, product_id, valid_from, valid_to, dated, status, metered, quantity, amount, interval, interval_count"
    ) == [("", "", datetime(2024, 1, 1), datetime(9999, 12, 31), True, "active", False, 0, 1000, "month", 1)]
    head = (
        HEAD
        + ",item_id,product,interval,interval_count,quantity,billing,discount_percent,discount_until,discount_kind,"
        "discount_amount_2,status,cancel_requested_at,paid_through,first_paid_at,cancel_reason,recorded_at"
    )
    row = (
        "a,s,pro,2024-01-01T10:00:00+02:00,9999-12-31,120,usd,i,core,Year,2,3.0,Metered,12.5,2024-06-01,repeating,5,"
        "Cancelled,2024-02-01,2024-03-01,2024-01-05,voluntary,2024-01-01 00:00:00Z"
    )
    got = read(head + "\n" + row + "\n")
    assert got.problems() == []
    assert got.rows(
        "valid_from, valid_to, dated, currency, item_id, product_id, interval, interval_count, quantity, metered"
    ) == [(datetime(2024, 1, 1, 8), datetime(9999, 12, 31), False, "USD", "i", "core", "year", 2, 3, True)]
    assert got.rows(
        "discount1_ppm, discount1_amount, discount1_kind, discount1_until, discount2_ppm, discount2_amount, "
        "discount2_kind, discount2_until, status, cancel_requested_at, paid_through, first_paid_at, "
        "cancel_reason, recorded_at"
    ) == [
        (125000, 0, "repeating", datetime(2024, 6, 1), 0, 500, "forever", datetime(9999, 12, 31), "canceled",
         datetime(2024, 2, 1), datetime(2024, 3, 1), datetime(2024, 1, 5), "voluntary", datetime(2024, 1, 1))
    ]  # fmt: skip


def test_void_and_canceled_rows_need_no_amount(read: Reader) -> None:
    got = read(file("a,s,pro,,,,USD,void", "a,t,pro,2024-01-01,,,USD,canceled", more=",status"))
    assert got.problems() == []
    assert got.rows("status, valid_from, amount")[1:] == [
        ("void", datetime(1, 1, 1), 0), ("canceled", datetime(2024, 1, 1), 0),
    ]  # fmt: skip


def test_a_sighting_starts_when_it_was_seen(read: Reader) -> None:
    seen = datetime(2026, 6, 1)
    rows = "a,s,pro,10,USD,\nb,t,pro,10,USD,2026-05-01\n"
    got = read("account_id,subscription_id,plan,amount,currency,end_date\n" + rows, snapshot=True, recorded_at=seen)
    assert not got.staged.has_start_dates
    assert (got.staged.covered_from, got.staged.covered_to) == (seen, datetime(9999, 12, 31))
    assert got.rows("account_id, valid_from, dated") == [("a", seen, False)]
    assert got.problems("note") == [(3, "ended-before-sighting", "b,t,pro,10,USD,2026-05-01")]
