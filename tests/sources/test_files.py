"""Formats, encodings, delimiters, exact lines, and the answer to each file that cannot be read."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from rollforward.errors import Misuse
from rollforward.sources import Request, stage, unstage
from rollforward.sources.files import open_file
from rollforward.sources.mapping import Mapping
from rollforward.sources.scan import in_order, open_scan

from .conftest import NOW, Read

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency"
ROW = "a,s,pro,2024-01-01,,10.00,USD"
SMALL = f"{HEAD}\n{ROW}\n"
THAI = SMALL.replace(",pro,", ",มืออาชีพ,")
Reader = Callable[..., Read]
SHARED = Path("/work/shared/data")


@pytest.mark.parametrize(
    ("code", "content", "name"),
    [
        ("empty-file", b"", "f.csv"),
        ("empty-file", b"\xef\xbb\xbf", "f.csv"),
        ("empty-file", gzip.compress(b"", mtime=0), "f.csv.gz"),
        ("header-only", HEAD.encode() + b"\n", "f.csv"),
        ("header-only", HEAD.encode() + b"\r\n\r\n", "f.csv"),
        ("binary-file", b"PK\x03\x04xlsx", "f.xlsx"),
        ("binary-file", b"a,b\x00c\n1,2", "f.csv"),
        ("bad-gzip", gzip.compress(SMALL.encode() * 100)[:-20], "f.csv.gz"),
        ("bad-parquet", b"PAR1 and no more", "f.parquet"),
        ("not-utf8", THAI.encode("cp874"), "f.csv"),
        ("not-json-lines", b'[{"a": 1}]', "f.json"),
        ("not-json-lines", b"{no\n", "f.jsonl"),
        ("unclosed-quote", f'{SMALL}a,"s,pro\n{ROW}\n'.encode(), "f.csv"),
    ],
)
def test_unreadable_file(read: Reader, code: str, content: bytes, name: str) -> None:
    with pytest.raises(Misuse) as error:
        read(content, name=name)
    assert error.value.code == code
    assert error.value.params["file"] == name


def test_no_file_at_all(tmp_path: Path) -> None:
    con = duckdb.connect()
    for code, path in (("is-directory", tmp_path), ("no-such-file", tmp_path / "gone.csv")):
        with pytest.raises(Misuse, match=code):
            stage(con, Request(path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_not_readable(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(SMALL)
    path.chmod(0)
    with pytest.raises(Misuse, match="not-readable"):
        stage(duckdb.connect(), Request(path))


def test_not_utf8_names_the_byte(read: Reader) -> None:
    with pytest.raises(Misuse) as error:
        read(b"x" * (4 << 20) + "é".encode("latin-1") + b"\n")
    assert (error.value.params["position"], error.value.params["byte"]) == (4 << 20, "e9")


def test_a_character_cut_by_a_block_is_no_fault(read: Reader) -> None:
    start, row = f"{HEAD}\n", f"a,s,{'x' * 991},2024-01-01,,1,USD\n"
    whole, rest = divmod((4 << 20) - len(start), len(row))
    for shift in range(3):
        last = f"a,{'s' * (rest - 3 - shift)},มืออาชีพ,2024-01-01,,1,USD\n"
        content = (start + row * whole + last).encode()
        assert content.find("ม".encode()) == (4 << 20) - shift
        got = read(content)
        assert got.rows("plan_id")[-1] == ("มืออาชีพ",)


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        (THAI.encode(), ""),
        (b"\xef\xbb\xbf" + THAI.encode(), ""),
        (THAI.encode("utf-16"), ""),
        (b"\xfe\xff" + THAI.encode("utf-16-be"), ""),
        (THAI.encode("cp874"), '[format]\nencoding = "windows-874"'),
        (THAI.encode("utf-16-le"), '[format]\nencoding = "utf-16-le"'),
        (THAI.encode().replace(b"\n", b"\r\n"), ""),
        (THAI.encode().replace(b"\n", b"\r"), ""),
        (THAI.encode().rstrip(), ""),
        (gzip.compress(THAI.encode()), ""),
        (THAI.replace(",", ";").encode(), ""),
        (THAI.replace(",", "\t").encode(), ""),
        (THAI.replace(",", "|").encode(), ""),
        (THAI.replace(",", " , ").encode(), ""),
    ],
)
def test_encodings_line_ends_and_delimiters(read: Reader, content: bytes, mapping: str) -> None:
    got = read(content, mapping)
    assert got.rows("line, account_id, subscription_id, plan_id, amount, currency") == [
        (2, "a", "s", "มืออาชีพ", 1000, "USD")
    ]
    assert got.staged.sha256 == hashlib.sha256(content).hexdigest()
    assert got.staged.bytes == len(content)
    assert got.problems() + got.problems("note") == []


def test_bad_bytes_in_the_named_encoding(read: Reader) -> None:
    with pytest.raises(Misuse, match="bad-encoding"):
        read(SMALL.encode() + b"\xff", '[format]\nencoding = "ascii"\n'.replace("ascii", "utf-16-le"))
    with pytest.raises(Misuse) as error:
        read(SMALL, '[format]\nencoding = "klingon"')
    assert (error.value.code, error.value.params["line"]) == ("unknown-encoding", 2)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_stay_exact_beside_quoted_newlines_and_blank_lines(read: Reader, end: str) -> None:
    rows = [
        HEAD, "", 'a,"s', '1",pro,2024-01-01,,10.00,USD', "", "a,s2,pro,2024-01-01,,10.00,USD",
        'a,"s', '', '3",pro,2024-01-01,,x,USD', "a,s4,pro,2024-01-01,,10.00", "a,s5,pro,2024-01-01,,1,USD,,",
    ]  # fmt: skip
    got = read(end.join(rows) + end)
    assert got.rows("line, subscription_id") == [(3, f"s{end}1"), (6, "s2"), (11, "s5")]
    assert got.problems() == [
        (7, "bad-number", f'a,"s{end}{end}3",pro,2024-01-01,,x,USD'),
        (10, "too-few-columns", "a,s4,pro,2024-01-01,,10.00"),
    ]  # fmt: skip
    assert got.staged.rows == 5


def test_lines_stay_exact_without_any_fault(read: Reader) -> None:
    one, two = 'a,"s\n1",pro,2024-01-01,,1,USD', 'a,"s\n2",pro,2024-01-01,,1,USD'
    assert read(f"{HEAD}\n{one}\n{two}\n").rows("line") == [(2,), (4,)]
    assert read(f"{HEAD}\n\n{ROW}\n").rows("line") == [(3,)]
    # as many newlines inside quotes as rows: the count alone would look right
    assert read(f"{HEAD}\r{one}\r{two}\r").rows("line") == [(2,), (4,)]


def test_a_query_that_may_lose_the_order_of_rows_is_seen(tmp_path: Path) -> None:
    con = duckdb.connect()
    path = tmp_path / "f.csv"
    path.write_text("a,b\n1,2\n")
    scan = open_scan(con, open_file(path, Mapping(), tmp_path), Mapping(), tmp_path)
    words = ", ".join(f"'{n}'" for n in range(40))
    assert in_order(con, f"create temp table t as select c0, unnest([c0, c1]) as x from {scan.rows}")
    assert not in_order(con, f"create temp table t as select c0 in ({words}) as x from {scan.rows}")
    assert not in_order(con, f"create temp table t as select c0 from {scan.rows} order by c1")


def test_json_lines_keep_numbers_to_the_digit(read: Reader) -> None:
    base = '{"account_id": "a", "subscription_id": 7, "plan": "p", "start_date": "2024-01-01", "currency": "USD"'
    content = (
        f'{base}, "amount": 9999999999999.99, "end_date": null}}\n\n{base}, "amount": 0.1, "quantity": 3}}\n'
        f'{base}, "amount": \n[1]\n{base}, "amount": 0.001}}\n'
    )
    for name, data in (("f.jsonl", content.encode()), ("f.ndjson.gz", gzip.compress(content.encode()))):
        got = read(data, name=name)
        assert got.staged.format == "jsonl"
        assert got.rows("line, subscription_id, amount, quantity") == [
            (2 - 1, "7", 999999999999999, 0),
            (3, "7", 10, 3),
        ]
        assert got.problems() == [
            (4, "bad-json", base + ', "amount": '), (5, "bad-json", "[1]"),
            (6, "amount-too-fine", base + ', "amount": 0.001}'),
        ]  # fmt: skip
        assert got.staged.rows == 5


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "it's [odd]*.parquet"
    con = duckdb.connect()
    con.execute(
        "create table t as select 'a' as account_id, 's' || i as subscription_id, 'p' as plan, "
        "timestamp '2024-01-01' + interval (i) day as start_date, timestamptz '2024-06-01 10:00:00+02' as end_date, "
        "case when i = 2 then -1 else 9.99 end::double as amount, 'USD' as currency from range(3) t(i)"
    )
    con.execute("copy t to '" + str(path).replace("'", "''") + "' (format parquet)")
    staged = stage(con, Request(path, now=NOW))
    assert staged.format == "parquet"
    assert con.execute(
        f"select line, subscription_id, valid_from, valid_to, amount from {staged.table} order by line"
    ).fetchall() == [
        (2, "s0", datetime(2024, 1, 1), datetime(2024, 6, 1, 8), 999),
        (3, "s1", datetime(2024, 1, 2), datetime(2024, 6, 1, 8), 999),
    ]
    assert con.execute("select line, code, row from stage_problem").fetchall() == [
        (4, "negative-amount", '{"account_id":"a","subscription_id":"s2","plan":"p","start_date":"2024-01-03",'
         '"end_date":"2024-06-01 08:00:00+00","amount":"-1.0","currency":"USD"}')
    ]  # fmt: skip


def test_names_are_quoted(read: Reader) -> None:
    got = read(
        SMALL.replace("plan", '"pl\'an""; drop table x; --"'),
        "[columns]\nplan = 'pl''an'\n".replace("'pl''an'", '''"pl'an\\"; drop table x; --"'''),
        name="o'file [1] *.csv",
    )
    assert got.rows("plan_id") == [("pro",)]
    assert read(SMALL.replace("pro", "x'; drop table t; --"), "").rows("plan_id") == [("x'; drop table t; --",)]


def test_staged_twice_in_one_connection_and_dropped(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute("set preserve_insertion_order = false")
    path = tmp_path / "f.csv"
    path.write_text(f"{SMALL}{ROW},x\n")
    first, second = stage(con, Request(path)), stage(con, Request(path))
    assert first.table != second.table
    assert con.execute("select count(*), min(file) from stage_problem").fetchall() == [(2, "f.csv")]
    assert con.execute("select current_setting('preserve_insertion_order')").fetchall() == [(False,)]
    unstage(con, first)
    unstage(con, second)
    left = con.execute("select table_name from information_schema.tables").fetchall()
    assert left == [("stage_problem",)]


def test_a_refused_file_leaves_nothing(tmp_path: Path) -> None:
    con = duckdb.connect()
    path = tmp_path / "f.csv"
    path.write_text(SMALL.replace("2024-01-01", "01/02/2024"))
    with pytest.raises(Misuse, match="ambiguous-date"):
        stage(con, Request(path))
    assert con.execute("select table_name from information_schema.tables").fetchall() == []


def test_coverage(read: Reader) -> None:
    always = (datetime(1, 1, 1), datetime(9999, 12, 31))
    assert (read(SMALL).staged.covered_from, read(SMALL).staged.covered_to) == always
    told = read(SMALL, coverage=(date(2024, 1, 1), date(2025, 1, 1))).staged
    assert (told.covered_from, told.covered_to) == (datetime(2024, 1, 1), datetime(2025, 1, 1))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data sets are not on this machine")
def test_mrr_playbook(read: Reader) -> None:
    """121 periods, one currency, amounts a month (the data set's README)."""
    got = read(
        (SHARED / "mrr_playbook/subscription_periods.csv").read_bytes(),
        '[columns]\namount = "monthly_amount"\naccount_id = "customer_id"\n'
        '[constants]\ncurrency = "USD"\nplan = "standard"\n',
    )
    assert got.staged.rows == 121
    assert got.problems() == []
    assert got.rows("line, account_id, subscription_id, plan_id, valid_from, valid_to, amount, currency, interval")[
        :2
    ] == [
        (2, "1", "1", "standard", datetime(2018, 11, 1), datetime(2019, 2, 1), 5000, "USD", "month"),
        (3, "1", "2", "standard", datetime(2019, 4, 1), datetime(2019, 6, 1), 5000, "USD", "month"),
    ]
    summed = got.con.execute(
        f"select count(*), count(distinct account_id), sum(amount) from {got.staged.table}"
    ).fetchall()
    assert summed == [(121, 55, 520500)]  # awk over the file: 121 rows, 55 customers, 5205
