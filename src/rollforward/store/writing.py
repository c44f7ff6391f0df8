"""One commit: lock, number, rows of several tables, kept files, and the row of `commit` that makes them count."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

import duckdb

from rollforward import schema
from rollforward.errors import StoreError
from rollforward.store import delta, kept, marker, version

_TICK = timedelta(microseconds=1)


class Writing:
    """A commit being made. Leaving the `with` block without `finish` leaves nothing that anybody can see.

    `commit_id` is used up by the first append, and never used twice, whatever becomes of the attempt. `now` (UTC) is
    later than any earlier commit's time even if the clock was set back.
    """

    commit_id: int
    now: datetime

    def __init__(self, path: Path, on_wait: Callable[[], None] | None) -> None:
        self._path = path
        self._on_wait = on_wait
        from filelock import FileLock

        self._lock = FileLock(path / "lock")
        self._kept: list[kept.Kept] = []
        self._wrote: dict[str, tuple[int, str]] = {}
        self._numbered = False
        self.tmp = path / "tmp"
        """Folder for anything that must not outlive this commit."""

    def __enter__(self) -> Writing:
        """Take the lock and clean up after killed writers; StoreError `store-damaged` rather than add to damage."""
        with delta.writes(self._path):
            self._acquire()
        try:
            with delta.writes(self._path):
                shutil.rmtree(self.tmp, ignore_errors=True)
                self.tmp.mkdir(exist_ok=True)
                if not (self._path / marker.MARKER).exists():  # taken away by an import that failed
                    marker.claim(self._path)
            self.commit_id = self._next_number()
            self.now = self._after_last(datetime.now(UTC).replace(tzinfo=None))
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clean up and free the lock."""
        shutil.rmtree(self.tmp, ignore_errors=True)
        self._lock.release()

    def append(self, table: str, con: duckdb.DuckDBPyConnection, sql: str) -> int:
        """Add the rows of a query to a fact table as one file, none if there are none; returns their number.

        The query has all columns of the table by name but commit_id, in any order; each is cast to schema.py's type (a
        HUGEINT would reach Parquet as DOUBLE). StoreError `cannot-write`. A second time for a table is a ValueError.
        """
        if table in self._wrote:
            raise ValueError(f"a commit writes {table} once")
        types = {c.name: c.type for c in schema.FACT[table].columns}
        columns = ", ".join(
            f'cast({self.commit_id if c.name == "commit_id" else chr(34) + c.name + chr(34)} as {c.type}) as "{c.name}"'
            for c in schema.FACT[table].columns
        )
        with delta.writes(self._path):
            self._take_number()
            folder = self._path / "facts" / table
            rows, sha256 = delta.append(folder, con, f"select {columns} from ({sql})", types, self.commit_id)
        if rows:
            self._wrote[table] = rows, sha256
        return rows

    def archive(self, file: Path) -> kept.Kept:
        """Copy a file to be kept with this commit; it is in the store once `finish` has been called."""
        with delta.writes(self._path):
            copy = kept.copy(file, self.tmp)
        self._kept.append(copy)
        return copy

    def finish(
        self, kind: str, *, retracts: int = 0, rows_read: int = 0, rows_accepted: int = 0, rows_known: int = 0,
        rows_refused: int = 0, note: str = "",
    ) -> int:  # fmt: skip
        """Make everything appended count; returns the commit's number, now the store's version."""
        with delta.writes(self._path):
            for copy in self._kept:
                copy.place(self._path)
        row = {
            "kind": kind, "committed_at": self.now, "retracts": retracts, "rows_read": rows_read,
            "rows_accepted": rows_accepted, "rows_known": rows_known, "rows_refused": rows_refused,
            "release": marker.release(), "note": note, "tables": json.dumps(self._wrote),
        }  # fmt: skip
        con = delta.scratch()
        columns = ", ".join(f'${name} as "{name}"' for name in row)
        con.execute(f"create temp table row as select {columns}", row).fetchall()
        self.append("commit", con, "select * from row")
        return version.last_commit(self._path)  # remembers it, so that its loss would be seen

    def _acquire(self) -> None:
        from filelock import Timeout

        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            if self._on_wait:
                self._on_wait()
            self._lock.acquire(poll_interval=0.05)

    def _next_number(self) -> int:
        """One more than any attempt before."""
        listed = version.last_commit(self._path)
        try:
            return max(listed, int((self._path / "counter").read_text(encoding="ascii"))) + 1
        except (FileNotFoundError, ValueError):
            tables = [self._path / "facts" / t.name for t in schema.FACTS]
            return max(delta.highest(t, "commit_id") for t in tables) + 1

    def _take_number(self) -> None:
        """Put the number on disk before the first row carries it."""
        if self._numbered:
            return
        fresh = self._path / "counter.new"
        with fresh.open("w", encoding="ascii") as out:
            out.write(str(self.commit_id))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._path / "counter")
        self._numbered = True

    def _after_last(self, now: datetime) -> datetime:
        files = delta.files(self._path / "facts" / "commit")
        if not files:
            return now
        try:
            rows = delta.scratch().execute(f"select max(committed_at) from {delta.scan(files)}").fetchall()
        except duckdb.Error as err:
            detail = str(err).splitlines()[0]
            raise StoreError("store-damaged", table="commit", file=str(files[0].parent), detail=detail) from err
        last = rows[0][0]
        return max(now, last + _TICK) if isinstance(last, datetime) else now
