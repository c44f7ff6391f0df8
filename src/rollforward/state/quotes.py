"""Quotes: every version as it was made, and what became of each: approved, sent, accepted, declined, withdrawn.

A quote is a contact only when it is sent: then it belongs to an opportunity, and the contact budget decides in the same
transaction. Rows are never changed; what a quote is now follows from its steps and the day.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from rollforward.errors import Misuse
from rollforward.state import roles
from rollforward.state.audit import Actor, Audit
from rollforward.state.budget import Limits
from rollforward.state.database import Database, fitting, read, written
from rollforward.state.opportunities import found_row, offered

STATUSES = ("draft", "sent", "accepted", "declined", "withdrawn", "expired", "replaced")
ENDED = ("accepted", "declined", "withdrawn")


@dataclass(frozen=True)
class Draft:
    """What is saved as a quote. mrr (before it), change, due: minor units of `currency`; discount: millionths; told:
    JSON."""

    account_id: str
    currency: str
    on_date: date
    valid_until: date
    discount: int
    mrr: int
    change: int
    due: int | None
    told: str
    opportunity_id: int | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True)
class Quote:
    """A version of a quote; moments UTC. steps: by name, when it happened and who did it."""

    quote_id: int
    number: int
    version: int
    account_id: str
    currency: str
    opportunity_id: int | None
    asked_at: datetime
    made_at: datetime
    author: str
    on_date: date
    valid_until: date
    discount: int
    mrr: int
    change: int
    due: int | None
    told: str
    status: str
    steps: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)

    @property
    def quoted_at(self) -> datetime | None:
        """When whoever asked had it: sent, or accepted without; None: not yet."""
        found = self.steps.get("sent") or self.steps.get("accepted")
        return found[0] if found else None


class Quotes:
    """The quotes of one store."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    # -- reading -----------------------------------------------------------------------------------------------

    def all(self, account_id: str = "", is_every: bool = False) -> list[Quote]:
        """The last version of each quote, the latest first; `is_every`: all versions."""
        with self._database.reading() as con:
            found = self._read(con, "where (? = '' or account_id = ?)", (account_id, account_id))
        return [q for q in found if is_every or q.status != "replaced"]

    def get(self, number: int, version: int = 0) -> Quote:
        """One version of a quote, the last where none is named. Misuse `no-such-quote`."""
        with self._database.reading() as con:
            return self._found(con, number, version)

    def last(self) -> int:
        """A number that another one follows with every quote and step; 0 before the first."""
        with self._database.reading() as con:
            sql = (
                "select (select coalesce(max(quote_id), 0) from quote) + "
                "(select coalesce(max(quote_step_id), 0) from quote_step)"
            )
            return int(con.execute(sql).fetchone()[0])

    def now(self) -> datetime:
        """The time by the store's clock, UTC."""
        return self._database.now()

    # -- changing ----------------------------------------------------------------------------------------------

    def save(self, by: Actor, draft: Draft, number: int = 0) -> Quote:
        """A new quote, or another version of `number`. Misuse `no-such-quote`, `quote-ended`, `other-account`,
        `no-such-opportunity`, `asked-later`."""
        now = self._database.now()
        if draft.asked_at and draft.asked_at > now:  # the hours until it was quoted would be none
            raise Misuse("asked-later", value=written(draft.asked_at))
        with self._database.writing() as con:
            version, asked_at, opportunity = 1, draft.asked_at or now, draft.opportunity_id
            if number:
                before = self._found(con, number)
                _open(before, expired=True)
                if before.account_id != draft.account_id:
                    raise Misuse("other-account", number=number, account=before.account_id)
                version, asked_at = before.version + 1, draft.asked_at or before.asked_at
                opportunity = opportunity or before.opportunity_id
            else:
                number = int(con.execute("select coalesce(max(number), 0) + 1 from quote").fetchone()[0])
            if opportunity and found_row(con, opportunity)["account_id"] != draft.account_id:
                raise Misuse("no-such-opportunity", number=opportunity)
            con.execute(
                "insert into quote (number, version, account_id, currency, opportunity_id, asked_at, made_at, author, "
                f"on_date, valid_until, discount, mrr, change, due, told) values ({', '.join('?' * 15)})",
                (number, version, draft.account_id, draft.currency, opportunity, written(asked_at), written(now),
                 by.name, draft.on_date.isoformat(), draft.valid_until.isoformat(), draft.discount, draft.mrr,
                 draft.change, draft.due, draft.told),
            )  # fmt: skip
            self._audit.record(con, by, "quote.save", draft.account_id, {"number": number, "version": version})
            return self._found(con, number)

    def approve(self, by: Actor, number: int) -> Quote:
        """An admin's word that its discount may be given. Misuse `approver-is-admin`, `quote-ended`."""
        if by.role != "cli" and not roles.may(by.role, "admin"):
            raise Misuse("approver-is-admin")
        with self._database.writing() as con:
            found = _open(self._found(con, number))
            if "approved" not in found.steps:
                self._step(con, by, found, "approved")
            return self._found(con, number)

    def send(self, by: Actor, number: int, channel: str, limits: Limits, threshold: int) -> Quote:
        """Writes down that it is sent now; threshold: millionths of discount above which it must be approved.

        It is an offer of its opportunity, if that is open, else of one opened for it.
        Misuse `not-approved`, `over-budget`, `quote-ended`.
        """
        channel = roles.named(channel)
        with self._database.writing() as con:
            found = _approved(_open(self._found(con, number)), threshold)
            row = self._opportunity(con, found)
            offered(con, by, row, channel, limits, self._database.now())
            con.execute("update opportunity set stage = 'quoted' where opportunity_id = ?", (row["opportunity_id"],))
            con.execute(
                "update quote set opportunity_id = ? where quote_id = ?", (row["opportunity_id"], found.quote_id)
            )
            self._step(con, by, found, "sent", channel)
            return self._found(con, number)

    def answer(self, by: Actor, number: int, step: str, threshold: int = 0) -> Quote:
        """accepted, declined or withdrawn. An answer moves its opportunity. Misuse as `send`, `unknown-option`."""
        if step not in ENDED:
            raise Misuse("unknown-option", option="step", value=step, known=", ".join(ENDED))
        with self._database.writing() as con:
            found = _open(self._found(con, number), expired=step != "accepted")
            if step == "accepted":
                _approved(found, threshold)
            self._step(con, by, found, step)
            if step != "withdrawn" and found.opportunity_id:
                self._answered(con, found, step)
            return self._found(con, number)

    # -- inside ------------------------------------------------------------------------------------------------

    def _opportunity(self, con: sqlite3.Connection, quote: Quote) -> sqlite3.Row:
        """The one it belongs to, if that is open; else one opened for it."""
        if quote.opportunity_id and found_row(con, quote.opportunity_id)["closed_at"] is None:
            return found_row(con, quote.opportunity_id)
        sql = "select opportunity_id from opportunity where account_id = ? and cause = 'quote' and closed_at is null"
        row = con.execute(sql, (quote.account_id,)).fetchone()
        if row is None:
            now = self._database.now()
            made = con.execute(
                "insert into opportunity (account_id, kind, cause, signals, offered, currency, mrr, gain, reasons_en, "
                "reasons_th, owner, opened_at, due_on, stage) "
                "values (?, 'upsell', 'quote', '', '', ?, ?, ?, ?, ?, ?, ?, ?, 'open')",
                (quote.account_id, quote.currency, quote.mrr, max(quote.change, 0), f"Quote {quote.number}",
                 f"ใบเสนอราคา {quote.number}", quote.author, written(now), quote.valid_until.isoformat()),
            ).lastrowid  # fmt: skip
            return found_row(con, made or 0)
        return found_row(con, row["opportunity_id"])

    def _answered(self, con: sqlite3.Connection, quote: Quote, step: str) -> None:
        number, at = quote.opportunity_id or 0, written(self._database.now())
        if found_row(con, number)["closed_at"] is None:
            stage = "won" if step == "accepted" else "lost"
            sql = "update opportunity set stage = ?, outcome = ?, closed_at = ? where opportunity_id = ?"
            con.execute(sql, (stage, f"quote_{step}", at, number))
        told = "update contact set outcome = ?, outcome_at = ? where opportunity_id = ? and outcome = ''"
        con.execute(told, (step, at, number))

    def _step(self, con: sqlite3.Connection, by: Actor, quote: Quote, step: str, channel: str = "") -> None:
        row = (quote.quote_id, step, written(self._database.now()), by.name, channel)
        con.execute("insert into quote_step (quote_id, step, at, person, channel) values (?, ?, ?, ?, ?)", row)
        detail = {"number": quote.number, "version": quote.version, "channel": channel}
        self._audit.record(con, by, f"quote.{step}", quote.account_id, detail)

    def _found(self, con: sqlite3.Connection, number: int, version: int = 0) -> Quote:
        found = self._read(con, "where number = ? and ? in (0, version)", (fitting(number), fitting(version)))
        if not found:
            raise Misuse("no-such-quote", number=number)
        return found[0]

    def _read(self, con: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[Quote]:
        today = self._database.now().date()
        sql = (
            "select q.*, (select max(version) from quote o where o.number = q.number) as newest from "
            f"(select * from quote {where}) q order by q.number desc, q.version desc"
        )
        rows = con.execute(sql, values).fetchall()
        steps: dict[int, dict[str, tuple[datetime, str]]] = {}
        for s in con.execute("select * from quote_step order by quote_step_id"):
            steps.setdefault(s["quote_id"], {}).setdefault(s["step"], (read(s["at"]), s["person"]))
        return [_quote(row, steps.get(row["quote_id"], {}), today) for row in rows]


def _open(quote: Quote, expired: bool = False) -> Quote:
    """The quote, if something can still become of it. Misuse `quote-ended`."""
    if quote.status in ("draft", "sent") or (expired and quote.status == "expired"):
        return quote
    raise Misuse("quote-ended", number=quote.number, reason=quote.status)


def _approved(quote: Quote, threshold: int) -> Quote:
    if quote.discount > threshold and "approved" not in quote.steps:
        raise Misuse("not-approved", number=quote.number, discount=f"{quote.discount / 10_000:g}%",
                     threshold=f"{threshold / 10_000:g}%")  # fmt: skip
    return quote


def _quote(row: sqlite3.Row, steps: Mapping[str, tuple[datetime, str]], today: date) -> Quote:
    until = date.fromisoformat(row["valid_until"])
    status = next((s for s in ENDED if s in steps), "")
    if not status:
        status = "expired" if until < today else "sent" if "sent" in steps else "draft"
    if row["version"] < row["newest"]:
        status = "replaced"
    return Quote(
        row["quote_id"], row["number"], row["version"], row["account_id"], row["currency"], row["opportunity_id"],
        read(row["asked_at"]), read(row["made_at"]), row["author"], date.fromisoformat(row["on_date"]), until,
        row["discount"], row["mrr"], row["change"], row["due"], row["told"], status, steps,
    )  # fmt: skip
