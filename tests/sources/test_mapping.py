"""Headers, kinds, mapping files, dates and numbers as users write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from rollforward.errors import Misuse

from .conftest import Read

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency"
Reader = Callable[..., Read]


def dated(*dates: str) -> str:
    return "\n".join([HEAD, *(f"a,s{n},p,{d},,1,USD" for n, d in enumerate(dates))]) + "\n"


def refused(read: Reader, *args: object, **options: object) -> Misuse:
    with pytest.raises(Misuse) as error:
        read(*args, **options)
    return error.value


def test_a_mapping_in_full(read: Reader) -> None:
    mapping = """
kind = "subscriptions"
[columns]
account_id = "Kunde"
subscription_id = "Vertrag"
start_date = "Beginn"
end_date = "Ende"
amount = "Betrag"
status = "Zustand"
[constants]
currency = "EUR"
plan = "Standard"
[values.status]
"Aktiv" = "active"
"Gekündigt" = "canceled"
[format]
date = "%d.%m.%Y"
decimal = ","
thousands = "."
delimiter = ";"
encoding = "latin-1"
round = true
"""
    content = (
        "Kunde;Vertrag;Beginn;Ende;Betrag;Zustand;Notiz\n"
        "Müller;1;01.02.2024;;1.234,56;Aktiv;x\n"
        "Müller;2;2024-02-01;03.04.2024;12,505;Gekündigt;x\n"
        "Müller;3;01.02.2024;;12.50;Aktiv;x\n"
    ).encode("latin-1")
    got = read(content, mapping)
    assert got.rows("line, account_id, plan_id, valid_from, valid_to, amount, currency, status") == [
        (2, "Müller", "Standard", datetime(2024, 2, 1), datetime(9999, 12, 31), 123456, "EUR", "active"),
        (3, "Müller", "Standard", datetime(2024, 2, 1), datetime(2024, 4, 3), 1251, "EUR", "canceled"),
    ]
    assert got.problems() == [(4, "bad-number", "Müller;3;01.02.2024;;12.50;Aktiv;x")]
    assert got.params("ignored-columns") == {"columns": "Notiz"}
    assert got.params("amounts-rounded") == {"rows": "1"}


@pytest.mark.parametrize(
    ("code", "line", "mapping"),
    [
        ("bad-mapping", 2, "kind = 'x'\n[columns"),
        ("unknown-mapping-key", 2, "\ncolums = 1"),
        ("unknown-mapping-key", 2, "[format]\ndate_format = '%d'"),
        ("bad-mapping-value", 2, "[format]\ndecimal = ';'"),
        ("bad-mapping-value", 2, "[format]\nround = 'yes'"),
        ("bad-mapping-value", 2, "[format]\ndate = '%Q'"),
        ("bad-mapping-value", 1, "kind = 3"),
        ("bad-mapping-value", 2, "[columns]\nplan = ['a']"),
        ("missing-mapped-column", 2, "[columns]\nplan = 'plam'"),
        ("unknown-mapping-column", 2, "[columns]\npaln = 'plan'"),
        ("unknown-mapping-column", 2, "[constants]\ncurency = 'USD'"),
        ("unknown-mapping-column", 1, "[values.stat]\na = 'b'"),
    ],
)
def test_wrong_mapping_names_the_line(read: Reader, code: str, line: int, mapping: str) -> None:
    error = refused(read, dated("2024-01-01"), mapping)
    assert (error.code, error.params["line"]) == (code, line)


def test_near_words_are_offered(read: Reader) -> None:
    assert refused(read, dated("2024-01-01"), "[columns]\nplan = 'plam'").params["nearest"] == "plan"
    assert "plan" in str(refused(read, dated("2024-01-01"), "[columns]\npaln = 'plan'").params["nearest"])
    error = refused(read, dated("2024-01-01").replace("end_date", "currancy").replace(",currency", ",x"))
    assert error.code == "missing-columns"
    assert (error.params["columns"], error.params["nearest"]) == ("currency", "currency: currancy")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (HEAD, "subscriptions"),
        ("Customer ID,Subscription ID,Plan,Start Date,MRR,Currency", "subscriptions"),
        ("account_id,occurred_at,delta,currency", "changes"),
        ("account_id,month,mrr,currency", "monthly"),
        ("account_id,currency,2024-01,2024-02", "monthly"),
        ("account_id,currency,Jan 2024,February 2024", "monthly"),
        ("account_id,name,segment", "accounts"),
        ("product_id,name,role,family", "products"),
        ("plan_id,product_id,tier,amount,currency,interval,limit:seats", "plans"),
    ],
)
def test_kind_from_the_header(read: Reader, header: str, kind: str) -> None:
    cells = {
        "start_date": "2024-01-01", "start date": "2024-01-01", "occurred_at": "2024-01-01", "month": "2024-01",
        "currency": "USD", "role": "base", "plan": "p", "name": "n", "family": "f", "segment": "x", "interval": "month",
    }  # fmt: skip
    row = ",".join(cells.get(h.lower(), "" if h == "end_date" else "1") for h in header.split(","))
    got = read(f"{header}\n{row}\n")
    assert got.staged.kind == kind
    assert got.problems() == []
    assert got.rows("count(*) over ()")


@pytest.mark.parametrize(
    "header", ["a,b,c", "account_id,at,quantity", "account_id,segment", "account_id,contract_id,owner"]
)
def test_unknown_header_lists_the_kinds(read: Reader, header: str) -> None:
    error = refused(read, f"{header}\n1,2,3\n")
    assert error.code == "unknown-kind"
    assert "subscriptions: account_id, subscription_id, plan, start_date, amount, currency" in str(
        error.params["kinds"]
    )
    assert refused(read, f"{header}\n1,2,3\n", kind="invoices").code == "unknown-kind"


def test_synonyms_are_told_and_never_guessed(read: Reader) -> None:
    base = "customer_id,subscription_id,plan,start_date,currency,"
    got = read(f"{base}mrr\na,s,p,2024-01-01,USD,10\n")
    assert got.rows("account_id, amount, interval") == [("a", 1000, "month")]
    assert [p[1] for p in got.problems("note")] == ["synonym-used", "synonym-used"]
    for header in ("mrr,monthly_amount", "mrr,interval"):
        assert refused(read, f"{base}{header}\na,s,p,2024-01-01,USD,10,10\n").params["columns"] == "amount"


def test_a_header_twice(read: Reader) -> None:
    error = refused(read, dated("2024-01-01").replace("end_date", "Plan"))
    assert (error.code, error.params["column"]) == ("duplicate-header", "plan")


@pytest.mark.parametrize(
    ("values", "expected", "form"),
    [
        (["31/12/2025", "01/02/2025"], [datetime(2025, 12, 31), datetime(2025, 2, 1)], "DD/MM/YYYY"),
        (["12/31/2025", "1/2/2025"], [datetime(2025, 12, 31), datetime(2025, 1, 2)], "MM/DD/YYYY"),
        (["31.12.2025", "2025-02-01"], [datetime(2025, 12, 31), datetime(2025, 2, 1)], "DD.MM.YYYY"),
        (["31-12-2025 10:30", "01-02-2025 10:30:05"], [datetime(2025, 12, 31, 10, 30), datetime(2025, 2, 1, 10, 30, 5)],
         "DD-MM-YYYY"),
    ],
)  # fmt: skip
def test_a_column_that_decides_its_form(read: Reader, values: list[str], expected: list[datetime], form: str) -> None:
    got = read(dated(*values))
    assert [r[0] for r in got.rows("valid_from")] == expected
    assert got.params("date-form") == {"column": "start_date", "form": form}
    assert [r[0] for r in got.rows("dated")] == [":" not in v for v in values]


def test_dates_are_never_guessed(read: Reader) -> None:
    error = refused(read, dated("01/02/2025", "03/04/2025", "2025-01-31"))
    assert (error.code, error.params["column"], error.params["value"]) == ("ambiguous-date", "start_date", "01/02/2025")
    assert refused(read, dated("31/12/2025", "12/31/2025")).code == "mixed-dates"
    got = read(dated("01/02/2025"), '[format]\ndate = "%m/%d/%Y"')
    assert got.rows("valid_from") == [(datetime(2025, 1, 2),)]
    got = read(dated("2025-02-01", "2025-02-13"), '[format]\ndate = "%Y-%d-%m"')
    assert got.rows("valid_from") == [(datetime(2025, 1, 2),)]
    assert [p[:2] for p in got.problems()] == [(3, "bad-date")]


def test_instants_become_utc(read: Reader) -> None:
    got = read(
        dated("2024-01-05T10:00:00Z", "2024-01-05 10:00:00+02", "2024-01-05T10:00:00.5-0530", "2024-01-05 10:00")
    )
    assert [r[0] for r in got.rows("valid_from")] == [
        datetime(2024, 1, 5, 10), datetime(2024, 1, 5, 8), datetime(2024, 1, 5, 15, 30, 0, 500000),
        datetime(2024, 1, 5, 10),
    ]  # fmt: skip
    assert not any(r[0] for r in got.rows("dated"))


def test_stripe_change_rows(read: Reader) -> None:
    got = read(
        "event_timestamp,event_type,subscription_item_id,local_event_timestamp,currency,mrr_change,quantity_change,"
        "subscription_id,customer_id,price_id,product_id\n"
        "2024-04-01 00:30:00,ACTIVE_START,si_1,2024-03-31 17:30:00,usd,5000,1,sub_1,cus_1,price_1,prod_1\n"
        "2024-04-02 00:30:00,ACTIVE_END,si_1,2024-04-01 17:30:00,jpy,-500,-1,sub_1,cus_1,price_1,prod_1\n"
        "2024-04-02 00:30:00,ACTIVE_END,si_1,2024-04-01 17:30:00,usd,1.5,-1,sub_1,cus_1,price_1,prod_1\n"
    )
    assert got.staged.kind == "changes"
    columns = "line, account_id, subscription_id, item_id, plan_id, product_id, currency, occurred_at, delta"
    columns += ", quantity_delta, dated"
    assert got.rows(columns) == [
        (2, "cus_1", "sub_1", "si_1", "price_1", "prod_1", "USD", datetime(2024, 3, 31, 17, 30), 5000, 1, True),
        (3, "cus_1", "sub_1", "si_1", "price_1", "prod_1", "JPY", datetime(2024, 4, 1, 17, 30), -500, -1, True),
    ]
    assert [p[:2] for p in got.problems()] == [(4, "bad-number")]


def test_monthly_long(read: Reader) -> None:
    got = read(
        "account_id,month,mrr,currency,product,plan\na,2024-01,10.5,USD,core,pro\na,2024-02-01,0,USD,core,pro\n"
        "a,Mar 2024,,USD,core,pro\nb,2023-12-31,20,USD,,\nb,13/2024,20,USD,,\n"
    )
    assert got.rows("line, account_id, subscription_id, item_id, valid_from, valid_to, amount, dated, status") == [
        (2, "a", "monthly:a", "core/pro", datetime(2024, 1, 1), datetime(2024, 2, 1), 1050, True, "active"),
        (3, "a", "monthly:a", "core/pro", datetime(2024, 2, 1), datetime(2024, 3, 1), 0, True, "canceled"),
        (5, "b", "monthly:b", "", datetime(2023, 12, 1), datetime(2024, 1, 1), 2000, True, "active"),
    ]
    assert got.problems() == [(6, "bad-date", "b,13/2024,20,USD,,")]
    assert (got.staged.covered_from, got.staged.covered_to) == (datetime(2023, 12, 1), datetime(2024, 4, 1))


def test_monthly_wide_refuses_whole_rows(read: Reader) -> None:
    got = read(
        "account_id,2024-01,Feb 2024,2024-03-01\na,1,,2\nb,0,3,x\nc,,-1,4\nd,5,5,5\nd,5,5,5\n",
        '[constants]\ncurrency="JPY"',
    )
    assert got.staged.rows == 5
    assert got.rows("line, account_id, valid_from, amount") == [
        (2, "a", datetime(2024, 1, 1), 1), (2, "a", datetime(2024, 3, 1), 2), (5, "d", datetime(2024, 1, 1), 5),
        (5, "d", datetime(2024, 2, 1), 5), (5, "d", datetime(2024, 3, 1), 5),
    ]  # fmt: skip
    assert got.problems() == [(3, "bad-number", "b,0,3,x"), (4, "negative-amount", "c,,-1,4")]
    assert got.params("bad-number")["column"] == "2024-03-01"
    assert got.problems("note") == [(6, "duplicate-row", "d,5,5,5")]
    assert (got.staged.covered_from, got.staged.covered_to) == (datetime(2024, 1, 1), datetime(2024, 4, 1))


def test_accounts_become_attributes(read: Reader) -> None:
    got = read(
        "account_id,Name,Deal Size,country,valid_from\na,Ann,big,,\nb,,,TH,2024-05-01\n,x,,,\n",
        '[values.country]\nTH = "Thailand"\n[constants]\nsource = "crm"\n',
    )
    assert got.rows("line, account_id, dimension, value, valid_from, recorded_at") == [
        (2, "a", "name", "Ann", datetime(1, 1, 1), None), (2, "a", "Deal Size", "big", datetime(1, 1, 1), None),
        (2, "a", "source", "crm", datetime(1, 1, 1), None), (3, "b", "country", "Thailand", datetime(2024, 5, 1), None),
        (3, "b", "source", "crm", datetime(2024, 5, 1), None),
    ]  # fmt: skip
    assert got.problems() == [(4, "missing-value", ",x,,,")]
