"""Kills, two writers, a reader beside a writer, a full disk: the store holds whole commits and goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from rollforward.errors import StoreError
from rollforward.ingest import ImportOptions, import_files
from rollforward.store import FactStore

ROWS = 4000
TABLES = ("account", "item", "plan", "item_state", "account_attribute", "source_file", "commit")
IMPORT = """
import sys
from rollforward.ingest import ImportOptions, import_files
from rollforward.store import FactStore
store = FactStore.open(sys.argv[1], create=True)
print("ready", flush=True)
done = import_files(store, sys.argv[2:], ImportOptions())
print("done", done.commit_id, flush=True)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    """Two pairs of files, each pair one import over several tables."""
    folder = tmp_path_factory.mktemp("files")
    pairs = []
    for n in range(2):
        subs, accounts = folder / f"subs{n}.csv", folder / f"accounts{n}.csv"
        head = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
        subs.write_text(head + "".join(f"a{n}-{i},s{n}-{i},p{i % 7},2026-01-01,,{10 + n},USD\n" for i in range(ROWS)))
        accounts.write_text("account_id,country\n" + "".join(f"a{n}-{i},DE\n" for i in range(ROWS)))
        pairs.append([subs, accounts])
    return pairs


def start(store: Path, files: list[Path], **more: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", IMPORT, str(store), *map(str, files)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **more)  # type: ignore[call-overload,no-any-return]


def counts(path: Path) -> dict[str, int]:
    con = duckdb.connect()
    FactStore.open(path).attach(con)
    found = {t: con.execute(f'select count(*) from "{t}"').fetchall()[0][0] for t in TABLES}
    assert con.execute("select count(*) from item_state anti join item using (item_key)").fetchall() == [(0,)]
    assert con.execute("select count(*) from item_state anti join account using (account_key)").fetchall() == [(0,)]
    return found


def whole(commits: int) -> dict[str, int]:
    plans = 7 if commits else 0
    rows = dict.fromkeys(("account", "item", "item_state", "account_attribute"), ROWS * commits)
    return rows | {"plan": plans, "source_file": 2 * commits, "commit": commits}


def kill_at(moments: int, seed: int, tmp_path: Path, files: list[list[Path]]) -> set[int]:
    """Kill an import at random moments after its start; returns the numbers of commits seen standing after a kill."""
    first = tmp_path / "store"
    began = time.monotonic()
    run = start(first, files[0])
    assert run.communicate(timeout=120)[0].split()[:2] == ["ready", "done"]
    longest = time.monotonic() - began
    assert counts(first) == whole(1)
    draw, seen, standing = random.Random(seed), set(), 1
    for _ in range(moments):
        run = start(first, files[standing % 2])
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(draw.uniform(0, longest))
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=60)
        found = counts(first)
        assert found in (whole(1), whole(2)), found
        seen.add(found["commit"])
        if found["commit"] == 2:  # that one made it: start over on a fresh copy of the same shape
            first = tmp_path / f"store{draw.random()}"
            assert start(first, files[0]).communicate(timeout=120)[0]
    run = start(first, files[1])
    out, err = run.communicate(timeout=120)
    assert "done" in out, err
    assert counts(first) == whole(2)
    assert not list((first / "tmp").glob("*"))
    return seen


def test_killed_at_any_moment(tmp_path: Path, files: list[list[Path]]) -> None:
    kill_at(6, 1, tmp_path, files)


@pytest.mark.long
def test_killed_at_many_moments(tmp_path: Path, files: list[list[Path]]) -> None:
    assert 1 in kill_at(60, 2, tmp_path, files)


@pytest.mark.parametrize("table", [*TABLES, "finish"])
def test_killed_just_before_each_table(tmp_path: Path, files: list[list[Path]], table: str) -> None:
    """The moments that chance may miss: after the rows of the tables before, before the row of `commit`."""
    script = IMPORT.replace(
        'print("ready"',
        f"""
import os, signal
from rollforward.store import Writing
append, finish = Writing.append, Writing.finish
def dying(self, name, *rest):
    if name == {table!r}:
        os.kill(os.getpid(), signal.SIGKILL)
    return append(self, name, *rest)
Writing.append = dying
if {table!r} == "finish":
    Writing.finish = lambda *a, **k: (finish(*a, **k), os.kill(os.getpid(), signal.SIGKILL))
print("ready\"""",
    )
    path = tmp_path / "store"
    command = [sys.executable, "-c", script, str(path), *map(str, files[0])]
    assert subprocess.run(command, capture_output=True, timeout=120).returncode == -signal.SIGKILL
    assert counts(path) == whole(1 if table == "finish" else 0)
    done = import_files(FactStore.open(path), files[0], ImportOptions())
    assert (done.commit_id == 0) == (table == "finish")
    assert counts(path) == whole(1)


def test_two_imports_at_once_both_land(tmp_path: Path, files: list[list[Path]]) -> None:
    path = tmp_path / "store"
    FactStore.open(path, create=True)
    runs = [start(path, pair) for pair in files]
    outs = [run.communicate(timeout=120) for run in runs]
    assert sorted(out.split()[-1] for out, _ in outs) == ["1", "2"], outs
    assert counts(path) == whole(2)


def test_a_reader_beside_an_import_sees_whole_commits(tmp_path: Path, files: list[list[Path]]) -> None:
    path = tmp_path / "store"
    FactStore.open(path, create=True)
    seen: list[dict[str, int]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(counts(path))

    reader = threading.Thread(target=read)
    reader.start()
    for pair in files:
        assert "done" in start(path, pair).communicate(timeout=120)[0]
    stop.set()
    reader.join()
    assert all(found in (whole(0), whole(1), whole(2)) for found in seen)
    assert {found["commit"] for found in [*seen, counts(path)]} >= {0, 2}


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
from rollforward.errors import StoreError
try:
    {body}
except StoreError as err:
    print("refused", err.code, err.params["reason"], flush=True)
"""


@pytest.mark.parametrize("limit", [20_000, 60_000, 100_000])
def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path, files: list[list[Path]], limit: int) -> None:
    path = tmp_path / "store"
    import_files(FactStore.open(path, create=True), files[0], ImportOptions())
    body = IMPORT.strip().replace("\n", "\n    ")
    command = [sys.executable, "-c", LIMITED.format(limit=limit, body=body), str(path), *map(str, files[1])]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.stdout.split()[-3:] == ["refused", "cannot-write", "disk-full"], run.stderr
    assert counts(path) == whole(1)
    assert import_files(FactStore.open(path), files[1], ImportOptions()).commit_id
    assert counts(path) == whole(2)


def test_a_lock_left_by_a_killed_writer_is_free(tmp_path: Path) -> None:
    path = tmp_path / "store"
    store = FactStore.open(path, create=True)
    script = IMPORT.split("print")[0] + "w = store.writing().__enter__(); print('held', flush=True); input()"
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "held\n"
    run.send_signal(signal.SIGKILL)
    run.communicate()
    with store.writing(on_wait=lambda: pytest.fail("still locked")) as w:
        assert w.commit_id == 1  # nothing was written under it
    with pytest.raises(StoreError, match="no-store"):
        FactStore.open(tmp_path / "other")
