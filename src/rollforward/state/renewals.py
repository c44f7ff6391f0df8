"""What people and the machine expect of renewals: calls, each kept with who and when, none ever changed or removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rollforward.errors import Misuse
from rollforward.state import roles
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database, read, written

VOICES = ("machine", "owner", "leader")
"""Whose call: what the rules say, what the account's owner says, what whoever leads them says."""

CALLS = ("renew", "at_risk", "lost", "expand")


@dataclass(frozen=True)
class Call:
    """A call on the renewal of an account on a day; `at` is UTC. call '': the one before is withdrawn.

    amount: MRR expected after it, in major units of `currency`; chance: that it is not lost. Both may be None.
    """

    call_id: int
    account_id: str
    due_on: date
    voice: str
    call: str
    amount: Decimal | None
    currency: str
    chance: float | None
    author: str
    at: datetime


class Calls:
    """The calls of one store: the last of a voice counts, those before it are its history."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def all(self, account_id: str = "", due_on: date | None = None) -> list[Call]:
        """Every call, or those on one account or renewal, the earliest first."""
        sql = "select * from renewal_call where (? = '' or account_id = ?) and (? = '' or due_on = ?) order by call_id"
        day = "" if due_on is None else due_on.isoformat()
        with self._database.reading() as con:
            return [_call(row) for row in con.execute(sql, (account_id, account_id, day, day))]

    def make(
        self, by: Actor, account_id: str, due_on: date, voice: str, call: str,
        amount: Decimal | None = None, currency: str = "", chance: float | None = None,
    ) -> Call:  # fmt: skip
        """A call; '' withdraws the last of that voice. Misuse `unknown-option`, `bad-call`, `leader-is-admin`."""
        if voice not in VOICES[1:]:
            raise Misuse("unknown-option", option="--as", value=voice, known=", ".join(VOICES[1:]))
        if call and call not in CALLS:
            raise Misuse("unknown-option", option="--call", value=call, known=", ".join(CALLS))
        if voice == "leader" and by.role != "cli" and not roles.may(by.role, "admin"):
            raise Misuse("leader-is-admin")
        if (amount is not None and not (amount.is_finite() and 0 <= amount < 10**13)) or (
            chance is not None and not 0 <= chance <= 1
        ):
            raise Misuse("bad-call")
        found = Call(0, account_id, due_on, voice, call, amount, currency, chance, by.name, self._database.now())
        detail = {"due": due_on.isoformat(), "voice": voice, "call": call or "-", "amount": str(amount or "")}
        with self._database.writing() as con:
            made = _insert(con, found)
            self._audit.record(con, by, "renewal.call", account_id, detail)
        return made

    def keep(self, by: Actor, told: Sequence[Call]) -> int:
        """Keeps what the machine says now where it says something else than before; how many."""
        with self._database.writing() as con:
            rows = con.execute("select * from renewal_call where voice = 'machine' order by call_id")
            last = {(c.account_id, c.due_on): c for c in map(_call, rows)}
            new = [c for c in told if _said(last.get((c.account_id, c.due_on))) != _said(c)]
            for call in new:
                _insert(con, call)
            if new:
                self._audit.record(con, by, "renewal.keep", "", {"calls": len(new)})
        return len(new)

    def now(self) -> datetime:
        """The time by the store's clock, UTC."""
        return self._database.now()

    def last(self) -> int:
        """Number of the last call; 0 before the first."""
        with self._database.reading() as con:
            return int(con.execute("select coalesce(max(call_id), 0) from renewal_call").fetchone()[0])


def standing(calls: Sequence[Call], before: date | None = None) -> dict[tuple[str, date, str], Call]:
    """The last call of each renewal and voice, made before the day `before` and before it was due; none withdrawn."""
    found = {
        (c.account_id, c.due_on, c.voice): c
        for c in calls
        if c.at.date() < c.due_on and (before is None or c.at.date() < before)
    }
    return {key: c for key, c in found.items() if c.call}


def _said(call: Call | None) -> tuple[object, ...]:
    return () if call is None else (call.call, call.amount, call.currency, call.chance)


def _insert(con: sqlite3.Connection, call: Call) -> Call:
    made = con.execute(
        "insert into renewal_call (account_id, due_on, voice, call, amount, currency, chance, author, at) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (call.account_id, call.due_on.isoformat(), call.voice, call.call,
         None if call.amount is None else str(call.amount), call.currency, call.chance, call.author, written(call.at)),
    ).lastrowid  # fmt: skip
    row = con.execute("select * from renewal_call where call_id = ?", (made,)).fetchone()
    return _call(row)


def _call(row: sqlite3.Row) -> Call:
    amount = None if row["amount"] is None else Decimal(row["amount"])
    return Call(
        row["call_id"], row["account_id"], date.fromisoformat(row["due_on"]), row["voice"], row["call"], amount,
        row["currency"], row["chance"], row["author"], read(row["at"]),
    )  # fmt: skip
