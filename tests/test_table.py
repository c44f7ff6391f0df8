"""An answer as a file: what spreadsheets, JSON readers and Parquet readers must be able to rely on."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from rollforward.answers.table import Table
from rollforward.engines.duckdb import quote


def kept(table: Table, path: Path) -> tuple[list[str], list[str], list[tuple[object, ...]]]:
    """Names, types and rows of the Parquet file that the table writes."""
    table.write(path / "t.parquet")
    found = duckdb.connect().execute(f"select * from {quote(str(path / 't.parquet'))}")
    return [d[0] for d in found.description], [str(d[1]) for d in found.description], found.fetchall()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_a_formula_in_csv_and_only_there(text: str, tmp_path: Path) -> None:
    table = Table(["name", text], [(text, 1)])
    assert list(csv.reader(io.StringIO(table.to_csv(), newline="")))[:2] == [["name", "'" + text], ["'" + text, "1"]]
    assert json.loads(table.to_json()) == [{"name": text, text: 1}]
    assert kept(table, tmp_path)[2] == [(text, 1)]


def test_numbers_and_money_have_no_apostrophe_in_csv() -> None:
    assert Table(["a", "b", "c"], [(Decimal("-7.00"), -7, -0.5)]).to_csv() == "a,b,c\n-7.00,-7,-0.5\n"


def test_csv_reads_back_whatever_the_text() -> None:
    cells = ["a,b", 'say "x"', "two\nlines", "old\rmac", " ", ""]
    read = csv.reader(io.StringIO(Table(list("abcdef"), [cells]).to_csv(), newline=""))
    assert list(read) == [list("abcdef"), cells]
    assert list(csv.reader(io.StringIO(Table(["a"], [("",), (None,)]).to_csv()))) == [["a"], [""], [""]]


def test_json_is_json_whatever_the_floats() -> None:
    nan, infinity = float("nan"), float("inf")
    text = Table(["a", "b", "c", "d"], [(nan, -infinity, [nan, 1.5], {"x": infinity, 1: "y"})]).to_json()

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(text, parse_constant=refuse) == [
        {"a": None, "b": None, "c": [None, 1.5], "d": {"x": None, "1": "y"}}
    ]


def test_a_name_that_comes_again_gets_a_number(tmp_path: Path) -> None:
    table = Table(["a", "a", "A", "a_2", "b"], [(1, 2, 3, 4, 5)])
    assert table.columns == ("a", "a_3", "A_4", "a_2", "b"), "a name of its own stays, whatever comes before it"
    assert list(json.loads(table.to_json())[0].values()) == [1, 2, 3, 4, 5]
    assert kept(table, tmp_path)[2] == [(1, 2, 3, 4, 5)]
    assert Table(["a", "b", "a"], []).columns == ("a", "b", "a_2")


def test_parquet_has_the_types_that_are_known_even_of_empty_columns(tmp_path: Path) -> None:
    kinds = ["BIGINT", "DATE", "DECIMAL(18,2)", "HUGEINT", "INTEGER[]"]
    columns = ["a", "b", "c", "d", "e"]
    for rows in ([], [(None,) * 5]):
        told = kept(Table(columns, rows, kinds=kinds), tmp_path)[1]
        assert told == ["BIGINT", "DATE", "DECIMAL(18,2)", "BIGINT", "INTEGER[]"]
    assert kept(Table(columns, []), tmp_path)[1] == ["VARCHAR"] * 5


def test_integers_beyond_64_bits_stay_exact(tmp_path: Path) -> None:
    wide = 2**100
    for kinds in ((), ("HUGEINT", "HUGEINT", "HUGEINT")):
        _names, types, rows = kept(Table(["a", "b", "c"], [(wide, 7, 10**38), (-1, None, 1)], kinds=kinds), tmp_path)
        assert types == ["DECIMAL(38,0)", "BIGINT", "VARCHAR"]
        assert rows == [(Decimal(wide), 7, str(10**38)), (Decimal(-1), None, "1")]
    arrow = Table(["a"], [(wide,)]).to_arrow()
    assert arrow.column("a").to_pylist() == [Decimal(wide)]


def test_a_parquet_file_that_cannot_be_written_is_an_os_error() -> None:
    with pytest.raises(OSError, match="such/folder"):
        Table(["a"], [(1,)]).write("/no/such/folder/x.parquet")
