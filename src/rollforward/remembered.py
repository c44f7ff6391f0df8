"""Small files of JSON that spare working something out again; each follows from what lies beside it and may be lost.

A file that cannot be read, or says what nobody can use, is as good as none. One is written whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

_KEEP = 6
"""Built sets kept on disk whatever their age; older ones go after a rest of an hour."""

_RESTING = 3600

DAILY = "~"
"""In the name of a file that says what holds on one day only."""

_DAYS = 2 * 86_400


def read(path: Path) -> Any:
    """What the file says; None if it cannot be read."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def write(path: Path, told: object) -> None:
    """Lets the file say `told`. Raises OSError where nothing can be written; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    half.write_text(json.dumps(told))
    half.replace(path)


def found(path: Path, find: Callable[[], object], is_sound: Callable[[Any], bool]) -> Any:
    """What the file says if that is sound, else what `find` says, which it says from then on."""
    told = read(path)
    if told is None or not is_sound(told):
        told = find()
        write(path, told)
    return told


def forget(built: Path) -> None:
    """Takes away the folders in `built` that nobody reads any more."""
    found = sorted(built.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in found[_KEEP:]:
        if old.stat().st_mtime < time.time() - _RESTING:
            shutil.rmtree(old, ignore_errors=True)


def forget_days(folder: Path) -> None:
    """Takes away the files of `folder` that said what held on days gone by."""
    for old in folder.glob(f"*{DAILY}*"):
        with suppress(FileNotFoundError):  # somebody else takes it away
            if old.stat().st_mtime < time.time() - _DAYS:
                old.unlink()
