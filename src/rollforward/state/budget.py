"""How often an account may be offered something: who decides it, and when the next offer may be.

Comes in: the limits and a transaction of the state. Goes out: whether an offer may be made now, and if not why and
from which day on. Only what is in the same transaction counts, so that two who ask at once never both get the last one.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rollforward.state.database import written
from rollforward.state.trials import is_held

NEVER = date.max
"""The next day where no day can be named: only a change of the account ends what stands in the way."""

WORKED = ("contacted", "quoted")
"""Stages in which an owner is at work on an opportunity."""


@dataclass(frozen=True)
class Limits:
    """offers: of one channel to one account within `days`; cool_down: days after a no, in every channel; at_once:
    opportunities that one owner works on; notice_days: for how long one in-app notice may be shown."""

    offers: int = 2
    days: int = 30
    cool_down: int = 90
    at_once: int = 25
    notice_days: int = 7


@dataclass(frozen=True)
class Verdict:
    """Whether an offer may be made; else why not (`budget`, `cool_down`, `at_risk`, `save`, `owner_busy`, `hold_out`,
    `closed`) and the first day it may be, NEVER where no day can be named."""

    is_free: bool
    reason: str = ""
    next_on: date = NEVER


FREE = Verdict(True)


@dataclass(frozen=True)
class Offer:
    """An offer that was made, here or told by events; `on` when, `answered` the moment of its outcome."""

    at: datetime
    channel: str
    outcome: str
    answered: datetime


def offers(con: sqlite3.Connection, account_id: str) -> list[Offer]:
    """Every offer that an account got, the oldest first."""
    rows = con.execute(
        "select at, channel, outcome, coalesce(outcome_at, at) as answered from contact where account_id = ? union all "
        "select at, channel, outcome, outcome_at from past_offer where account_id = ? order by 1",
        (account_id, account_id),
    )
    return [
        Offer(datetime.fromisoformat(r[0]), r[1], r[2], datetime.fromisoformat(r[3])) for r in rows
    ]  # fmt: skip


def verdict(con: sqlite3.Connection, row: sqlite3.Row, channel: str, limits: Limits, now: datetime) -> Verdict:
    """Whether the opportunity `row` may be offered in `channel` at `now` (UTC). A save sells nothing, so a no and
    a risk do not hold it up; everything else waits while the account is at risk."""
    if row["closed_at"] is not None:
        return Verdict(False, "closed")
    account = str(row["account_id"])
    if is_held(con, account, str(row["kind"])):
        return Verdict(False, "hold_out")
    found = account_verdict(con, account, channel, limits, now, row["kind"] != "save")
    if not found.is_free or row["stage"] in WORKED or not row["owner"]:
        return found
    sql = "select count(*) from opportunity where owner = ? and closed_at is null and stage in (?, ?)"
    if con.execute(sql, (row["owner"], *WORKED)).fetchone()[0] >= limits.at_once:
        return Verdict(False, "owner_busy")
    return FREE


def account_verdict(
    con: sqlite3.Connection, account: str, channel: str, limits: Limits, now: datetime, is_sold: bool = True
) -> Verdict:
    """Whether an account may be offered anything in `channel` at `now` (UTC), whoever offers it."""
    if is_sold:
        if con.execute("select 1 from at_risk where account_id = ?", (account,)).fetchone():
            return Verdict(False, "at_risk")
        saving = "select 1 from opportunity where account_id = ? and kind = 'save' and closed_at is null"
        if con.execute(saving, (account,)).fetchone():
            return Verdict(False, "save")
    return _frequency(offers(con, account), channel, limits, now, is_sold)


def _frequency(made: list[Offer], channel: str, limits: Limits, now: datetime, is_sold: bool) -> Verdict:
    waits: list[Verdict] = []
    no = max((o.answered for o in made if o.outcome == "declined"), default=None)
    if is_sold and no is not None and no.date() + timedelta(days=limits.cool_down) > now.date():
        waits.append(Verdict(False, "cool_down", no.date() + timedelta(days=limits.cool_down)))
    since = now.date() - timedelta(days=limits.days)
    recent = sorted(o.at.date() for o in made if o.channel == channel and o.at.date() > since)
    if limits.offers == 0:
        waits.append(Verdict(False, "budget"))
    elif len(recent) >= limits.offers:
        waits.append(Verdict(False, "budget", recent[-limits.offers] + timedelta(days=limits.days)))
    return max(waits, key=lambda v: v.next_on, default=FREE)


def replace_past(
    con: sqlite3.Connection, past: list[tuple[str, datetime, str, str, datetime]], risks: dict[str, tuple[str, str]]
) -> None:
    """What events tell of offers, and who is at risk and why, in place of what was known."""
    con.execute("delete from past_offer")
    told = [(a, written(at), channel, outcome, written(answered)) for a, at, channel, outcome, answered in past]
    con.executemany("insert into past_offer values (?, ?, ?, ?, ?)", told)
    con.execute("delete from at_risk")
    con.executemany("insert into at_risk values (?, ?, ?)", [(a, *why) for a, why in risks.items()])
