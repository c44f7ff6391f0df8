"""What is done about what is coming, as a part of `api.Store`: opportunities, offers within a budget, notices."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import astuple
from datetime import UTC, date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rollforward.answers.asking import Progress, Question
from rollforward.answers.table import Note, Table
from rollforward.errors import Misuse
from rollforward.foreseeing import Foreseeing
from rollforward.numerals import is_whole
from rollforward.stats.proportion import interval

if TYPE_CHECKING:
    from rollforward.answers.restraint import Rules
    from rollforward.state import Actor, Contact, Opportunity, Verdict

OPPORTUNITIES = (
    "opportunity", "account_id", "kind", "stage", "owner", "currency", "gain", "probability", "weighted", "offered",
    "due_on", "offer_from", "blocked", "outcome", "opened_at", "closed_at", "signals", "reasons_en", "reasons_th",
)  # fmt: skip
OFFERS = ("contact", "account_id", "opportunity", "channel", "offered_at", "person", "outcome")
HANDED = ("handed_at", "opportunity", "account_id", "from_owner", "to_owner", "comment")
DELIVERIES = ("delivery", "event", "opportunity", "account_id", "told_at", "tries", "delivered", "said", "next_try")
FATIGUE = ("nth_offer", "accounts", "accepted", "declined", "share", "share_low", "share_high", "is_small")
_CLOSED = ("won", "lost", "expired")
_HIDDEN = "•••"
"""What an export has in place of what its reader may not see: it is nobody's name."""

SMALL = 20
"""Accounts below which a share says nothing."""


