"""Hold-outs: accounts drawn at random that are not offered a play, so that it can be seen whether it does anything.

A play is a kind of opportunity. An account is drawn for it once, when it could be offered for the first time, and stays
where it was drawn: the draw follows from the seed of the file, the account and the play, so who draws again or at once
gets the same.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rollforward.state.database import Database, read, written

OFFER, HOLD_OUT = "offer", "hold_out"
"""The two arms."""


@dataclass(frozen=True)
class Assignment:
    """An account drawn for a play at a moment (UTC), with so large a share held out; what it was about, in minor units
    of `currency`. `channel` and `offered_at`: of the first offer made here since, '' and None before."""

    account_id: str
    play: str
    arm: str
    share: float
    at: datetime
    currency: str
    signals: str
    mrr: int
    channel: str
    offered_at: datetime | None


class Trials:
    """Who was drawn for what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Assignment]:
        """Every account that was drawn, the earliest first."""
        sql = (
            "select t.*, o.currency, o.signals, o.mrr, coalesce(c.channel, '') as channel, c.at as offered_at "
            "from trial t join opportunity o using (opportunity_id) left join contact c on c.contact_id = "
            "(select min(i.contact_id) from contact i join opportunity p using (opportunity_id) "
            "where p.account_id = t.account_id and p.kind = t.play and i.at >= t.at) "
            "order by t.at, t.account_id, t.play"
        )
        with self._database.reading() as con:
            return [_assignment(row) for row in con.execute(sql)]

    def told(self) -> tuple[int, int]:
        """How many were drawn, and the number of the last offer."""
        with self._database.reading() as con:
            row = con.execute(
                "select (select count(*) from trial), (select coalesce(max(contact_id), 0) from contact)"
            ).fetchone()
        return int(row[0]), int(row[1])

    def offers(self) -> list[tuple[str, str, str, datetime]]:
        """Every offer made here: account, kind of its opportunity, channel and moment, the earliest first."""
        sql = (
            "select c.account_id, o.kind, c.channel, c.at from contact c join opportunity o using (opportunity_id) "
            "order by c.at, c.contact_id"
        )
        with self._database.reading() as con:
            return [(r[0], r[1], r[2], read(r[3])) for r in con.execute(sql)]


def draw(con: sqlite3.Connection, shares: Mapping[str, float], now: datetime) -> int:
    """Draws, within the transaction of `con`, who could be offered a play from now on and never was drawn; how many
    are held out. shares: part held out, by play; a play with 0 or not named draws nobody.

    What is offered already goes on: an account with an offer of an open opportunity of the play is not drawn.
    """
    seed = str(con.execute("select seed from trial_seed").fetchone()[0])
    rows = con.execute(
        "select account_id, kind, min(opportunity_id) as opportunity_id from opportunity o where closed_at is null "
        "and not exists (select 1 from trial t where t.account_id = o.account_id and t.play = o.kind) "
        "and not exists (select 1 from contact c join opportunity p using (opportunity_id) "
        "where p.account_id = o.account_id and p.kind = o.kind and p.closed_at is null) "
        "and (kind = 'save' or not exists (select 1 from at_risk r where r.account_id = o.account_id) and not exists "
        "(select 1 from opportunity s where s.account_id = o.account_id and s.kind = 'save' and s.closed_at is null)) "
        "group by account_id, kind"
    ).fetchall()
    held = 0
    for account, play, number in rows:
        if share := shares.get(play, 0.0):
            arm = HOLD_OUT if _drawn(seed, account, play) < share else OFFER
            held += arm == HOLD_OUT
            told = (account, play, arm, share, number, written(now))
            con.execute("insert into trial values (?, ?, ?, ?, ?, ?)", told)
    return held


def is_held(con: sqlite3.Connection, account_id: str, play: str) -> bool:
    """Whether the account is held out of the play."""
    sql = "select 1 from trial where account_id = ? and play = ? and arm = 'hold_out'"
    return con.execute(sql, (account_id, play)).fetchone() is not None


def _drawn(seed: str, account_id: str, play: str) -> float:
    """A number from 0 to 1 that nobody can foretell without the seed."""
    digest = hashlib.sha256(f"{seed}\n{play}\n{account_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _assignment(row: sqlite3.Row) -> Assignment:
    return Assignment(
        row["account_id"], row["play"], row["arm"], row["share"], read(row["at"]), row["currency"], row["signals"],
        row["mrr"], row["channel"], row["offered_at"] and read(row["offered_at"]),
    )  # fmt: skip
