"""Tokens for the JSON API: shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from rollforward.errors import Misuse, StoreError
from rollforward.state import roles
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database, read, written

PREFIX = "rf_"
"""What a token begins with, so that scanners for leaked secrets know it."""

USED_EVERY = timedelta(minutes=1)
"""How exact `used_at` is."""


@dataclass(frozen=True)
class Token:
    """A token but for the secret. `role`: what it may now, never more than its `owner` ('' = none). Moments are UTC."""

    token_id: int
    name: str
    role: str
    owner: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    is_valid: bool


class Tokens:
    """The tokens of one store. Making and revoking one writes a row of the audit log with it."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def all(self) -> list[Token]:
        """Every token ever made, the latest first."""
        with self._database.reading() as con:
            rows = con.execute(f"{_SELECT} order by token_id desc").fetchall()
        return [self._token(row) for row in rows]

    def any_valid(self) -> bool:
        """Whether some token opens the API now."""
        return any(token.is_valid for token in self.all())

    def add(
        self, by: Actor, name: str, role: str, owner: str = "", expires_at: datetime | None = None
    ) -> tuple[Token, str]:
        """A new token and its text, which nobody can read again. Misuse `bad-name`, `no-such-user`, `bad-expiry`."""
        name = roles.named(name)
        role = role if role == roles.NOTICE else roles.checked(role)
        if expires_at is not None and expires_at <= self._database.now():
            raise Misuse("bad-expiry", value=expires_at.isoformat(sep=" "))
        text = PREFIX + secrets.token_urlsafe(32)
        with self._database.writing() as con:
            user = None
            if owner:
                user = con.execute("select user_id from user where folded = ?", (roles.folded(owner),)).fetchone()
                if user is None:
                    raise Misuse("no-such-user", name=owner)
            made = con.execute(
                "insert into token (name, digest, role, user_id, created_at, expires_at) values (?, ?, ?, ?, ?, ?)",
                (name, digest(text), role, user and user["user_id"], written(self._database.now()),
                 expires_at and written(expires_at)),
            ).lastrowid  # fmt: skip
            detail = {"number": made, "role": role, "owner": owner, "expires_at": expires_at and written(expires_at)}
            self._audit.record(con, by, "token.add", name, detail)
            row = con.execute(f"{_SELECT} where token_id = ?", (made,)).fetchone()
        return self._token(row), text

    def revoke(self, by: Actor, token_id: int) -> Token:
        """Ends a token at once and for good; again does nothing. Misuse `no-such-token`."""
        with self._database.writing() as con:
            row = con.execute(f"{_SELECT} where token_id = ?", (token_id,)).fetchone()
            if row is None:
                raise Misuse("no-such-token", number=token_id)
            if row["revoked_at"] is None:
                change = "update token set revoked_at = ? where token_id = ?"
                con.execute(change, (written(self._database.now()), token_id))
                self._audit.record(con, by, "token.revoke", row["name"], {"number": token_id})
            return self._token(con.execute(f"{_SELECT} where token_id = ?", (token_id,)).fetchone())

    def find(self, text: str) -> Token | None:
        """The valid token with that text; None for any other."""
        with self._database.reading() as con:
            row = con.execute(f"{_SELECT} where t.digest = ?", (digest(text),)).fetchone()
        if row is None or not (token := self._token(row)).is_valid:
            return None
        now = self._database.now()
        if token.used_at is None or not token.used_at <= now < token.used_at + USED_EVERY:
            with suppress(StoreError), self._database.writing() as con:  # a full disk must not keep readers out
                con.execute("update token set used_at = ? where token_id = ?", (written(now), token.token_id))
        return token

    def _token(self, row: sqlite3.Row) -> Token:
        expires = row["expires_at"] and read(row["expires_at"])
        revoked = row["revoked_at"] and read(row["revoked_at"])
        has_owner = row["user_id"] is not None
        is_over = revoked is not None or (expires is not None and expires <= self._database.now())
        return Token(
            row["token_id"],
            row["name"],
            roles.lower(row["role"], row["owner_role"]) if has_owner else row["role"],
            row["owner"] or "",
            read(row["created_at"]),
            expires,
            row["used_at"] and read(row["used_at"]),
            revoked,
            not is_over and not (has_owner and not row["is_active"]),
        )


_SELECT = (
    "select t.*, u.name as owner, u.role as owner_role, u.is_active "
    "from token t left join user u on u.user_id = t.user_id"
)


def digest(text: str) -> str:
    """What is kept of a secret of 256 random bits: guessing needs no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
