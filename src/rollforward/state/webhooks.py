"""What happens to opportunities, told to another program: where it goes, and what waits to be sent.

Each change writes its row in its own transaction (triggers in `tables`), so nothing is lost whoever makes it and
whenever a process ends; a row is sent until somebody says it arrived, so it may arrive twice, under the same id.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from rollforward.errors import Misuse
from rollforward.money import exponent
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database, read, written
from rollforward.state.trials import is_held

EVENTS = {"opened": "opportunity.opened", "stage": "opportunity.stage", "owner": "opportunity.handed_over"}
"""Kinds of event, and what a receiver calls them."""

PAUSES = (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400)
"""Seconds until the next try, after each that failed; behind the last it is given up."""

LEASE = timedelta(seconds=120)
"""For how long one process alone is sending a row; if it died, somebody else goes on."""

KEPT = timedelta(days=90)
"""For how long what arrived is kept."""

PREFIX = "rfs_"
"""What a secret begins with."""


@dataclass(frozen=True)
class Webhook:
    """Where events go. is_private: the address may be of this machine or its network."""

    address: str = field(repr=False)
    secret: str = field(repr=False)
    is_private: bool
    set_at: datetime

    @property
    def host(self) -> str:
        """What may be shown of the address, whose path is often a secret itself."""
        told = urlsplit(self.address)
        return f"{told.scheme}://{told.netloc}"


@dataclass(frozen=True)
class Delivery:
    """An event and what became of it. state: waiting, arrived, given_up or left_out (an account that is held out).

    said: the HTTP status of the last try, or what went wrong; moments are UTC, None: not known or not to come.
    """

    delivery_id: int
    event_id: str
    event: str
    opportunity_id: int
    account_id: str
    at: datetime
    tries: int
    state: str
    said: str
    next_at: datetime | None
    sent_at: datetime | None


class Webhooks:
    """The webhook of one store and its deliveries."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def get(self) -> Webhook | None:
        """Where events go; None: nowhere, and none are kept."""
        with self._database.reading() as con:
            row = con.execute("select * from webhook").fetchone()
        return row and Webhook(row["address"], row["secret"], bool(row["is_private"]), read(row["set_at"]))

    def set(self, by: Actor, address: str, is_private: bool = False) -> str:
        """Events go to this address from now on; the secret that signs them, which no page shows again.

        https alone, http only where it is private. Misuse `bad-address`.
        """
        told = _address(address.strip(), is_private)
        secret = PREFIX + secrets.token_urlsafe(32)
        made = Webhook(told, secret, is_private, self._database.now())
        with self._database.writing() as con:
            con.execute(
                "insert or replace into webhook values (1, ?, ?, ?, ?)",
                (told, secret, int(is_private), written(made.set_at)),
            )
            self._audit.record(con, by, "webhook.set", made.host, {"private": is_private})
        return secret

    def remove(self, by: Actor) -> None:
        """Nothing is sent any more, and nothing kept for it; again does nothing."""
        with self._database.writing() as con:
            if con.execute("delete from webhook").rowcount:
                con.execute("update delivery set state = 'given_up' where state = 'waiting'")
                self._audit.record(con, by, "webhook.remove", "", {})

    def all(self, limit: int = 0, opportunity: int = 0) -> list[Delivery]:
        """Deliveries, the latest first; at most `limit` (0: all), of one opportunity (0: of all)."""
        sql = (
            f"{_SELECT} where d.opportunity_id = ? or ? = 0 order by d.delivery_id desc limit ?"
        )  # fmt: skip
        with self._database.reading() as con:
            return [_delivery(r) for r in con.execute(sql, (opportunity, opportunity, limit or -1))]

    def is_due(self) -> bool:
        """Whether something waits to be sent now."""
        sql = "select 1 from delivery, webhook where state = 'waiting' and next_at <= ? limit 1"
        with self._database.reading() as con:
            return con.execute(sql, (written(self._database.now()),)).fetchone() is not None

    def claim(self) -> tuple[Webhook, Delivery, bytes] | None:
        """The next event to send, for this process alone for `LEASE`, and its body; None: nothing is due."""
        now = self._database.now()
        with self._database.writing() as con:
            hook = con.execute("select * from webhook").fetchone()
            while hook is not None:
                row = con.execute(
                    f"{_SELECT} where d.state = 'waiting' and d.next_at <= ? order by d.next_at, d.delivery_id limit 1",
                    (written(now),),
                ).fetchone()
                if row is None:
                    break
                if is_held(con, row["account_id"], row["kind"]):  # who reads of it would offer it
                    con.execute("update delivery set state = 'left_out' where delivery_id = ?", (row["delivery_id"],))
                    continue
                change = "update delivery set tries = tries + 1, next_at = ? where delivery_id = ?"
                con.execute(change, (written(now + LEASE), row["delivery_id"]))
                to = Webhook(hook["address"], hook["secret"], bool(hook["is_private"]), read(hook["set_at"]))
                return to, _delivery(row), _body(row)
        return None

    def arrived(self, delivery_id: int, said: str) -> None:
        """It arrived; what arrived long ago is forgotten."""
        now = self._database.now()
        with self._database.writing() as con:
            change = "update delivery set state = 'arrived', said = ?, sent_at = ? where delivery_id = ?"
            con.execute(change, (said, written(now), delivery_id))
            con.execute("delete from delivery where state <> 'waiting' and sent_at < ?", (written(now - KEPT),))

    def failed(self, delivery_id: int, said: str) -> None:
        """It did not arrive: it is tried again after a pause that grows, or given up."""
        with self._database.writing() as con:
            row = con.execute("select tries from delivery where delivery_id = ?", (delivery_id,)).fetchone()
            tries = int(row["tries"])
            state = "waiting" if tries <= len(PAUSES) else "given_up"
            pause = PAUSES[min(tries, len(PAUSES)) - 1]
            change = "update delivery set state = ?, said = ?, next_at = ? where delivery_id = ? and state = 'waiting'"
            con.execute(change, (state, said, written(self._database.now() + timedelta(seconds=pause)), delivery_id))

    def again(self, by: Actor, delivery_id: int) -> None:
        """Sends it once more, under the same id. Misuse `no-such-delivery`, `no-webhook`."""
        with self._database.writing() as con:
            if con.execute("select 1 from webhook").fetchone() is None:
                raise Misuse("no-webhook")
            change = (
                "update delivery set state = 'waiting', next_at = '', tries = 0, sent_at = null "
                "where delivery_id = ? and state <> 'left_out'"
            )
            if not con.execute(change, (delivery_id,)).rowcount:
                raise Misuse("no-such-delivery", number=delivery_id)
            self._audit.record(con, by, "webhook.again", "", {"number": delivery_id})


