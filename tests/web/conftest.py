"""What a worker's tests share: one Chromium, and one server of the demo store.

Tests that change something copy the demo or begin with an empty store.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from . import visiting
from .browsing import Window, browsing
from .serving import Serving, serving

expect.set_options(timeout=30_000)  # other tests run beside these


@pytest.fixture(scope="session")
def site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The demo, for whoever on this machine. Nothing that others would see is to be changed in it."""
    with serving(Path(shutil.copytree(demo, tmp_path_factory.mktemp("shared") / "store"))) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@pytest.fixture
def window(chromium: Browser, site: Serving) -> Iterator[Window]:
    """A window on `site` in which nothing may go wrong."""
    made = Window(chromium, site.url)
    yield made
    made.close()
    assert made.faults == []


@pytest.fixture
def page(window: Window) -> Page:
    return window.page


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[visiting.Browser, Path]]:
    """A browser at the server of an empty store, and the store's folder."""
    with serving(tmp_path / "store") as found:
        yield visiting.Browser(found), tmp_path / "store"
