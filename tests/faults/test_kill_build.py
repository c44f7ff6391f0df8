"""A build killed at any moment: the next one goes on, and its answers are those of a build that nobody disturbed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rollforward as rf
from rollforward import api

BUILD = """
import sys
import rollforward as rf
store = rf.open(sys.argv[1], create=False)
print("ready", flush=True)
store.build()
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    from rollforward.demo import AS_OF, files

    made = rf.open(tmp_path_factory.mktemp("killed") / "store")
    made.import_(*files(), trust_valid_time=True, coverage=f"..{AS_OF}")
    return made


def answers(store: rf.Store) -> tuple[str, str, str]:
    return (
        store.mrr(by="quarter").to_csv(),
        store.expansion(by="month").to_csv(),
        store.retention(window=12, start="2026-09", end="2026-10").to_csv(),
    )


def without_moment(tables: tuple[str, ...]) -> list[list[str]]:
    """The answers less the column that says when they were asked."""
    lines = [line.split(",") for table in tables for line in table.splitlines()]
    return [[cell for cell in line if not cell.endswith("Z")] for line in lines]


def kill_after(seconds: float, store: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", BUILD, str(store)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [2, pytest.param(40, marks=pytest.mark.long)])
def test_killed_builds_go_on(store: rf.Store, rounds: int) -> None:
    import shutil

    draw = random.Random(7)
    expected = without_moment(answers(store))
    for _ in range(rounds):
        shutil.rmtree(store.path / "built")
        kill_after(draw.uniform(0, 1.2), store.path)
        again = api.open(store.path, create=False)
        assert without_moment(answers(again)) == expected
        assert not list((store.path / "built").rglob("*.parquet.*.tmp")) or again.check().rows == []
    assert api.open(store.path, create=False).check().rows == []


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *(("movement_day.parquet", damage) for damage in (b"", b"{}", b"PAR1 and no more")),
        ("account_window.parquet", b"PAR1 and no more"), ("range.json", b"{}"), ("violations.json", b""),
    ],
)  # fmt: skip
def test_a_damaged_built_table_is_made_again(store: rf.Store, name: str, damage: bytes) -> None:
    expected = without_moment(answers(store))
    store.check()
    next((store.path / "built").rglob(name)).write_bytes(damage)
    again = api.open(store.path, create=False)
    assert without_moment(answers(again)) == expected
    assert again.check().rows == []
