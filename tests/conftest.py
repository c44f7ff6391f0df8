"""What all tests share: the repository's root, the real data beside it, and the profile of Hypothesis."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from clock import Clock
from rollforward import api, text
from rollforward.state import State

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = ROOT.parent / "shared" / "data"

# A first example pays for DuckDB's start; a deadline would fail on that alone. In CI the same examples every time.
settings.register_profile("rollforward", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("rollforward")


@pytest.fixture(autouse=True)
def english() -> None:
    """The language in force is the thread's; a test that speaks Thai leaves it to the next one."""
    text.use("en")
    text.count_years(False)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of public data sets beside the clone. Tests that use it carry the marker `real` by that."""
    if not REAL_DATA.is_dir():
        message = f"no real data in {REAL_DATA}"
        if os.environ.get("ROLLFORWARD_REQUIRE_REAL") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return REAL_DATA


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo store with what pages ask first, made once for all workers. Who opens it copies it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    store, made = folder / "demo-store", folder / "demo-made"
    with FileLock(folder / "demo.lock"):
        if not made.exists():
            company = api.demo(store)
            company.build()
            company.overview()
            company.backtest()  # looks at the past take the most time of all, and copies have them
            for target in ("churn", "expansion"):
                company.score_report(target)
            made.touch()
    return store


@pytest.fixture(scope="session")
def told_cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[int]]]:
    """A store that was told all cases, made once for all workers, and each case's commits. Who builds it copies it."""
    from casefile import load_all
    from spark.grouped import in_one_store

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    made = folder / "cases-commits.json"
    with FileLock(folder / "cases.lock"):
        if not made.exists():
            (folder / "cases").mkdir()
            commits = in_one_store(load_all(), folder / "cases")
            made.write_text(json.dumps(commits), encoding="utf-8")
    return folder / "cases" / "store", json.loads(made.read_text(encoding="utf-8"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> Iterator[State]:
    """A state file whose clock the test sets."""
    made = State(tmp_path, clock)
    yield made
    made.close()


SPREAD = ("test_cases_product", "test_cases_reference", "test_policy_pages", "test_worked_examples")
"""Files of many small cases, which workers share; of other files one worker runs all, for their fixtures."""

LONG = ("spark", "web")
"""Folders that come first, so that no worker waits for them at the end."""


class Files(LoadScopeScheduling):
    """Hands whole files to workers, and all of Spark to one."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        if path.stem in SPREAD:
            return nodeid
        return "spark" if path.parent.name == "spark" else str(path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Files:
    return Files(config, log)


def pytest_itemcollected(item: pytest.Item) -> None:
    if "real_data" in getattr(item, "fixturenames", ()):
        item.add_marker("real")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return LONG.index(folder) if folder in LONG else len(LONG) + (item.path.stem in SPREAD)

    items.sort(key=place)
