"""Who is logged in: the browser has the secret, the store its digest.

A session ends when it was not used for a while, at the latest after a week, with its user, and if the clock says a time
before it began.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from rollforward.errors import StoreError
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database, read, written
from rollforward.state.tokens import digest

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)
"""How exact `seen_at` is."""

SKEW = timedelta(minutes=5)
"""What a clock that is set right may go back without ending sessions."""

AGENT = 200
"""Characters kept of what the browser calls itself."""


@dataclass(frozen=True)
class Session:
    """One login that still holds; `csrf` stands in every form of it. Moments are UTC."""

    session_id: int
    user_id: int
    user: str
    role: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


class Sessions:
    """The sessions of one store."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def begin(self, by: Actor, user_id: int, agent: str = "") -> str:
        """A new session of a user who has just proven who they are; returns its secret, for the cookie."""
        text, now = secrets.token_urlsafe(32), self._database.now()
        with self._database.writing() as con:
            over = (written(now - LONGEST), written(now - IDLE))
            con.execute("delete from session where created_at < ? or seen_at < ?", over)
            con.execute(
                "insert into session (digest, csrf, user_id, created_at, seen_at, address, agent) "
                "values (?, ?, ?, ?, ?, ?, ?)",
                (digest(text), secrets.token_urlsafe(32), user_id, written(now), written(now), by.address,
                 agent[:AGENT]),
            )  # fmt: skip
            self._audit.record(con, by, "login", by.name)
        return text

    def find(self, text: str) -> Session | None:
        """The session with that secret, if it still holds."""
        with self._database.reading() as con:
            row = con.execute(f"{_SELECT} where s.digest = ? and u.is_active = 1", (digest(text),)).fetchone()
        if row is None:
            return None
        found, now = _session(row), self._database.now()
        if not found.created_at - SKEW <= now < min(found.created_at + LONGEST, found.seen_at + IDLE):
            with suppress(StoreError), self._database.writing() as con:
                con.execute("delete from session where session_id = ?", (found.session_id,))
            return None
        if not found.seen_at <= now < found.seen_at + SEEN_EVERY:
            with suppress(StoreError), self._database.writing() as con:  # a full disk must not keep readers out
                con.execute("update session set seen_at = ? where session_id = ?", (written(now), found.session_id))
        return found

    def of(self, user_id: int) -> list[Session]:
        """All sessions of a user, the latest used first."""
        with self._database.reading() as con:
            rows = con.execute(f"{_SELECT} where s.user_id = ? order by s.seen_at desc", (user_id,)).fetchall()
        return [_session(row) for row in rows]

    def end(self, by: Actor, text: str) -> None:
        """Ends the session with that secret; none = nothing."""
        with self._database.writing() as con:
            if con.execute("delete from session where digest = ?", (digest(text),)).rowcount:
                self._audit.record(con, by, "logout", by.name)

    def end_others(self, by: Actor, user_id: int, keep: int) -> int:
        """Ends all sessions of a user but `keep`; returns how many."""
        with self._database.writing() as con:
            sql = "delete from session where user_id = ? and session_id != ?"
            ended = con.execute(sql, (user_id, keep)).rowcount
            self._audit.record(con, by, "session.end", by.name, {"ended": ended})
        return ended


_SELECT = (
    "select s.session_id, s.user_id, u.name as user, u.role, s.csrf, s.created_at, s.seen_at, s.address, s.agent "
    "from session s join user u on u.user_id = s.user_id"
)


def _session(row: sqlite3.Row) -> Session:
    moments = {name: read(row[name]) for name in ("created_at", "seen_at")}
    return Session(**{**dict(row), **moments})
