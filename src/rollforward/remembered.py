"""Small files of JSON that spare working something out again; each follows from what lies beside it and may be lost.

A file that cannot be read, or says what nobody can use, is as good as none. One is written whole or not at all.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any


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
