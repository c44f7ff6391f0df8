"""The people who may log in, and what each may do."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from rollforward.errors import Misuse
from rollforward.state import passwords, roles
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database, read, written


@dataclass(frozen=True)
class User:
    """One user; `created_at` is UTC. A user who is not active cannot log in, nor can their tokens."""

    user_id: int
    name: str
    role: str
    is_active: bool
    created_at: datetime


class Users:
    """The users of one store. Every change writes a row of the audit log with it."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def all(self) -> list[User]:
        """Every user, by name."""
        with self._database.reading() as con:
            return [_user(row) for row in con.execute("select * from user order by folded")]

    def exist(self) -> bool:
        """Whether there is any: then everybody logs in."""
        with self._database.reading() as con:
            return con.execute("select 1 from user limit 1").fetchone() is not None

    def get(self, name: str) -> User:
        """The user of that name, whatever its capitals. Misuse `no-such-user`."""
        with self._database.reading() as con:
            return _user(_row(con, name))

    def add(self, by: Actor, name: str, role: str, password: str) -> User:
        """A new user. Misuse `user-exists`, `bad-name`, `bad-password`, `first-is-admin`, `unknown-option` (role).

        The first one is an admin: from then on everybody logs in, and somebody must be able to add others.
        """
        name, role = roles.named(name), roles.checked(role)
        kept = passwords.hashed(password, name)
        with self._database.writing() as con:
            if con.execute("select 1 from user where folded = ?", (roles.folded(name),)).fetchone():
                raise Misuse("user-exists", name=name)
            if role != "admin" and not _admins(con):
                raise Misuse("first-is-admin", name=name)
            con.execute(
                "insert into user (name, folded, password, role, created_at) values (?, ?, ?, ?, ?)",
                (name, roles.folded(name), kept, role, written(self._database.now())),
            )
            self._audit.record(con, by, "user.add", name, {"role": role})
            return _user(_row(con, name))

    def set_role(self, by: Actor, name: str, role: str) -> User:
        """Gives another role, at once also to who is logged in. Misuse `no-such-user`, `last-admin`."""
        role = roles.checked(role)
        with self._database.writing() as con:
            user = _user(_row(con, name))
            con.execute("update user set role = ? where user_id = ?", (role, user.user_id))
            _keep_an_admin(con)
            self._audit.record(con, by, "user.role", user.name, {"from": user.role, "to": role})
            return _user(_row(con, name))

    def set_active(self, by: Actor, name: str, is_active: bool) -> User:
        """Lets a user in or out; out: their sessions end and their tokens rest. Misuse `no-such-user`, `last-admin`."""
        with self._database.writing() as con:
            user = _user(_row(con, name))
            con.execute("update user set is_active = ? where user_id = ?", (int(is_active), user.user_id))
            _keep_an_admin(con)
            if not is_active:
                con.execute("delete from session where user_id = ?", (user.user_id,))
            self._audit.record(con, by, "user.active", user.name, {"is_active": is_active})
            return _user(_row(con, name))

    def set_password(self, by: Actor, name: str, password: str, keep: int = 0) -> None:
        """A new password; all sessions of the user end but `keep`. Misuse `no-such-user`, `bad-password`."""
        kept = passwords.hashed(password, self.get(name).name)
        with self._database.writing() as con:
            user = _user(_row(con, name))
            con.execute("update user set password = ? where user_id = ?", (kept, user.user_id))
            con.execute("delete from session where user_id = ? and session_id != ?", (user.user_id, keep))
            self._audit.record(con, by, "user.password", user.name)

    def remove(self, by: Actor, name: str) -> None:
        """Takes a user away with sessions, tokens, settings and saved views; notes and the log keep the name.

        Misuse `no-such-user`; `last-admin` while others are left. Without any user the store is open to whoever may
        run the program on this machine, as in the beginning.
        """
        with self._database.writing() as con:
            user = _user(_row(con, name))
            for table in ("setting", "saved_view", "user"):
                con.execute(f"delete from {table} where user_id = ?", (user.user_id,))
            _keep_an_admin(con)
            self._audit.record(con, by, "user.remove", user.name, {"role": user.role})

    def checked(self, name: str, password: str) -> User | None:
        """The active user of that name and password; None, after the same time, for any other."""
        with self._database.reading() as con:
            row = con.execute("select * from user where folded = ?", (roles.folded(name),)).fetchone()
        kept = str(row["password"]) if row is not None and row["is_active"] else ""
        if not passwords.fits(kept, password):
            return None
        if passwords.is_outdated(kept):
            fresh = passwords.hashed(password)
            with self._database.writing() as con:
                change = "update user set password = ? where user_id = ? and password = ?"
                con.execute(change, (fresh, row["user_id"], kept))
        return _user(row)


def _row(con: sqlite3.Connection, name: str) -> sqlite3.Row:
    row = con.execute("select * from user where folded = ?", (roles.folded(name),)).fetchone()
    if row is None:
        raise Misuse("no-such-user", name=name)
    assert isinstance(row, sqlite3.Row)
    return row


def _user(row: sqlite3.Row) -> User:
    return User(row["user_id"], row["name"], row["role"], bool(row["is_active"]), read(row["created_at"]))


def _admins(con: sqlite3.Connection) -> int:
    return int(con.execute("select count(*) from user where role = 'admin' and is_active = 1").fetchone()[0])


def _keep_an_admin(con: sqlite3.Connection) -> None:
    if not _admins(con) and con.execute("select 1 from user").fetchone():
        raise Misuse("last-admin")
