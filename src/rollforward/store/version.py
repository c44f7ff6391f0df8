"""The store's version: read from the log of table `commit`, remembered beside it, and never lower than remembered."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rollforward import remembered
from rollforward.errors import StoreError
from rollforward.store import delta


def last_commit(store: Path) -> int:
    """Number of the last commit, 0 in an empty store.

    It is remembered in version.json beside the name of the log's last file, which no two states of the table share: as
    long as that file is the last one, the log need not be read again. StoreError `store-damaged` if the log cannot be
    read, or lists less than was seen before.
    """
    folder = store / "facts" / "commit"
    newest = delta.newest_log(folder)
    known, seen = store / "version.json", 0
    with suppress(ValueError, KeyError, TypeError):
        said = remembered.read(known)
        seen = int(said["version"])
        if said["log"] == newest:
            return seen
    found = delta.highest(folder, "commit_id")
    require(folder, found, seen)
    if found:
        with suppress(OSError):  # a reader of a store that it may not write to asks the log every time
            remembered.write(known, {"log": newest, "version": found})
    return found


def require(folder: Path, found: int, seen: int) -> None:
    """StoreError `store-damaged` if the log of `commit` lists up to `found`, less than was `seen`."""
    if found < seen:
        detail = f"it lists commits up to {found}, but there were {seen}"
        raise StoreError("store-damaged", table="commit", file=str(folder / "_delta_log"), detail=detail)
