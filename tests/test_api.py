"""The Python API: what a notebook sees, what is refused, and that sql, export and explain show the same numbers."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import rollforward as rf
from rollforward.engines.duckdb import Engine

HEAD = "account_id,subscription_id,product,plan,start_date,end_date,amount,currency,quantity\n"
ROWS = HEAD + (
    "a,s1,core,basic,2026-01-01,2026-02-01,100.00,USD,10\n"
    "a,s1,core,basic,2026-02-01,,120.00,USD,12\n"
    "b,s2,core,basic,2026-01-01,2026-03-01,50.00,USD,5\n"
    "c,s3,core,basic,2026-01-15,,900,JPY,1\n"
    "=cmd,s4,core,basic,2026-02-10,,30.00,USD,3\n"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    folder = tmp_path_factory.mktemp("api")
    (folder / "subs.csv").write_text(ROWS)
    made = rf.open(folder / "store")
    made.import_(folder / "subs.csv")
    return made


def test_public_names_are_sorted_and_there() -> None:
    assert list(rf.__all__) == sorted(rf.__all__)
    assert all(hasattr(rf, name) for name in rf.__all__)


def test_roll_forward_in_major_and_minor_units(store: rf.Store) -> None:
    rows = store.mrr(currency="USD", start="2026-01", end="2026-03").to_dicts()
    picked = [[r[c] for c in ("opening", "new", "expansion", "churn", "closing")] for r in rows]
    assert picked == [
        [Decimal("0.00"), Decimal("150.00"), Decimal("0.00"), Decimal("0.00"), Decimal("150.00")],
        [Decimal("150.00"), Decimal("30.00"), Decimal("20.00"), Decimal("0.00"), Decimal("200.00")],
        [Decimal("200.00"), Decimal("0.00"), Decimal("0.00"), Decimal("-50.00"), Decimal("150.00")],
    ]
    assert store.mrr(currency="JPY", start="2026-01", end="2026-01").to_dicts()[0]["new"] == Decimal(900)
    assert store.mrr(currency="USD", start="2026-02", end="2026-02", minor=True).to_dicts()[0]["closing"] == 20_000


def test_every_table_ends_with_where_it_comes_from(store: rf.Store) -> None:
    tail = ("policy", "policy_version", "as_of", "basis", "store_version")
    for table in (store.mrr(), store.metrics(), store.expansion(), store.drivers(), store.retention(window=1)):
        assert table.columns[-5:] == tail


def test_frames(store: rf.Store) -> None:
    table = store.mrr(currency="USD", start="2026-02", end="2026-02")
    assert table.to_polars()["closing"].to_list() == [Decimal("200.00")]
    assert table.to_pandas()["period"].tolist() == [date(2026, 2, 1)]
    assert table.to_arrow().num_rows == 1
    assert "closing" in repr(table)
    assert "<table>" in table._repr_html_()


def test_files(store: rf.Store, tmp_path: Path) -> None:
    table = store.mrr(currency="USD", start="2026-02", end="2026-03")
    for name in ("t.csv", "t.json", "t.parquet"):
        table.write(tmp_path / name)
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text().splitlines()))
    assert [r["closing"] for r in rows] == ["200.00", "150.00"]
    assert [r["closing"] for r in json.loads((tmp_path / "t.json").read_text())] == ["200.00", "150.00"]
    read = duckdb.sql(f"select closing from '{tmp_path / 't.parquet'}'").fetchall()
    assert read == [(Decimal("200.00"),), (Decimal("150.00"),)]
    with pytest.raises(rf.Misuse):
        table.write(tmp_path / "t.xls")


@pytest.mark.parametrize(
    ("metric", "cell"),
    [
        ("expansion", "20.00"),
        ("new", "30.00"),
        ("net_new", "50.00"),
        ("closing", "200.00"),
        ("opening", "150.00"),
        ("by_seats", "20.00"),
    ],
)
def test_every_level_adds_up_to_the_cell(store: rf.Store, metric: str, cell: str) -> None:
    for level, measure in (("movements", "amount"), ("ledger", "delta")):
        table = store.explain(metric, "2026-02", level=level, currency="USD")
        at = table.columns.index(metric if metric.startswith("by_") else measure)
        assert sum((Decimal(str(r[at])) for r in table.rows), Decimal(0)) == Decimal(cell)
        assert [n.params["total"] for n in table.notes if n.code == "sum-of-rows"] == [cell]


def test_sources_show_the_users_own_row(store: rf.Store) -> None:
    rows = store.explain("expansion", "2026-02", level="sources").to_dicts()
    assert [(r["ref"], r["row"]) for r in rows] == [("subs.csv:3", "a,s1,core,basic,2026-02-01,,120.00,USD,12")]


def test_ndr_opens_to_its_accounts(store: rf.Store) -> None:
    # March opens with a 120, b 50 and =cmd 30; b leaves on its first day: 150 / 200.
    table = store.explain("ndr_1", "2026-03", currency="USD").to_dicts()
    assert [(r["account_id"], r["before"], r["after"]) for r in table] == [
        ("b", Decimal("50.00"), Decimal("0.00")),
        ("=cmd", Decimal("30.00"), Decimal("30.00")),
        ("a", Decimal("120.00"), Decimal("120.00")),
    ]
    for metric, top in (("ndr_1", "150.00"), ("grr_1", "150.00")):
        note = store.explain(metric, "2026-03", currency="USD").notes[-1]
        assert (note.code, note.params["top"], note.params["bottom"], note.params["ratio"]) == (
            "ratio-of-rows", top, "200.00", "0.75",
        )  # fmt: skip
    nobody = store.explain("ndr_12", "2026-03", currency="USD")
    assert nobody.rows == []
    assert [n.code for n in nobody.notes][-1] == "nobody-at-start"
    told = store.retention(window=1, start="2026-03", end="2026-03", currency="USD").to_dicts()[0]
    assert (told["ndr"], told["grr"], told["accounts_lost"]) == (0.75, 0.75, 1)


def test_sql_reads_the_documented_tables(store: rf.Store) -> None:
    table = store.sql("select currency, sum(amount) as closing from movement group by currency order by currency")
    assert table.rows == [("JPY", 900), ("USD", 15_000)]


@pytest.mark.parametrize(
    "query",
    [
        "drop table account", "select 1; select 2", "copy (select 1) to 'x'", "attach 'x.db'", "set threads = 1",
        "pragma version",
        "create table t as select 1", "install httpfs", "select * from nowhere", "select * from 'other.csv'",
        "select * from read_csv('/etc/passwd')", "select * from read_text('/etc/passwd')", "selec 1", "",
        "select getenv('HOME')",
    ],
)  # fmt: skip
def test_sql_refuses_all_else(store: rf.Store, query: str) -> None:
    with pytest.raises(rf.Misuse) as caught:
        store.sql(query)
    assert caught.value.code.startswith("sql-")


def test_export_is_open_and_safe(store: rf.Store, tmp_path: Path) -> None:
    files = store.export(tmp_path / "out")
    assert {p.suffix for p in files} == {".csv", ".parquet"}
    accounts = (tmp_path / "out" / "account.csv").read_text()
    assert "'=cmd" in accounts  # a spreadsheet would run it
    parquet = duckdb.sql(f"select account_id from '{tmp_path / 'out' / 'account.parquet'}'").fetchall()
    assert ("=cmd",) in parquet
    closing = duckdb.sql(
        f"select sum(delta) from '{tmp_path / 'out' / 'mrr_change.parquet'}' where currency = 'USD'"
    ).fetchall()
    assert closing == [(15_000,)]
    with pytest.raises(rf.Misuse):
        store.export(tmp_path / "out")


def test_questions_that_cannot_be_answered(store: rf.Store, tmp_path: Path) -> None:
    for ask, code in (
        (lambda: store.mrr(by="decade"), "unknown-option"),
        (lambda: store.mrr(start="03/2026"), "bad-period"),
        (lambda: store.mrr(as_of="yesterday"), "bad-time"),
        (lambda: store.mrr(as_of="2020-01-01"), "as-of-before-first"),
        (lambda: store.mrr(currency="CHF"), "unknown-currency"),
        (lambda: store.mrr(policy="theirs"), "unknown-policy"),
        (lambda: store.retention(window=7), "no-such-window"),
        (lambda: store.explain("happiness", "2026-02"), "unknown-metric"),
        (lambda: store.explain("new", "2026-02", account="nobody"), "unknown-account"),
        (lambda: rf.open(tmp_path / "new").mrr(), "empty-store"),
    ):
        with pytest.raises(rf.Misuse) as caught:
            ask()
        assert caught.value.code == code


def test_a_store_that_does_not_tie_says_so_everywhere(tmp_path: Path) -> None:
    # A loss without the gain before it: the opening balance is missing, and MRR falls below zero.
    (tmp_path / "changes.csv").write_text(
        "account_id,occurred_at,delta,currency\na,2026-01-05,-100.00,USD\nb,2026-01-06,10.00,USD\n"
    )
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "changes.csv")
    assert "does-not-tie" in [n.code for n in store.mrr().notes]  # the first answer, before any check was asked for
    assert store.build().violations == 2
    found = {r["check"]: r["account_id"] for r in store.check().to_dicts()}
    assert found == {"balance_not_negative": "a", "cohorts_tie": ""}  # what is below zero is in no cohort
    for table in (store.mrr(), store.expansion(), store.explain("new", "2026-01")):
        assert "does-not-tie" in [n.code for n in table.notes]
    assert not store.overview().ties


def test_facts_that_contradict_each_other_are_counted_and_change_nothing(tmp_path: Path) -> None:
    store = rf.open(tmp_path / "store")
    subs = ("account_id,subscription_id,plan,start_date,end_date,amount,currency", "a,s,p,2026-01-05,2026-03-10,10,USD",
            "b,t,p,2026-01-05,,10,USD")  # fmt: skip
    events = (
        "account_id,at,kind",
        "a,2026-04-10,churn",
        "a,2026-04-11,churn",
        "b,2026-03-01,churn",
        "b,2026-01-04,ticket",
        "b,2026-01-05,ticket",
        "b,2026-01-04,touch",
        "new,2026-01-04,ticket",
    )
    for name, rows in (("subs.csv", subs), ("events.csv", events)):
        (tmp_path / name).write_text("\n".join(rows) + "\n")
        store.import_(tmp_path / name)
    found = store.check()
    # a: 31 days after its churn, and 32; b never churned, and wrote a day before it had anything. A prospect may write.
    assert [(n.code, n.params["rows"], n.params["of"], n.params["first"]) for n in found.notes] == [
        ("churn-not-booked", "2", "3", "events.csv:3"),
        ("before-anything-billed", "1", "3", "events.csv:5"),
    ]
    assert found.rows == []


def test_a_table_that_somebody_else_has_made_meanwhile_stays(tmp_path: Path) -> None:
    path, engines = tmp_path / "t.parquet", (Engine(), Engine())
    made = []
    for number, engine in enumerate(engines):
        engine.store("t", f"select {number} as n", path)
        made.append(path.stat().st_ino)
    assert made[0] == made[1] and [e.run("select n from t") for e in engines] == [[(0,)], [(0,)]]
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]
