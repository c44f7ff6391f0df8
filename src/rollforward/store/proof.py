"""That a table's files are those that the commits wrote: number of rows and sha256, as the rows of `commit` say."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from rollforward.errors import StoreError
from rollforward.store import delta

Wrote = dict[str, tuple[int, str]]
"""What one commit wrote: rows and sha256 of each table's file."""


class Proof:
    """Files proved once are not hashed again as long as their size and time stay the same."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, int, str]] = {}

    def table(self, folder: Path, live: Iterable[delta.Live], commits: dict[int, Wrote]) -> None:
        """StoreError `store-damaged` unless the table holds exactly what these commits wrote to it."""
        files: dict[int, list[delta.Live]] = {}
        for file in live:
            files.setdefault(file.commit, []).append(file)
        for number, wrote in commits.items():
            found, said = files.get(number, []), wrote.get(folder.name)
            if said is None and found:
                raise _damaged(folder, found[0].path, f"import {number} did not write it")
            if said is None:
                continue
            if len(found) != 1:
                raise _damaged(folder, folder, f"{len(found)} files of import {number}, which wrote one")
            if found[0].rows != said[0]:
                raise _damaged(folder, found[0].path, f"{found[0].rows} rows, but import {number} wrote {said[0]}")
            self._hash(folder, found[0].path, said[1])

    def named(self, folder: Path, live: Iterable[delta.Live]) -> None:
        """The same for the table `commit`, of which nothing else tells: its files are named by their hash."""
        for file in live:
            self._hash(folder, file.path, delta.hash_in(file.path))

    def _hash(self, folder: Path, file: Path, wanted: str) -> None:
        try:
            now = file.stat()
            state = (now.st_size, now.st_mtime_ns, wanted)
            if self._known.get(file) == state:
                return
            found = delta.sha256(file)
        except OSError as err:
            raise _damaged(folder, file, err.strerror or str(err)) from err
        if found != wanted:
            raise _damaged(folder, file, "its content changed after it was written")
        self._known[file] = state


def parse(folder: Path, text: str) -> Wrote:
    """The column `tables` of a row of `commit`; StoreError `store-damaged`."""
    try:
        return {str(table): (int(rows), str(sha256)) for table, (rows, sha256) in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError) as err:
        raise _damaged(folder, folder, "what a commit wrote cannot be read") from err


def _damaged(folder: Path, file: Path, detail: str) -> StoreError:
    return StoreError("store-damaged", table=folder.name, file=str(file), detail=detail)
