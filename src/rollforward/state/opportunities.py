"""Opportunities of one store; the offers made of them, and hand-overs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from rollforward.errors import Misuse
from rollforward.state import roles
from rollforward.state.audit import Actor, Audit
from rollforward.state.budget import Limits, Verdict, account_verdict, replace_past, verdict
from rollforward.state.database import Database, fitting, read, written
from rollforward.state.trials import draw

KINDS = ("upsell", "cross-sell", "add-on", "seats", "save")
STAGES = ("open", "contacted", "quoted", "won", "lost", "expired")
CLOSED = ("won", "lost", "expired")

TEXT = 500
"""Characters of an outcome or of the reason of a hand-over."""


@dataclass(frozen=True)
class Opportunity:
    """One opportunity; gain and mrr in minor units of `currency` a month, moments UTC, probability None: not known."""

    opportunity_id: int
    account_id: str
    kind: str
    cause: str
    signals: str
    offered: str
    currency: str
    mrr: int
    gain: int
    probability: float | None
    reasons_en: str
    reasons_th: str
    owner: str
    opened_at: datetime
    due_on: date
    stage: str
    outcome: str
    closed_at: datetime | None


@dataclass(frozen=True)
class Proposal:
    """What a refresh found to be open: one an account and cause. `hand_to`: to whom it goes on at once, '' nobody."""

    account_id: str
    kind: str
    cause: str
    signals: str
    offered: str
    currency: str
    mrr: int
    gain: int
    probability: float | None
    reasons_en: str
    reasons_th: str
    owner: str
    hand_to: str = ""


@dataclass(frozen=True)
class Found:
    """All that a refresh looked at. `mrr`: of each account and currency that pays, minor units; `past`: offers told
    by events (account, at, channel, outcome, answered at); `risks`: why an account is at risk, in both languages."""

    store_version: int
    proposals: Sequence[Proposal]
    mrr: Mapping[tuple[str, str], int]
    past: Sequence[tuple[str, datetime, str, str, datetime]]
    risks: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Contact:
    """An offer that was made."""

    contact_id: int
    account_id: str
    opportunity_id: int
    channel: str
    at: datetime
    person: str
    outcome: str


_GIVEN = ("account_id", "kind", "cause", "signals", "offered", "currency", "mrr", "gain", "probability",
          "reasons_en", "reasons_th", "owner")  # fmt: skip


class Opportunities:
    """The opportunities of one store; every change by a person or a refresh writes its row of the log."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    # -- reading -----------------------------------------------------------------------------------------------

    def all(self, account_id: str = "", is_open: bool = False) -> list[Opportunity]:
        """Every one, or an account's, or those not closed; those that weigh most (gain × probability) first."""
        sql = (
            "select * from opportunity where (? = '' or account_id = ?) and (? = 0 or closed_at is null) "
            "order by closed_at is not null, gain * coalesce(probability, 0) desc, gain desc, opportunity_id"
        )
        with self._database.reading() as con:
            return [opportunity_of(r) for r in con.execute(sql, (account_id, account_id, int(is_open)))]

    def get(self, number: int) -> Opportunity:
        """One. Misuse `no-such-opportunity`."""
        with self._database.reading() as con:
            return opportunity_of(found_row(con, number))

    def refreshed(self) -> tuple[datetime, int] | None:
        """When it was last looked for them, and at which version of the store; None: never."""
        with self._database.reading() as con:
            row = con.execute("select at, store_version from refreshed").fetchone()
        return (read(row["at"]), int(row["store_version"])) if row else None

    def verdicts(self, listed: Sequence[Opportunity], channel: str, limits: Limits) -> list[Verdict]:
        """Whether each may be offered in `channel` now, and else when."""
        now = self._database.now()
        with self._database.reading() as con:
            return [verdict(con, found_row(con, o.opportunity_id), channel, limits, now) for o in listed]

    def account_verdicts(self, account_id: str, channels: Sequence[str], limits: Limits) -> list[Verdict]:
        """Whether an account may be offered anything now in each channel, and else when."""
        now = self._database.now()
        with self._database.reading() as con:
            return [account_verdict(con, account_id, channel, limits, now) for channel in channels]

    def contacts(self) -> list[Contact]:
        """Every offer made here, the latest first."""
        with self._database.reading() as con:
            return [_contact(r) for r in con.execute("select * from contact order by contact_id desc")]

    def responses(self) -> list[tuple[str, int, str]]:
        """Every offer an account got, here or by events: account, the how-many-th it was, its outcome."""
        sql = (
            "select account_id, row_number() over (partition by account_id order by at, channel) as nth, outcome from "
            "(select account_id, at, channel, outcome from contact union all "
            "select account_id, at, channel, outcome from past_offer)"
        )
        with self._database.reading() as con:
            return [(r[0], r[1], r[2]) for r in con.execute(sql)]

    def conflicts(self, days: int) -> list[tuple[str, str, str]]:
        """Accounts with open opportunities of several owners (`owners`), or offered by several (`persons`) lately."""
        since = written(self._database.now() - timedelta(days=days))
        sql = (
            "select account_id, 'owners' as what, group_concat(distinct owner) as who from opportunity "
            "where closed_at is null and owner <> '' group by account_id having count(distinct owner) > 1 union all "
            "select account_id, 'persons', group_concat(distinct person) from contact where at >= ? "
            "group by account_id having count(distinct person) > 1 order by 1, 2"
        )
        with self._database.reading() as con:
            return [(r[0], r[1], r[2]) for r in con.execute(sql, (since,))]

    def handovers(self, number: int) -> list[tuple[datetime, str, str, str]]:
        """When one went from whom to whom, and why, the latest first."""
        sql = "select * from handover where opportunity_id = ? order by handover_id desc"
        with self._database.reading() as con:
            return [(read(r["at"]), r["from_owner"], r["to_owner"], r["why"]) for r in con.execute(sql, (number,))]

    # -- refresh -----------------------------------------------------------------------------------------------

    def refresh(
        self, by: Actor, found: Found, due: int, again: int, held_out: Mapping[str, float] | None = None
    ) -> dict[str, int]:
        """Closes what moved, passed its day or stands no longer, and opens what is new: how many of each.

        due: days until a new one expires; again: days for which one that closed is not opened again; held_out: the
        share of accounts that are drawn not to be offered it, by kind.
        """
        now = self._database.now()
        counts = dict.fromkeys(("opened", "won", "lost", "expired"), 0)
        wanted = {(p.account_id, p.cause): p for p in found.proposals}
        with self._database.writing() as con:
            replace_past(con, list(found.past), dict(found.risks))
            for row in con.execute("select * from opportunity where closed_at is null").fetchall():
                key = (row["account_id"], row["cause"])
                mrr = found.mrr.get((row["account_id"], row["currency"]), 0)
                stage, outcome = _became(row, mrr, key in wanted, now)
                if stage:
                    counts[stage] += 1
                    self._close(con, by, row, stage, outcome, now)
            late = written(now - timedelta(days=again))
            for key, told in wanted.items():
                sql = "select 1 from opportunity where account_id = ? and cause = ? and coalesce(closed_at, ?) > ?"
                if con.execute(sql, (*key, written(now + timedelta(days=1)), late)).fetchone():
                    continue
                counts["opened"] += 1
                self._open(con, by, told, now, due)
            held = draw(con, held_out or {}, now)
            con.execute("insert or replace into refreshed values (1, ?, ?)", (written(now), found.store_version))
            if any(counts.values()):
                self._audit.record(con, by, "opportunity.refresh", "", counts | ({"held_out": held} if held else {}))
        return counts

    def _open(self, con: sqlite3.Connection, by: Actor, told: Proposal, now: datetime, due: int) -> None:
        marks = ", ".join("?" * len(_GIVEN))
        number = con.execute(
            f"insert into opportunity ({', '.join(_GIVEN)}, opened_at, due_on, stage) values ({marks}, ?, ?, 'open')",
            (*(getattr(told, n) for n in _GIVEN), written(now), (now.date() + timedelta(days=due)).isoformat()),
        ).lastrowid
        if told.hand_to and told.hand_to != told.owner:
            _hand_over(con, number or 0, told.owner, told.hand_to, "above_threshold", now)

    def _close(
        self, con: sqlite3.Connection, by: Actor, row: sqlite3.Row, stage: str, outcome: str, now: datetime
    ) -> None:
        sql = "update opportunity set stage = ?, outcome = ?, closed_at = ? where opportunity_id = ?"
        con.execute(sql, (stage, outcome, written(now), row["opportunity_id"]))
        detail = {"number": row["opportunity_id"], "from": row["stage"], "to": stage, "outcome": outcome}
        self._audit.record(con, by, "opportunity.stage", row["account_id"], detail)

    # -- what people do ----------------------------------------------------------------------------------------

    def move(self, by: Actor, number: int, stage: str, outcome: str = "") -> Opportunity:
        """Another stage; a closed one is opened again by moving it back. Misuse `no-such-opportunity`,
        `unknown-option`, `already-open`. Contacted is reached by an offer alone."""
        if stage not in STAGES:
            raise Misuse("unknown-option", option="stage", value=stage, known=", ".join(STAGES))
        with self._database.writing() as con:
            row = found_row(con, number)
            if row["stage"] == stage:
                return opportunity_of(row)
            made = con.execute("select 1 from contact where opportunity_id = ?", (number,)).fetchone()
            if stage == "contacted" and not made:
                raise Misuse("offer-first", number=number)
            now = written(self._database.now()) if stage in CLOSED else None
            try:
                sql = "update opportunity set stage = ?, outcome = ?, closed_at = ? where opportunity_id = ?"
                con.execute(sql, (stage, outcome[:TEXT], now, number))
            except sqlite3.IntegrityError as error:
                raise Misuse("already-open", account=row["account_id"]) from error
            if stage in ("won", "lost"):
                answer = "accepted" if stage == "won" else "declined"
                told = "update contact set outcome = ?, outcome_at = ? where opportunity_id = ? and outcome = ''"
                con.execute(told, (answer, now, number))
            detail = {"number": number, "from": row["stage"], "to": stage, "outcome": outcome}
            self._audit.record(con, by, "opportunity.stage", row["account_id"], detail)
            return opportunity_of(found_row(con, number))

    def hand_over(self, by: Actor, number: int, owner: str, why: str) -> Opportunity:
        """Gives it to another owner, and keeps from whom, when and why. Misuse `bad-name`, `no-such-opportunity`."""
        owner = roles.named(owner)
        with self._database.writing() as con:
            row = found_row(con, number)
            if row["owner"] != owner:
                _hand_over(con, number, row["owner"], owner, why[:TEXT], self._database.now())
                detail = {"number": number, "from": row["owner"], "to": owner, "why": why}
                self._audit.record(con, by, "opportunity.owner", row["account_id"], detail)
            return opportunity_of(found_row(con, number))

    def offer(self, by: Actor, number: int, channel: str, limits: Limits) -> Contact:
        """Writes down that it is offered now; one transaction decides. Misuse `over-budget`, `bad-name`."""
        channel = roles.named(channel)
        with self._database.writing() as con:
            contact = offered(con, by, found_row(con, number), channel, limits, self._database.now())
            detail = {"number": number, "channel": channel}
            self._audit.record(con, by, "opportunity.offer", contact.account_id, detail)
            return contact

    def answer(self, by: Actor, contact_id: int, outcome: str) -> Contact:
        """What an account answered to an offer: accepted, declined, or '' = open again. Misuse `no-such-contact`."""
        if outcome not in ("", "accepted", "declined"):
            raise Misuse("unknown-option", option="outcome", value=outcome, known="accepted, declined")
        with self._database.writing() as con:
            row = con.execute("select * from contact where contact_id = ?", (fitting(contact_id),)).fetchone()
            if row is None:
                raise Misuse("no-such-contact", number=contact_id)
            at = written(self._database.now()) if outcome else None
            con.execute(
                "update contact set outcome = ?, outcome_at = ? where contact_id = ?", (outcome, at, contact_id)
            )
            detail = {"contact": contact_id, "from": row["outcome"], "to": outcome}
            self._audit.record(con, by, "opportunity.answer", row["account_id"], detail)
            return _contact(con.execute("select * from contact where contact_id = ?", (contact_id,)).fetchone())


