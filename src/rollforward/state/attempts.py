"""Logins that failed make the next ones wait: by the name that was typed, known or not, and by the address.

The first few are free, then each failure doubles the wait. An attempt counts as failed from its beginning, so that many
at once are no way around it; it survives a restart.
"""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import datetime, timedelta

from rollforward.state import roles
from rollforward.state.database import Database, read, written

FREE = {"name": 5, "address": 20}
"""Failures without a wait. One address may be that of a whole office."""

LONGEST = 900
"""Seconds of the longest wait."""

FORGOTTEN = timedelta(hours=2)
"""After so long without a failure all is as in the beginning."""


class Attempts:
    """The failed logins of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str, address: str) -> int:
        """Counts one attempt. Returns 0 if it may be made now, else the seconds to wait: then it is not counted."""
        now = self._database.now()
        with self._database.writing() as con:
            con.execute("delete from attempt where last_at < ?", (written(now - FORGOTTEN),))
            keys = _keys(name, address)
            wait = max(_wait(con, kind, who, now) for kind, who in keys)
            if not wait:
                for kind, who in keys:
                    con.execute("insert or ignore into attempt values (?, ?, 0, ?)", (kind, who, written(now)))
                    change = "update attempt set failures = failures + 1, last_at = ? where kind = ? and who = ?"
                    con.execute(change, (written(now), kind, who))
        return wait

    def succeeded(self, name: str, address: str) -> None:
        """The attempt that `begin` counted was a login: the name is free again, the address has one failure less."""
        (_, who), (_, where) = _keys(name, address)
        with self._database.writing() as con:
            con.execute("delete from attempt where kind = 'name' and who = ?", (who,))
            con.execute("update attempt set failures = failures - 1 where kind = 'address' and who = ?", (where,))


def _keys(name: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    # a digest: people type passwords into the wrong field
    return ("name", hashlib.sha256(roles.folded(name).encode()).hexdigest()), ("address", address)


def _wait(con: sqlite3.Connection, kind: str, who: str, now: datetime) -> int:
    row = con.execute("select failures, last_at from attempt where kind = ? and who = ?", (kind, who)).fetchone()
    if row is None or row["failures"] < FREE[kind]:
        return 0
    last = read(row["last_at"])
    if last > now:  # the clock went back: the wait begins now, and does not last until the clock is there again
        last = now
        con.execute("update attempt set last_at = ? where kind = ? and who = ?", (written(now), kind, who))
    span = min(LONGEST, 2 ** min(row["failures"] - FREE[kind], 20))
    return max(0, -((now - last - timedelta(seconds=span)) // timedelta(seconds=1)))
