"""In-app notices: which one may be shown to an account now, and what became of those that were."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from rollforward.errors import Misuse
from rollforward.state.audit import Actor, Audit
from rollforward.state.budget import Limits, Verdict, offers, verdict
from rollforward.state.database import Database, written
from rollforward.state.opportunities import Opportunity, found_row, offered, opportunity_of

STEPS = ("shown", "clicked", "dismissed", "upgraded")
IN_APP = "in_app"
"""The channel of notices."""


class Notices:
    """The notices of one store."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def funnel(self) -> dict[str, int]:
        """How many notices were shown, clicked, dismissed and led to an upgrade; each opportunity counts once."""
        sql = "select step, count(distinct opportunity_id) as n from notice_event group by step"
        with self._database.reading() as con:
            told = {str(r["step"]): int(r["n"]) for r in con.execute(sql)}
        return {step: told.get(step, 0) for step in STEPS}

    def eligible(self, account_id: str, limits: Limits, version: int) -> tuple[Opportunity | None, Verdict]:
        """The one that may be shown to an account in the application now, or None and why: `nothing`, `not_refreshed`
        where the store has changed since, or what the budget says."""
        now = self._database.now()
        with self._database.reading() as con:
            seen = con.execute("select store_version from refreshed").fetchone()
            if seen is None or seen["store_version"] != version:
                return None, Verdict(False, "not_refreshed")
            listed = con.execute(
                "select * from opportunity where account_id = ? and closed_at is null and kind <> 'save' "
                "order by gain * coalesce(probability, 0) desc, gain desc, opportunity_id",
                (account_id,),
            ).fetchall()
            why = Verdict(False, "nothing")
            for row in listed:
                if _is_showing(con, row, limits, now) and not _is_barred(con, account_id):
                    return opportunity_of(row), Verdict(True)
            for row in listed:
                why = verdict(con, row, IN_APP, limits, now)
                if why.is_free:
                    return opportunity_of(row), why
            return None, why

    def record(self, by: Actor, account_id: str, number: int, step: str, limits: Limits) -> None:
        """What became of a notice. The first time it is shown counts as an offer; dismissed is a no, upgraded a yes.

        Misuse `no-such-opportunity`, `over-budget` where it may not be shown, `not-shown` for a step without it.
        """
        if step not in STEPS:
            raise Misuse("unknown-option", option="step", value=step, known=", ".join(STEPS))
        now = self._database.now()
        with self._database.writing() as con:
            row = found_row(con, number)
            if row["account_id"] != account_id:
                raise Misuse("no-such-opportunity", number=number)
            mine = (number, IN_APP)
            sql = "select contact_id from contact where opportunity_id = ? and channel = ? order by contact_id desc"
            last = con.execute(sql, mine).fetchone()
            if step == "shown" and not (_is_showing(con, row, limits, now) and not _is_barred(con, account_id)):
                offered(con, by, row, IN_APP, limits, now)
            elif step != "shown" and last is None:
                raise Misuse("not-shown", number=number)
            if step in ("dismissed", "upgraded"):
                answer = "declined" if step == "dismissed" else "accepted"
                told = "update contact set outcome = ?, outcome_at = ? where contact_id = ? and outcome = ''"
                con.execute(told, (answer, written(now), last["contact_id"]))
            con.execute(
                "insert into notice_event (account_id, opportunity_id, step, at) values (?, ?, ?, ?)",
                (account_id, number, step, written(now)),
            )
            self._audit.record(con, by, "notice", account_id, {"number": number, "step": step})


def _is_showing(con: sqlite3.Connection, row: sqlite3.Row, limits: Limits, now: datetime) -> bool:
    """Whether a notice of it was begun lately and has had no answer: showing it again is the same offer."""
    sql = "select 1 from contact where opportunity_id = ? and channel = ? and outcome = '' and at > ? limit 1"
    since = written(now - timedelta(days=limits.notice_days))
    is_begun = con.execute(sql, (row["opportunity_id"], IN_APP, since)).fetchone() is not None
    cold = now.date() - timedelta(days=limits.cool_down)
    said_no = any(o.outcome == "declined" and o.answered.date() > cold for o in offers(con, row["account_id"]))
    return is_begun and row["closed_at"] is None and not said_no


def _is_barred(con: sqlite3.Connection, account_id: str) -> bool:
    sql = (
        "select 1 from at_risk where account_id = ? union all select 1 from opportunity "
        "where account_id = ? and kind = 'save' and closed_at is null limit 1"
    )
    return con.execute(sql, (account_id, account_id)).fetchone() is not None
