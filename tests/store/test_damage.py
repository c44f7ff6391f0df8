"""A damaged store: a clear error, never a wrong number; and no commit on top of damage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from rollforward.errors import StoreError
from rollforward.store import FactStore, delta

ACCOUNTS = "select {0} as account_key, 'a{0}' as account_id"


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    """Two commits of one account each."""
    store = FactStore.open(tmp_path / "store", create=True)
    for n in (1, 2):
        with store.writing() as w:
            w.append("account", duckdb.connect(), ACCOUNTS.format(n))
            w.finish("import")
    return store


def parts(store: FactStore, table: str = "account") -> list[Path]:
    """Files of a table in order of commit."""
    return [f.path for f in sorted(delta.live(store.table_path(table)), key=lambda f: f.commit)]


def log(store: FactStore, table: str, number: int) -> Path:
    return store.table_path(table) / "_delta_log" / f"{number:020}.json"


def flip(file: Path) -> None:
    """Another content of the same size, still Parquet: the writer's name in the footer."""
    whole = file.read_bytes()
    assert b"DuckDB" in whole
    file.write_bytes(whole.replace(b"DuckDB", b"DuckDb", 1))


def swap(store: FactStore) -> None:
    one, two = parts(store)
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)


def write_again(store: FactStore) -> None:
    sql = "select 1::bigint as commit_id, 9::bigint as account_key, 'x' as account_id"
    types = {"commit_id": "BIGINT", "account_key": "BIGINT", "account_id": "VARCHAR"}
    delta.append(store.table_path("account"), duckdb.connect(), sql, types, 1)


def add_table(store: FactStore) -> None:
    sql = "select 2::bigint as commit_id, 9::bigint as product_key, 'x' as product_id"
    types = {"commit_id": "BIGINT", "product_key": "BIGINT", "product_id": "VARCHAR"}
    delta.append(store.table_path("product"), duckdb.connect(), sql, types, 2)


@pytest.mark.parametrize(
    ("table", "harm"),
    [
        ("account", lambda s: shutil.rmtree(s.table_path("account"))),
        ("account", lambda s: shutil.rmtree(s.table_path("account") / "_delta_log")),
        ("account", lambda s: log(s, "account", 2).unlink()),
        ("account", lambda s: log(s, "account", 1).unlink()),
        ("account", lambda s: parts(s)[0].unlink()),
        ("account", lambda s: flip(parts(s)[0])),
        ("account", swap),
        ("account", write_again),
        ("product", add_table),
        ("commit", lambda s: flip(parts(s, "commit")[1])),
        ("commit", lambda s: log(s, "commit", 2).unlink()),
        ("commit", lambda s: log(s, "commit", 1).unlink()),
        ("commit", lambda s: shutil.rmtree(s.table_path("commit"))),
        ("commit", lambda s: shutil.rmtree(s.path / "facts")),
    ],
)
def test_whatever_is_lost_or_changed_is_named(store: FactStore, table: str, harm: Callable[[FactStore], None]) -> None:
    store.attach(duckdb.connect())
    harm(store)
    with pytest.raises(StoreError, match="store-damaged") as found:
        FactStore.open(store.path).attach(duckdb.connect())
    assert found.value.params["table"] == table
    assert str(store.table_path(table)) in str(found.value.params["file"])


def test_damage_done_later_is_found_by_the_same_store(store: FactStore) -> None:
    store.attach(duckdb.connect())
    flip(parts(store)[0])
    with pytest.raises(StoreError, match="store-damaged"):
        store.attach(duckdb.connect())


def test_an_older_version_does_not_need_what_came_later(store: FactStore) -> None:
    flip(parts(store)[1])
    assert store.attach(duckdb.connect(), version=1) == 1


def test_an_attempt_that_failed_is_no_damage(store: FactStore) -> None:
    with store.writing() as w:
        w.append("account", duckdb.connect(), ACCOUNTS.format(3))
    assert FactStore.open(store.path).attach(duckdb.connect()) == 2


def test_a_checkpoint_of_the_log_is_no_damage(store: FactStore) -> None:
    from deltalake import DeltaTable

    for table in ("account", "commit"):
        DeltaTable(str(store.table_path(table))).create_checkpoint()
    assert FactStore.open(store.path).attach(duckdb.connect()) == 2


@pytest.mark.parametrize("lost", ["one log", "all logs"])
def test_version_does_not_go_back_and_nobody_writes(store: FactStore, lost: str) -> None:
    """The import alone remembered the version: nobody asked for it."""
    if lost == "one log":
        log(store, "commit", 2).unlink()
    else:
        shutil.rmtree(store.table_path("commit") / "_delta_log")
    again = FactStore.open(store.path)
    for _ in range(2):
        with pytest.raises(StoreError, match="store-damaged"):
            again.version()
    with pytest.raises(StoreError, match="store-damaged"), again.writing():
        pytest.fail("writes on top of damage")


def test_a_counter_set_back_gives_no_number_twice(store: FactStore) -> None:
    (store.path / "counter").write_text("0")
    with store.writing() as w:
        assert w.commit_id == 3
