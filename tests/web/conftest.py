"""The demo store, made once; tests that change something copy it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rollforward import api


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo store. It is not to be written to."""
    store = tmp_path_factory.mktemp("demo") / "store"
    api.demo(store)
    return store
