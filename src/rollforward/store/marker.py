"""The file that makes a folder a store: made, checked, and taken away again from a store that was never used."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rollforward import schema
from rollforward.errors import StoreError
from rollforward.store import delta

MARKER = "rollforward.json"
_FRESH = MARKER + ".new"
# What a store may hold in which nothing was ever written.
_UNUSED = {MARKER, _FRESH, "lock", "tmp", "spill", "version.json"}


def release() -> str:
    """Version of this program as installed."""
    try:
        return version("rollforward")
    except PackageNotFoundError:
        return "unknown"


def claim(folder: Path) -> None:
    """Make the folder a store; what else lies in it is not looked at. StoreError `cannot-write`."""
    with delta.writes(folder):
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / _FRESH
        fresh.write_text(json.dumps({"format": schema.FORMAT, "release": release()}) + "\n", encoding="utf-8")
        fresh.replace(folder / MARKER)


def is_free(folder: Path) -> bool:
    """Whether a store may be made here: nothing is there, or an empty folder."""
    return not folder.exists() or (folder.is_dir() and all(p.name == _FRESH for p in folder.iterdir()))


def check(folder: Path) -> None:
    """StoreError `cannot-read`, `store-damaged`, or `store-newer` if the marker says so."""
    marker = folder / MARKER
    try:
        layout = int(json.loads(marker.read_text(encoding="utf-8"))["format"])
    except PermissionError as err:
        raise StoreError("cannot-read", path=str(marker)) from err
    except (ValueError, KeyError, TypeError, OSError) as err:
        raise StoreError("store-damaged", table="", file=str(marker), detail=str(err).splitlines()[0]) from err
    if layout > schema.FORMAT:
        raise StoreError("store-newer", path=str(folder), format=layout, known=schema.FORMAT)


def discard(folder: Path, with_folder: bool) -> None:
    """Take away a store in which nothing was ever written; one that is used, or being written to, stays."""
    from filelock import FileLock, Timeout

    with suppress(OSError, Timeout):
        if not {p.name for p in folder.iterdir()} <= _UNUSED:
            return
        with FileLock(folder / "lock", timeout=0):
            if not {p.name for p in folder.iterdir()} <= _UNUSED:
                return
            for name in ("tmp", "spill"):
                shutil.rmtree(folder / name, ignore_errors=True)
            for name in (MARKER, _FRESH, "version.json"):
                (folder / name).unlink(missing_ok=True)
            with suppress(OSError):
                (folder / "lock").unlink(missing_ok=True)  # while held: whoever waits for it makes a new one
        (folder / "lock").unlink(missing_ok=True)
        if with_folder:
            folder.rmdir()
