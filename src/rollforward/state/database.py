"""The file `state.sqlite`: made when first written to, readable by its owner alone, whole after any crash.

Several processes and threads may use one store: each call takes a connection of its own, writers take turns (WAL).
A store without the file reads as one in which nothing was ever said. No other code of this process may open the file:
closing it would drop the locks that SQLite holds on it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rollforward.errors import StoreError
from rollforward.state.tables import VERSIONS

FILE = "state.sqlite"
WAIT = 10.0
"""Seconds that a writer waits for its turn."""

_MAKING = threading.Lock()

Clock = Callable[[], datetime]
"""What says the time: naive, UTC."""


def utc() -> datetime:
    """The system's time: naive, UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def written(moment: datetime) -> str:
    """A moment as the tables hold it."""
    return moment.isoformat(sep=" ", timespec="microseconds")


def read(text: str) -> datetime:
    """The moment that a table's text says."""
    return datetime.fromisoformat(text)


def fitting(number: int) -> int:
    """The number, or -1, which no row has, where it is larger than the file can hold."""
    return number if abs(number) < 2**63 else -1


class Database:
    """The state file of the store in `folder`."""

    def __init__(self, folder: Path, clock: Clock = utc) -> None:
        self.path = folder / FILE
        self.clock = clock
        self._idle: list[sqlite3.Connection] = []
        self._empty: list[sqlite3.Connection] = []
        self._turn = threading.Lock()
        self._owner = os.getpid()
        self._ready: tuple[int, int] | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with; StoreError `store-damaged`, `state-newer`, `state-busy`, `cannot-read`."""
        if not self.path.exists():
            try:
                con = self._empty.pop()
            except IndexError:
                con = _connect(":memory:")
                _migrate(con, self.path)
            try:
                yield con
            finally:
                self._empty.append(con)
            return
        with self._connection() as con:
            yield con

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all that the block writes, or nothing. StoreError as `reading`, or `cannot-write`."""
        with self._connection() as con:
            con.execute("begin immediate")
            try:
                yield con
                con.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):
                    con.execute("rollback")
                raise

    def now(self) -> datetime:
        """The time by this database's clock."""
        return self.clock()

    def close(self) -> None:
        """Give back the connections that nobody uses; the next call opens one again."""
        with self._turn:
            idle, self._idle, self._empty = [*self._idle, *self._empty], [], []
        for con in idle:
            con.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with _explained(self.path):
            con = self._take()
        try:
            with _explained(self.path):
                yield con
        finally:
            with self._turn:
                self._idle.append(con)

    def _take(self) -> sqlite3.Connection:
        with self._turn:
            if self._owner != os.getpid():  # SQLite's connections must not be carried over a fork
                self._idle, self._owner = [], os.getpid()
            # a file put back from a backup is another file: what is open would go on with the old one
            if self._ready and _identity(self.path) != self._ready:
                while self._idle:
                    self._idle.pop().close()
                self._ready = None
            if self._idle:
                return self._idle.pop()
        return self._open()

    def _open(self) -> sqlite3.Connection:
        is_new = self._ready is None
        if is_new:
            with _MAKING:
                _make(self.path)
        con = _connect(str(self.path))
        try:
            if is_new:
                _log_ahead(con)
                _migrate(con, self.path)
                self._ready = _identity(self.path)
            con.execute("pragma foreign_keys = on")
        except BaseException:
            con.close()
            raise
        return con


def _connect(name: str) -> sqlite3.Connection:
    con = sqlite3.connect(name, timeout=WAIT, isolation_level=None, check_same_thread=False)
    con.row_factory = sqlite3.Row
    return con


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    """The file, for its owner alone before anything stands in it; SQLite gives its log files the same rights."""
    # never opened if it is there: to close a file drops the locks that SQLite holds on it in other threads
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        with suppress(OSError):  # a file of another owner
            path.chmod(0o600)


def _log_ahead(con: sqlite3.Connection) -> None:
    # SQLite does not wait for its turn here; where it cannot (a network's disk), the file works without
    for _ in range(int(WAIT / 0.02)):
        try:
            con.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as err:
            if "locked" not in str(err):
                raise
            time.sleep(0.02)


def _migrate(con: sqlite3.Connection, path: Path) -> None:
    if _version(con) == len(VERSIONS):
        return
    con.execute("begin immediate")
    try:
        found = _version(con)
        if found > len(VERSIONS):
            raise StoreError("state-newer", path=str(path), format=found, known=len(VERSIONS))
        for step in VERSIONS[found:]:
            for statement in _statements(step):
                con.execute(statement)
        con.execute(f"pragma user_version = {len(VERSIONS)}")
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise


def _version(con: sqlite3.Connection) -> int:
    return int(con.execute("pragma user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    # not executescript, which commits by itself
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """SQLite's errors as ours; what else the block raises passes through."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as err:
        said = str(err)
        if "locked" in said or "busy" in said:
            raise StoreError("state-busy", path=str(path)) from err
        if "readonly" in said or "disk is full" in said or "disk I/O" in said:
            reason = "disk-full" if "full" in said else "permission" if "readonly" in said else "other"
            raise StoreError("cannot-write", path=str(path), reason=reason) from err
        if "unable to open" in said:
            raise StoreError("cannot-read", path=str(path)) from err
        raise StoreError("store-damaged", table="", file=str(path), detail=said) from err
    except PermissionError as err:
        raise StoreError("cannot-read", path=str(path)) from err