def offered(
    con: sqlite3.Connection, by: Actor, row: sqlite3.Row, channel: str, limits: Limits, now: datetime
) -> Contact:
    """Writes down an offer within the transaction of `con`, if the budget lets it. Misuse `over-budget`."""
    told = verdict(con, row, channel, limits, now)
    if not told.is_free:
        day = told.next_on.isoformat() if told.next_on != date.max else ""
        raise Misuse("over-budget", account=row["account_id"], reason=told.reason, day=day)
    made = con.execute(
        "insert into contact (account_id, opportunity_id, channel, at, person) values (?, ?, ?, ?, ?)",
        (row["account_id"], row["opportunity_id"], channel, written(now), by.name),
    ).lastrowid
    if row["stage"] == "open":
        sql = "update opportunity set stage = 'contacted' where opportunity_id = ?"
        con.execute(sql, (row["opportunity_id"],))
    return _contact(con.execute("select * from contact where contact_id = ?", (made,)).fetchone())


def _became(row: sqlite3.Row, mrr: int, stands: bool, now: datetime) -> tuple[str, str]:
    """How an open one closes: its stage and outcome; ('', '') where it stays open."""
    worked = row["stage"] != "open"
    if mrr == 0:
        return "lost", "left"
    if row["kind"] == "save":
        if mrr < row["mrr"]:
            return "lost", "shrank"
        if not stands:
            return ("won", "stayed") if worked else ("expired", "settled")
    elif mrr > row["mrr"]:
        return ("won", "grew") if worked else ("expired", "grew_alone")
    elif not stands and not worked:
        return "expired", "stands_no_longer"
    if date.fromisoformat(row["due_on"]) < now.date():
        return "expired", "due"
    return "", ""