class Acting(Foreseeing):
    """Whom to talk to about what, and when to leave them alone."""

    def acting_rules(self) -> Rules:
        """The contact budget, owners and hand-over in force."""
        from rollforward.answers import restraint

        return restraint.parsed(self.state.settings.store().acting_rules)

    def keep_acting_rules(self, text: str, by: Actor) -> None:
        """Keeps the contact budget and owners, as TOML, for everybody; '' = the defaults. Misuse `bad-acting`."""
        from rollforward.answers import restraint

        restraint.parsed(text)
        self.state.settings.set_store(by, acting_rules=text)

    def refresh_opportunities(self, by: Actor, progress: Progress | None = None) -> dict[str, int]:
        """Opens what the standing signals call for and closes what moved, is over or stands no longer: how many.

        Repeating it changes nothing. Only signals that are switched on count. An expected gain is the list price of
        what is offered less what it replaces; its probability is the precision that the last backtest found.
        """
        from rollforward.answers import opportunities

        rules, version = self.acting_rules(), self._facts.version()
        asked: Question = {"currency": "native", "minor": True, "progress": progress}
        standing = self.signals(**asked)
        steps, similar = self.headroom_options(currency="native"), self.cross_sell(currency="native")
        build, _asked = self._ask({"currency": "native"})
        precision = json.loads(self.state.settings.store().signal_precision or "{}")
        found = opportunities.found(build, standing, steps, similar, rules, precision, version)
        due, again = rules.timing.due, rules.timing.again
        return self.state.opportunities.refresh(by, found, due, again, rules.hold_out.by_kind())

    def opportunities(
        self, account: str = "", stage: str = "", owner: str | None = None, kind: str = "", channel: str = "email",
        is_all: bool = False,
    ) -> Table:  # fmt: skip
        """Opportunities, those that weigh most first: what each would bring, and whether it may be offered now.

        gain: MRR more a month (in a save: at stake); weighted: gain × probability, None where that is not known.
        blocked: why no offer may be made in `channel` now, '' = it may; offer_from: from which day on, None if unknown.
        is_all: also closed ones. Notes: when it was last refreshed, and whether the store has changed since.
        """
        rules = self.acting_rules()
        kept = [
            o
            for o in self.state.opportunities.all(account, is_open=not (is_all or stage in _CLOSED))
            if stage in ("", o.stage) and owner in (None, o.owner) and kind in ("", o.kind)
        ]
        verdicts = self.state.opportunities.verdicts(kept, channel, rules.budget)
        rows = [_row(o, v) for o, v in zip(kept, verdicts, strict=True)]
        return Table.of_money(OPPORTUNITIES, rows, frozenset(("gain", "weighted")), False, self._looked_on())

    def offer(self, by: Actor, opportunity: int, channel: str = "email") -> Contact:
        """Writes down that an opportunity is offered to its account now, if the contact budget allows it.

        Where the store has changed since opportunities were last looked for, that is done first. Misuse
        `over-budget` with the reason and the next day, `no-such-opportunity`, `bad-name`.
        """
        if (seen := self.state.opportunities.refreshed()) is None or seen[1] != self._facts.version():
            self.refresh_opportunities(by)
        return self.state.opportunities.offer(by, opportunity, channel, self.acting_rules().budget)

    def notice(self, account: str) -> tuple[Opportunity | None, Verdict]:
        """What may be shown to an account in the application now, or None and why not. Reads no fact."""
        return self.state.notices.eligible(account, self.acting_rules().budget, self._facts.version())

    def record_notice(self, by: Actor, account: str, opportunity: int, step: str) -> None:
        """What became of a notice: shown, clicked, dismissed or upgraded. Misuse `over-budget`, `not-shown`."""
        self.state.notices.record(by, account, opportunity, step, self.acting_rules().budget)

    def offers(self) -> Table:
        """Offers made here, the latest first; those that events tell of are counted beside them."""
        rows = [astuple(c) for c in self.state.opportunities.contacts()]
        return Table(OFFERS, rows, self._looked_on())

    def fatigue(self) -> Table:
        """How accounts responded to their first, second, … offer, here and by events; answered ones only.

        share: accepted ÷ (accepted + declined) with 95 % limits (Wilson). It tells who was asked how often, not what
        another offer would do: those asked often are not like the others.
        """
        counts: Counter[tuple[int, str]] = Counter(
            (nth, outcome) for _account, nth, outcome in self.state.opportunities.responses()
        )
        rows = []
        for nth in sorted({n for n, _outcome in counts}):
            yes, no = counts[nth, "accepted"], counts[nth, "declined"]
            if yes + no:
                low, high = interval(yes, yes + no)
                rows.append((nth, yes + no, yes, no, yes / (yes + no), low, high, yes + no < SMALL))
        return Table(FATIGUE, rows, self._looked_on())

    def notice_funnel(self) -> Table:
        """How many notices reached each step: shown, clicked, dismissed, upgraded; share: of those shown."""
        told = self.state.notices.funnel()
        of = told["shown"]
        return Table(("notice_step", "notices", "share"), [(s, n, n / of if of else None) for s, n in told.items()])

    def handovers(self, opportunity: int = 0, account: str = "") -> Table:
        """When opportunities went from whom to whom, and why, the latest first; of one, or of an account."""
        told = [o for o in self.state.opportunities.all(account) if opportunity in (0, o.opportunity_id)]
        rows = [
            (at, o.opportunity_id, o.account_id, source, target, why)
            for o in told
            for at, source, target, why in self.state.opportunities.handovers(o.opportunity_id)
        ]
        return Table(HANDED, sorted(rows, reverse=True))

    def deliveries(self, opportunity: int = 0, limit: int = 0) -> Table:
        """What was or is to be sent to the webhook, the latest first; moments are UTC."""
        rows = [
            (d.delivery_id, d.event, d.opportunity_id, d.account_id, d.at, d.tries, d.state, d.said, d.next_at)
            for d in self.state.webhooks.all(limit, opportunity)
        ]
        notes = [] if self.state.webhooks.get() else [Note("no-webhook")]
        return Table(DELIVERIES, rows, notes)

    def deliver(self) -> tuple[int, int]:
        """Sends now what waits to be sent to the webhook: how many arrived, and how many did not."""
        from rollforward.delivering import deliver

        return deliver(self.state)

    def conflicts(self) -> Table:
        """Accounts that several own at once, or that several offered something to within the budget's days."""
        days = self.acting_rules().budget.days
        return Table(("account_id", "conflict", "persons"), self.state.opportunities.conflicts(days))

    def read_opportunities(self, text: str, by: Actor) -> int:
        """Takes stages, outcomes and owners from CSV (opportunity, [stage], [outcome], [owner], [why]); how many rows.

        Misuse `bad-opportunities` with the line, and what a change of that kind raises; rows before it are kept.
        """
        rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
        count = 0
        try:
            if "opportunity" not in (rows.fieldnames or ()):
                raise Misuse("bad-opportunities", line=1)
            for row in rows:
                count += 1
                self._read_one({k: _typed(v) for k, v in row.items()}, rows.line_num, by)
        except csv.Error as error:  # a field longer than any that we write
            raise Misuse("bad-opportunities", line=rows.line_num + 1) from error
        return count

    def _read_one(self, row: dict[str, str], line: int, by: Actor) -> None:
        if not is_whole(row["opportunity"], 15) or any(
            row.get(n, "").startswith(_HIDDEN) for n in ("owner", "outcome", "why")
        ):
            raise Misuse("bad-opportunities", line=line)
        now = self.state.opportunities.get(int(row["opportunity"]))
        if (owner := row.get("owner")) and owner != now.owner:
            self.state.opportunities.hand_over(by, now.opportunity_id, owner, row.get("why") or "")
        if (stage := row.get("stage")) and stage != now.stage:
            self.state.opportunities.move(by, now.opportunity_id, stage, row.get("outcome") or "")

    def _looked_on(self) -> list[Note]:
        seen = self.state.opportunities.refreshed()
        if seen is None:
            return [Note("never-refreshed")]
        zone = ZoneInfo(self.state.settings.store().time_zone)
        day = seen[0].replace(tzinfo=UTC).astimezone(zone).date().isoformat()
        if seen[1] != self._facts.version():
            return [Note("refreshed-before", {"day": day})]
        return [Note("refreshed", {"day": day})]


def _typed(cell: object) -> str:
    """A cell without the sign that a table as CSV has before what a spreadsheet would take for a formula."""
    text = cell if isinstance(cell, str) else ""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def _row(o: Opportunity, may: Verdict) -> tuple[Any, ...]:
    next_on: date | None = None if may.is_free or may.next_on == date.max else may.next_on
    weighted = None if o.probability is None else round(o.gain * o.probability)
    return (
        o.opportunity_id, o.account_id, o.kind, o.stage, o.owner, o.currency, o.gain, o.probability, weighted,
        o.offered, o.due_on, next_on, may.reason, o.outcome, o.opened_at, o.closed_at, o.signals, o.reasons_en,
        o.reasons_th,
    )  # fmt: skip
