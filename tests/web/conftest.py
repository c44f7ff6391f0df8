"""The demo store, made once; tests that change something copy it or begin with an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rollforward import api

from .serving import serving
from .visiting import Browser


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo store. It is not to be written to."""
    store = tmp_path_factory.mktemp("demo") / "store"
    api.demo(store)
    return store


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[Browser, Path]]:
    """A browser at the server of an empty store, and the store's folder."""
    with serving(tmp_path / "store") as found:
        yield Browser(found), tmp_path / "store"
