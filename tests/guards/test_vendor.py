"""The scripts and fonts taken from npm are, byte for byte, those that the locks in tools/ pin."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from vendor import LOCK, LOCKS, PLACE, faults


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_vendored_files_are_the_pinned_ones(lock: Path) -> None:
    assert faults(json.loads(lock.read_text(encoding="utf-8")), LOCKS[lock]) == []


@pytest.mark.parametrize("place", LOCKS.values(), ids=lambda path: path.parts[-2])
def test_every_folder_carries_its_licence(place: Path) -> None:
    assert [p.name for p in place.iterdir() if not (p / "LICENSE").is_file()] == []


def test_changed_missing_and_strange_files_are_caught(tmp_path: Path) -> None:
    place = tmp_path / "vendor"
    shutil.copytree(PLACE, place)
    with (place / "vega" / "vega.min.js").open("a", encoding="utf-8") as script:
        script.write("fetch('https://elsewhere.example')")
    (place / "htmx" / "LICENSE").unlink()
    (place / "vega" / "vega.min.js.map").write_text("{}", encoding="utf-8")
    assert faults(json.loads(LOCK.read_text(encoding="utf-8")), place) == [
        "htmx/LICENSE: missing",
        "vega/vega.min.js.map: not in the lock",
        "vega/vega.min.js: not what the lock says",
    ]