def _hand_over(con: sqlite3.Connection, number: int, source: str, target: str, why: str, now: datetime) -> None:
    con.execute("update opportunity set owner = ? where opportunity_id = ?", (target, number))
    con.execute(
        "insert into handover (opportunity_id, at, from_owner, to_owner, why) values (?, ?, ?, ?, ?)",
        (number, written(now), source, target, why),
    )


def found_row(con: sqlite3.Connection, number: int) -> sqlite3.Row:
    """The row of one. Misuse `no-such-opportunity`."""
    row = con.execute("select * from opportunity where opportunity_id = ?", (fitting(number),)).fetchone()
    if row is None:
        raise Misuse("no-such-opportunity", number=number)
    assert isinstance(row, sqlite3.Row)
    return row


def opportunity_of(row: sqlite3.Row) -> Opportunity:
    """A row as a record."""
    told = {f.name: row[f.name] for f in fields(Opportunity)}
    told["opened_at"], told["due_on"] = read(row["opened_at"]), date.fromisoformat(row["due_on"])
    told["closed_at"] = row["closed_at"] and read(row["closed_at"])
    return Opportunity(**told)


def _contact(row: sqlite3.Row) -> Contact:
    told = {f.name: row[f.name] for f in fields(Contact)}
    return Contact(**told | {"at": read(row["at"])})
