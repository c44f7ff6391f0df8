"""The store by itself: whole commits, versions, as-of, kept files, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import threading
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from rollforward import schema
from rollforward.errors import Misuse, StoreError
from rollforward.store import FactStore, kept

ACCOUNTS = "select range as account_key, 'a' || range as account_id from range({})"


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore.open(tmp_path / "store", create=True)


def commit(store: FactStore, rows: int = 1, finish: bool = True) -> int:
    con = duckdb.connect()
    with store.writing() as w:
        w.append("account", con, ACCOUNTS.format(rows))
        if finish:
            w.finish("import")
        return w.commit_id


def count(store: FactStore, table: str = "account", version: int | None = None) -> int:
    con = duckdb.connect()
    store.attach(con, version)
    return int(con.execute(f'select count(*) from "{table}"').fetchall()[0][0])


def test_an_empty_store_has_every_table(store: FactStore) -> None:
    con = duckdb.connect()
    assert (store.attach(con), store.version(), store.is_empty(), store.first_recorded()) == (0, 0, True, None)
    for table in schema.FACTS:
        found = con.execute(f'select * from "{table.name}"')
        assert [(d[0], str(d[1])) for d in found.description] == [(c.name, c.type) for c in table.columns]
        assert found.fetchall() == []


def test_types_come_back_as_schema_says_even_from_hugeint(store: FactStore) -> None:
    con = duckdb.connect()
    with store.writing() as w:
        assert w.append("account", con, "select 9007199254740993::hugeint as account_key, 'a' as account_id") == 1
        assert (
            w.append("item", con, "select 1 as item_key, '' as subscription_id, '' as item_id, true as part limit 0")
            == 0
        )
        w.finish("import", rows_read=3)
    store.attach(con)
    found = con.execute("select account_key from account")
    assert (str(found.description[0][1]), found.fetchall()) == ("BIGINT", [(9007199254740993,)])
    found = con.execute('select * from "commit"')
    assert [str(d[1]) for d in found.description] == [c.type for c in schema.FACT["commit"].columns]


def test_an_attempt_that_fails_is_never_seen_and_its_number_never_used_again(store: FactStore) -> None:
    assert commit(store, 3) == 1
    assert commit(store, 5, finish=False) == 2
    assert (store.version(), count(store)) == (1, 3)
    assert commit(store, 7) == 3
    assert (store.version(), count(store), count(store, version=1)) == (3, 10, 3)
    (store.path / "counter").unlink()
    assert commit(store, 1) == 4
    assert commit(store, 1, finish=False) == 5
    (store.path / "counter").unlink()
    assert commit(store, 1) == 6


def test_versions_that_do_not_exist(store: FactStore) -> None:
    commit(store)
    with pytest.raises(Misuse, match="no-such-version"):
        store.attach(duckdb.connect(), version=2)


def test_time_never_runs_back_between_commits(store: FactStore) -> None:
    with store.writing() as w:
        w.now = datetime(2090, 1, 1)
        w.finish("import")
    with store.writing() as w:
        assert w.now > datetime(2090, 1, 1)


def test_what_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no-store"):
        FactStore.open(tmp_path / "none")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    for create in (False, True):
        with pytest.raises(StoreError, match="not-a-store"):
            FactStore.open(tmp_path / "full", create=create)
    with pytest.raises(StoreError, match="store-is-file"):
        FactStore.open(tmp_path / "full" / "letter.txt", create=True)
    with pytest.raises(StoreError, match="store-path"):
        FactStore.open(tmp_path / "a[1]", create=True)


def test_a_newer_and_an_unreadable_marker(store: FactStore) -> None:
    marker = store.path / "rollforward.json"
    marker.write_text(json.dumps({"format": schema.FORMAT + 1, "release": "9"}))
    with pytest.raises(StoreError, match="store-newer"):
        FactStore.open(store.path)
    marker.write_text("{")
    with pytest.raises(StoreError, match="store-damaged"):
        FactStore.open(store.path)


@pytest.mark.parametrize("name", ["plain", "with space", "it's", "50% #1 {x}", "ร้าน é", "a*b?", "~x&y;z=1"])
def test_folder_names(tmp_path: Path, name: str) -> None:
    store = FactStore.open(tmp_path / name, create=True)
    commit(store, 2)
    commit(store, 2)
    assert count(store) == 4


def test_a_missing_or_cut_file_is_named(store: FactStore) -> None:
    commit(store, 2)
    file = next((store.path / "facts" / "account").glob("*.parquet"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    with pytest.raises(StoreError, match="store-damaged") as cut:
        store.attach(duckdb.connect())
    assert (cut.value.params["table"], cut.value.params["file"]) == ("account", str(file))
    file.write_bytes(b"\0" * len(whole))
    with pytest.raises(StoreError, match="store-damaged") as zeroed:
        store.attach(duckdb.connect())
    assert zeroed.value.params["file"] == str(file)
    file.unlink()
    with pytest.raises(StoreError, match="store-damaged"):
        store.attach(duckdb.connect())


def test_a_damaged_log_is_named(store: FactStore) -> None:
    commit(store)
    log = store.path / "facts" / "account" / "_delta_log"
    for file in log.glob("*.json"):
        file.write_text("not json")
    with pytest.raises(StoreError, match="store-damaged") as damaged:
        store.attach(duckdb.connect())
    assert damaged.value.params["table"] == "account"


def test_a_reader_with_an_older_view_is_not_disturbed(store: FactStore) -> None:
    commit(store, 2)
    con = duckdb.connect()
    store.attach(con)
    commit(store, 5)
    assert con.execute("select count(*) from account").fetchall() == [(2,)]


def test_a_second_writer_waits_and_is_told(store: FactStore) -> None:
    waits: list[str] = []
    order: list[str] = []

    def second() -> None:
        with store.writing(on_wait=lambda: waits.append("waiting")) as w:
            order.append("second")
            w.finish("import")

    with store.writing() as w:
        thread = threading.Thread(target=second)
        thread.start()
        while not waits:
            thread.join(0.01)
        order.append("first")
        w.finish("import")
    thread.join()
    assert (order, waits, store.version()) == (["first", "second"], ["waiting"], 2)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission(store: FactStore) -> None:
    store.path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot-write") as err:
            commit(store)
        assert err.value.params["reason"] == "permission"
    finally:
        store.path.chmod(0o700)


def test_any_delta_reader_can_read_the_tables(store: FactStore) -> None:
    from deltalake import DeltaTable

    commit(store, 4)
    table = DeltaTable(str(store.table_path("account")))
    assert [f.name for f in table.schema().fields] == list(schema.FACT["account"].names)
    assert table.to_pyarrow_table().num_rows == 4


class TestKept:
    """Rows given back from kept files."""

    def keep(self, tmp_path: Path, data: bytes, name: str = "f.csv") -> Path:
        source = tmp_path / name
        source.write_bytes(data)
        folder = tmp_path / "tmp"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        copy = kept.copy(source, folder)
        copy.place(tmp_path)
        return tmp_path / copy.archive

    def test_lines_by_index(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept, "_BLOCK", 64)
        lines = [f"{n},{'x' * (n % 37)}" for n in range(1, 500)]
        file = self.keep(tmp_path, "\n".join(lines).encode())
        assert kept.rows(file, "csv", {1, 2, 250, 251, 499, 900, 0}) == {n: lines[n - 1] for n in (1, 2, 250, 251, 499)}
        for n in range(1, 500):
            assert kept.rows(file, "csv", {n}) == {n: lines[n - 1]}

    def test_rows_over_several_lines_and_stray_quotes(self, tmp_path: Path) -> None:
        file = self.keep(tmp_path, b'a,b\r\n1,"x\r\ny"\r\n2,z\r\n3,"oops\r\n4,u\r\n')
        assert kept.rows(file, "csv", {2, 4, 5, 6}) == {2: '1,"x\r\ny"', 4: "2,z", 5: '3,"oops', 6: "4,u"}

    def test_encodings(self, tmp_path: Path) -> None:
        text = "a,b\né,ü\n"
        for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
            assert kept.rows(self.keep(tmp_path, text.encode(encoding)), "csv", {1, 2}) == {1: "a,b", 2: "é,ü"}, (
                encoding
            )
