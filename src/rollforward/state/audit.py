"""Who did what and when: rows that are only ever added, each sealed with a digest over all before it.

A digest shows that a row was changed or taken out, unless somebody wrote all later ones anew as well: who keeps the
last digest elsewhere sees that too.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rollforward.state.database import Database, read, written

SECRET = ("password", "token", "secret", "csrf", "cookie", "authorization")
"""What a name in `detail` must not hold; its value is left out."""

TEXT = 500
"""Characters that are kept of a text in `detail`."""

_COLUMNS = ("at", "who", "role", "address", "action", "target", "detail")


@dataclass
class Actor:
    """Who acts: a user, a token, or whoever runs the program (`role` cli); `address` is where from.

    `rows` counts what was written of what they did.
    """

    name: str
    role: str
    address: str = ""
    rows: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Act:
    """One row of the log; `at` is UTC."""

    audit_id: int
    at: datetime
    who: str
    role: str
    address: str
    action: str
    target: str
    detail: dict[str, object]


@dataclass(frozen=True)
class Proof:
    """What checking the log found: its rows, the digest of the last, and the first row that is not as written (or 0).

    `broken` is the number of a row that was changed, or of one that is missing.
    """

    rows: int
    digest: str
    broken: int


class Audit:
    """The log of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, by: Actor, action: str, target: str = "", detail: Mapping[str, object] | None = None) -> None:
        """One row of its own; what changes the state writes its row in the same transaction (`record`)."""
        with self._database.writing() as con:
            self.record(con, by, action, target, detail)

    def record(
        self,
        con: sqlite3.Connection,
        by: Actor,
        action: str,
        target: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """One row within the transaction of `con`. Secrets in `detail` are left out, long texts cut."""
        last = con.execute("select at, digest from audit order by audit_id desc limit 1").fetchone()
        at = written(self._database.now())
        if last is not None:
            at = max(at, str(last["at"]))  # where the clock went back
        told = json.dumps(_clean(detail or {}), ensure_ascii=False, sort_keys=True, default=str)
        row = (at, by.name, by.role, by.address, action, target, told)
        digest = _seal("" if last is None else str(last["digest"]), row)
        names = ", ".join(_COLUMNS)
        con.execute(f"insert into audit ({names}, digest) values (?, ?, ?, ?, ?, ?, ?, ?)", (*row, digest))
        by.rows += 1

    def rows(
        self,
        who: str = "",
        action: str = "",
        start: datetime | None = None,
        end: datetime | None = None,
        before: int = 0,
        limit: int = 0,
    ) -> list[Act]:
        """Rows, the latest first: of one actor, of actions that begin with `action`, from `start` up to `end` (UTC).

        `before` is an `audit_id`: only older rows; `limit` 0 = all.
        """
        where, values = ["1 = 1"], list[object]()
        for condition, value in (
            ("who = ?", who),
            ("substr(action, 1, length(?)) = ?", action),
            ("at >= ?", written(start) if start else ""),
            ("at < ?", written(end) if end else ""),
            ("audit_id < ?", min(before, 2**62)),
        ):
            if value:
                where.append(condition)
                values += [value] * condition.count("?")
        sql = f"select * from audit where {' and '.join(where)} order by audit_id desc limit ?"
        with self._database.reading() as con:
            found = con.execute(sql, (*values, limit or -1)).fetchall()
        return [
            Act(
                r["audit_id"], read(r["at"]), r["who"], r["role"], r["address"], r["action"], r["target"],
                json.loads(r["detail"]),
            )
            for r in found
        ]  # fmt: skip

    def verify(self) -> Proof:
        """Reads the whole log and compares every digest."""
        digest, rows, expected = "", 0, 1
        with self._database.reading() as con:
            con.execute("begin")
            try:
                for row in con.execute("select * from audit order by audit_id"):
                    if row["audit_id"] != expected:
                        return Proof(rows, digest, expected)
                    digest = _seal(digest, tuple(str(row[name]) for name in _COLUMNS))
                    if digest != row["digest"]:
                        return Proof(rows, digest, expected)
                    rows, expected = rows + 1, expected + 1
                ever = con.execute("select seq from sqlite_sequence where name = 'audit'").fetchone()
            finally:
                con.execute("commit")
        return Proof(rows, digest, expected if ever is not None and int(ever["seq"]) > rows else 0)


def _seal(before: str, row: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps([before, *row], ensure_ascii=False).encode()).hexdigest()


def _clean(detail: Mapping[str, object]) -> dict[str, object]:
    return {
        str(name): _clean(value) if isinstance(value, Mapping) else value[:TEXT] if isinstance(value, str) else value
        for name, value in detail.items()
        if not any(word in str(name).lower() for word in SECRET)
    }
