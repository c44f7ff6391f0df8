"""What all tests share: the repository's root, the real data beside it, and the profile of Hypothesis."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from rollforward import api, text

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
            made.touch()
    return store


SPREAD = ("test_cases_product", "test_cases_reference", "test_policy_pages", "test_worked_examples")
"""Files of many small cases, which workers share; of other files one worker runs all, for their fixtures."""


@pytest.hookimpl(tryfirst=True)  # before the workers read the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder, name = item.path.parent.name, item.path.stem
        if name not in SPREAD:
            item.add_marker(pytest.mark.xdist_group("spark" if folder == "spark" else name))
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("real")
    items.sort(key=lambda item: item.path.parent.name != "spark")  # the longest group first, so that none waits for it
