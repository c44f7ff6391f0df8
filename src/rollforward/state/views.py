"""Views that people keep under a name: addresses within the application, their own or everybody's."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from rollforward.errors import Misuse
from rollforward.state import roles
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database, read, written
from rollforward.state.settings import NOBODY

ADDRESS = 4_000
"""Characters of an address."""


@dataclass(frozen=True)
class SavedView:
    """An address within the application under a name. `user_id`: whose it is; NOBODY: everybody's."""

    view_id: int
    user_id: int
    name: str
    address: str
    created_at: datetime

    @property
    def is_shared(self) -> bool:
        """Whether everybody has it; where there are no users every view is of this kind."""
        return self.user_id == NOBODY


class SavedViews:
    """The views of one store; the log says who saved, renamed and deleted which."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def of(self, user_id: int = NOBODY, with_shared: bool = True) -> list[SavedView]:
        """A user's own and everybody's, by name."""
        sql = "select * from saved_view where user_id in (?, ?) order by lower(name), view_id"
        with self._database.reading() as con:
            return [_view(row) for row in con.execute(sql, (user_id, NOBODY if with_shared else user_id))]

    def save(self, by: Actor, name: str, address: str, user_id: int = NOBODY) -> SavedView:
        """Keeps `address` as `name`, in place of what its owner called so. Misuse `bad-name`, `not-an-address`."""
        name = roles.named(name)
        # a browser takes //host and /\\host for another site
        is_ours = address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable()
        if not is_ours or len(address) > ADDRESS:
            raise Misuse("not-an-address", value=address[:80])
        with self._database.writing() as con:
            made = con.execute(
                "insert or replace into saved_view (user_id, name, address, created_at) values (?, ?, ?, ?)",
                (user_id, name, address, written(self._database.now())),
            ).lastrowid
            self._audit.record(con, by, "view.add", name, {"address": address, "shared": user_id == NOBODY})
            return _view(_row(con, made or 0, user_id))

    def rename(self, by: Actor, view_id: int, name: str, user_id: int = NOBODY) -> SavedView:
        """Another name for a view of its owner. Misuse `bad-name`, `no-such-view`, `view-exists`."""
        name = roles.named(name)
        with self._database.writing() as con:
            before = _view(_row(con, view_id, user_id))
            try:
                con.execute("update saved_view set name = ? where view_id = ?", (name, view_id))
            except sqlite3.IntegrityError as error:
                raise Misuse("view-exists", name=name) from error
            self._audit.record(con, by, "view.rename", name, {"name": {"from": before.name, "to": name}})
            return _view(_row(con, view_id, user_id))

    def remove(self, by: Actor, view_id: int, user_id: int = NOBODY) -> SavedView:
        """Takes a view of its owner away, and says what it was, to be saved again. Misuse `no-such-view`."""
        with self._database.writing() as con:
            gone = _view(_row(con, view_id, user_id))
            con.execute("delete from saved_view where view_id = ?", (view_id,))
            self._audit.record(con, by, "view.delete", gone.name, {"address": gone.address, "shared": gone.is_shared})
            return gone


def _row(con: sqlite3.Connection, view_id: int, user_id: int) -> sqlite3.Row:
    row = con.execute("select * from saved_view where view_id = ? and user_id = ?", (view_id, user_id)).fetchone()
    if row is None:
        raise Misuse("no-such-view", number=view_id)
    assert isinstance(row, sqlite3.Row)
    return row


def _view(row: sqlite3.Row) -> SavedView:
    return SavedView(row["view_id"], row["user_id"], row["name"], row["address"], read(row["created_at"]))
