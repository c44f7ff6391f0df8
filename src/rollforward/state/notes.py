"""Notes that people write on accounts."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from rollforward.errors import Misuse
from rollforward.state import roles
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database, read, written

TEXT = 10_000
"""Characters of a note."""

UNDO = timedelta(days=30)
"""How long a deleted note can be had back; then nothing of it is kept."""


@dataclass(frozen=True)
class Note:
    """A note on an account; `at` is UTC."""

    note_id: int
    account_id: str
    author: str
    at: datetime
    text: str
    is_deleted: bool


class Notes:
    """The notes of one store; the log says who wrote and deleted which, but not what they say."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def of(self, account_id: str) -> list[Note]:
        """Those on an account, the latest first."""
        sql = "select * from note where account_id = ? and deleted_at is null order by note_id desc"
        with self._database.reading() as con:
            return [_note(row) for row in con.execute(sql, (account_id,))]

    def get(self, note_id: int) -> Note:
        """One note, also one that was deleted lately. Misuse `no-such-note`."""
        with self._database.reading() as con:
            return _note(_row(con, note_id))

    def add(self, by: Actor, account_id: str, text: str) -> Note:
        """A new note by `by`. Misuse `bad-note` for one that is empty or too long."""
        text = text.replace("\r\n", "\n").strip()
        if not text or len(text) > TEXT:
            raise Misuse("bad-note", most=TEXT)
        now = self._database.now()
        with self._database.writing() as con:
            con.execute("delete from note where deleted_at < ?", (written(now - UNDO),))
            made = con.execute(
                "insert into note (account_id, author, at, text) values (?, ?, ?, ?)",
                (account_id, by.name, written(now), text),
            ).lastrowid
            self._audit.record(con, by, "note.add", account_id, {"note": made})
            return _note(_row(con, made or 0))

    def delete(self, by: Actor, note_id: int) -> Note:
        """Takes a note away: its author, or an admin. Misuse `no-such-note`, `not-yours`."""
        return self._set(by, note_id, "note.delete", written(self._database.now()))

    def restore(self, by: Actor, note_id: int) -> Note:
        """Brings a note back that was deleted within `UNDO`. Misuse `no-such-note`, `not-yours`."""
        return self._set(by, note_id, "note.restore", None)

    def _set(self, by: Actor, note_id: int, action: str, deleted_at: str | None) -> Note:
        with self._database.writing() as con:
            found = _note(_row(con, note_id))
            if found.author != by.name and not roles.may(by.role, "admin"):
                raise Misuse("not-yours", author=found.author)
            con.execute("update note set deleted_at = ? where note_id = ?", (deleted_at, note_id))
            self._audit.record(con, by, action, found.account_id, {"note": note_id})
            return _note(_row(con, note_id))


def _row(con: sqlite3.Connection, note_id: int) -> sqlite3.Row:
    row = con.execute("select * from note where note_id = ?", (note_id,)).fetchone()
    if row is None:
        raise Misuse("no-such-note", number=note_id)
    assert isinstance(row, sqlite3.Row)
    return row


def _note(row: sqlite3.Row) -> Note:
    return Note(
        row["note_id"], row["account_id"], row["author"], read(row["at"]), row["text"], row["deleted_at"] is not None
    )