_SELECT = (
    "select d.*, o.account_id, o.kind, o.currency, o.gain, o.offered, o.signals, o.due_on "
    "from delivery d join opportunity o using (opportunity_id)"
)


def _address(told: str, is_private: bool) -> str:
    try:
        parts = urlsplit(told)
        is_good = parts.port != 0 and bool(parts.hostname) and "@" not in parts.netloc and told.isascii()
    except ValueError:
        is_good = False
    if not is_good or len(told) > 2_000 or not told.isprintable() or " " in told or parts.fragment:
        raise Misuse("bad-address")
    if parts.scheme != "https" and not (is_private and parts.scheme == "http"):
        raise Misuse("bad-address")
    return told


def _body(row: sqlite3.Row) -> bytes:
    """What is sent: the opportunity as it was right after the event. Money in major units, as text."""
    told: dict[str, object] = {
        "id": row["event_id"],
        "event": EVENTS[row["event"]],
        "at": row["at"].replace(" ", "T") + "Z",
        "opportunity": {
            "opportunity": row["opportunity_id"],
            "account_id": row["account_id"],
            "kind": row["kind"],
            "stage": row["stage"],
            "outcome": row["outcome"],
            "owner": row["owner"],
            "currency": row["currency"],
            "gain": str(Decimal(row["gain"]).scaleb(-exponent(row["currency"]))),
            "offered": row["offered"],
            "signals": row["signals"].split(),
            "due_on": row["due_on"],
        },
    }
    if row["event"] != "opened":
        told |= {"from": row["was"], "to": row[row["event"]]}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _delivery(row: sqlite3.Row) -> Delivery:
    ends = row["state"] == "waiting" and row["next_at"]
    return Delivery(
        row["delivery_id"], row["event_id"], EVENTS[row["event"]], row["opportunity_id"], row["account_id"],
        read(row["at"]), row["tries"], row["state"], row["said"], read(ends) if ends else None,
        row["sent_at"] and read(row["sent_at"]),
    )  # fmt: skip
