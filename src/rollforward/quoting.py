"""Quotes, as a part of `api.Store`: the price of an upgrade to the day, kept, sent, answered, set beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING, Any, Unpack

from rollforward import zones
from rollforward.acting import Acting
from rollforward.answers.asking import Question, moment
from rollforward.answers.table import Note, Table
from rollforward.cut import WHOLE
from rollforward.errors import Misuse
from rollforward.numerals import is_whole

if TYPE_CHECKING:
    from rollforward.answers.quoted import Quoted
    from rollforward.answers.quoting import Offer, Rating, Wanted
    from rollforward.answers.worth import Value
    from rollforward.build import Build
    from rollforward.policy import Policy
    from rollforward.state import Actor, Quote

QUOTES = (
    "quote", "quote_version", "account_id", "quote_status", "currency", "mrr_change", "due_now", "discount_share",
    "needs_approval", "on_date", "valid_until", "asked_at", "made_at", "quoted_at", "hours_to_quote", "author",
    "approved_person", "answered_at", "opportunity", "came_on", "came_mrr", "is_as_quoted",
)  # fmt: skip
CONTACT_DAYS = ("account_id", "contact_channel", "may_be_offered", "offer_from", "blocked")
CHANNELS = ("email", "call", "meeting", "in_app")
PPM = 10**6


class Quoting(Acting):
    """What a change would cost, and what became of what was told."""

    def quote(
        self, account: str, to: str = "", seats: int = 0, add_ons: Sequence[str] = (), discount: Decimal = Decimal(0),
        months: int = 0, on: str | date = "", valid_days: int = 0, **asked: Unpack[Question],
    ) -> Quoted:  # fmt: skip
        """What an account would pay: lines, totals, the use that justifies it, what that use is worth to it.

        to: plan, or product with one plan in its currency and interval; '' the plan it has. seats: units, 0 as many as
        now. add_ons: plans, `PLAN=N` for N units. discount: a fraction, on what changes, for `months` (0: without end).
        on: from which day (default today). Credits and charges are by the day, half up line by line. A price of another
        interval begins a period of its own. Of the question policy, as_of, basis, minor. Misuse `unknown-plan`,
        `no-price-plans`, `bad-quote`, `nothing-changes`, `which-plan`, `quote-in-past`, `unknown-account`.
        """
        return self._quoted(account, self._wanted(to, seats, add_ons, discount, months, on, valid_days), asked)[0]

    def quotable(self, account: str) -> list[str]:
        """Ids of the plans that can be quoted to an account: in the currency in which it pays most, all if in none."""
        from rollforward.answers import account as one
        from rollforward.answers import catalogue, holdings

        build, _question = self._native({})
        known = catalogue.plans(build)
        held = holdings.items(build, one.found(build, account)[0], known)
        codes = {held[0].currency} if held else {plan.currency for plan in known.values()}
        return sorted(name for name, plan in known.items() if plan.currency in codes)

    def save_quote(
        self, actor: Actor, account: str, to: str = "", seats: int = 0, add_ons: Sequence[str] = (),
        discount: Decimal = Decimal(0), months: int = 0, on: str | date = "", valid_days: int = 0, number: int = 0,
        asked_at: str | datetime | None = None, opportunity: int = 0, **asked: Unpack[Question],
    ) -> Quote:  # fmt: skip
        """Keeps a quote as it is told now; `number`: as another version of that one. asked_at: when it was asked for,
        UTC. It belongs to `opportunity`, else to an open one of the account for what it offers. Misuse as `quote`,
        `no-such-quote`, `quote-ended`, `other-account`."""
        from rollforward.answers import quoted
        from rollforward.state import Draft

        wanted = self._wanted(to, seats, add_ons, discount, months, on, valid_days)
        asked["minor"] = False
        found, offer = self._quoted(account, wanted, asked)
        change = offer.mrr_after - offer.mrr_before
        draft = Draft(
            found.account_id, offer.currency, offer.on, offer.valid_until, offer.discount, offer.mrr_before, change,
            offer.due[0], quoted.frozen(found), opportunity or self._matching(found.account_id, offer),
            moment(asked_at or None, "--asked"),
        )  # fmt: skip
        return self.state.quotes.save(actor, draft, number)

    def kept_quote(self, number: int, version: int = 0) -> tuple[Quote, Quoted]:
        """A version of a quote, the last by default, and all that it told when it was made. Misuse `no-such-quote`."""
        from rollforward.answers import quoted

        kept = self.state.quotes.get(number, version)
        return kept, quoted.thawed(kept.told)

    def quote_pdf(self, found: Quoted, number: int = 0) -> bytes:
        """A quote as PDF (A4), in the language in force; number: its number, 0 = not kept."""
        from rollforward.answers import paper

        kept = self.state.quotes.get(number) if number else None
        return paper.pdf(found, kept)

    def quotes(self, account: str = "", is_every: bool = False) -> Table:
        """The last version of each quote, the latest first; `is_every`: all versions.

        quoted_at: when it was sent, or accepted without; hours_to_quote: from when it was asked for. came_mrr: how MRR
        changed from the day it holds from up to 30 days after it was accepted (`quote.matched_days` of the rules), as
        far as that is known; came_on: the first day on which it did. Note: the median of the hours.
        """
        from rollforward.money import to_major

        rules = self.acting_rules().quote
        found = self.state.quotes.all(account, is_every)
        came = self._came([q for q in found if q.status == "accepted"], rules.matched_days)
        rows = []
        for q in found:
            hours = None if q.quoted_at is None else max((q.quoted_at - q.asked_at).total_seconds(), 0) / 3600
            answered = next((q.steps[s][0] for s in ("accepted", "declined", "withdrawn") if s in q.steps), None)
            on, amount = came.get(q.quote_id, (None, None))
            rows.append(
                (q.number, q.version, q.account_id, q.status, q.currency, to_major(q.change, q.currency),
                 None if q.due is None else to_major(q.due, q.currency), q.discount / PPM if q.discount else None,
                 q.discount > _ppm(rules.approve_above) and "approved" not in q.steps, q.on_date, q.valid_until,
                 q.asked_at, q.made_at, q.quoted_at, hours, q.author, q.steps.get("approved", (None, ""))[1], answered,
                 q.opportunity_id, on, None if amount is None else to_major(amount, q.currency),
                 None if amount is None else amount == q.change)
            )  # fmt: skip
        told = [float(h) for h in (row[QUOTES.index("hours_to_quote")] for row in rows) if isinstance(h, float)]
        notes = [Note("quote-hours", {"hours": f"{median(told):.1f}", "count": str(len(told))})] if told else []
        return Table(QUOTES, rows, notes or ([] if rows else [Note("no-quotes")]))

    def approve_quote(self, actor: Actor, number: int) -> Quote:
        """An admin's word that the discount of a quote may be given. Misuse `approver-is-admin`, `quote-ended`."""
        return self.state.quotes.approve(actor, number)

    def send_quote(self, actor: Actor, number: int, channel: str = "email") -> Quote:
        """Writes down that it is sent, which is a contact: the budget decides. Misuse `over-budget`, `not-approved`."""
        seen = self.state.opportunities.refreshed()
        if seen is None or seen[1] != self._facts.version():
            self.refresh_opportunities(actor)
        rules = self.acting_rules()
        return self.state.quotes.send(actor, number, channel, rules.budget, _ppm(rules.quote.approve_above))

    def answer_quote(self, actor: Actor, number: int, step: str) -> Quote:
        """What became of it: accepted (approved, if it has to be, and not expired), declined or withdrawn."""
        return self.state.quotes.answer(actor, number, step, _ppm(self.acting_rules().quote.approve_above))

    # -- what use is worth -------------------------------------------------------------------------------------

    def unit_values(self) -> tuple[Value, ...]:
        """What a unit of use is worth to customers, as the user defined it; () = nothing is claimed."""
        from rollforward.answers import worth

        return worth.parsed(self.state.settings.store().unit_values)

    def keep_unit_values(self, text: str, by: Actor) -> None:
        """Keeps unit values, as TOML, for everybody; '' = none. Misuse `bad-values`."""
        from rollforward.answers import worth

        worth.parsed(text)
        self.state.settings.set_store(by, unit_values=text)

    def value_statement(self, account: str, **asked: Unpack[Question]) -> Table:
        """What an account used in the last whole month × your unit values; without use no row. Misuse as `account`."""
        from rollforward.answers import account as one
        from rollforward.answers import worth

        build, question = self._native(asked)
        key, name = one.found(build, account)
        return worth.statement(build, key, name, self.unit_values(), question.minor)

    # -- when an account may be spoken to ----------------------------------------------------------------------

    def contact_days(self, account: str) -> Table:
        """By channel, whether an account may be offered something now, else from which day on and why not.

        Who is held out of a play may still be offered another. Misuse `unknown-account`.
        """
        from rollforward.answers import account as one

        limits, account = self.acting_rules().budget, one.found(self._native({})[0], account)[1]
        rows = []
        for channel, may in zip(
            CHANNELS, self.state.opportunities.account_verdicts(account, CHANNELS, limits), strict=True
        ):
            day = None if may.is_free or may.next_on == date.max else may.next_on
            rows.append((account, channel, may.is_free, day, may.reason))
        return Table(CONTACT_DAYS, rows, self._looked_on())

    # -- inside ------------------------------------------------------------------------------------------------

    def _wanted(
        self,
        to: str,
        seats: int,
        add_ons: Sequence[str],
        discount: Decimal,
        months: int,
        on: str | date,
        valid_days: int,
    ) -> Wanted:
        from rollforward.answers.quoting import Wanted

        told = on if isinstance(on, date) else moment(on, "--on") if on else None
        day = told.date() if isinstance(told, datetime) else told
        days = valid_days or self.acting_rules().quote.valid_days
        if not discount.is_finite() or not 0 <= discount < 1:
            raise Misuse("bad-quote")
        share = discount * PPM
        if share != int(share) or not 0 <= months <= 120 or not 0 < days <= 3650:
            raise Misuse("bad-quote")
        return Wanted(to.strip(), seats, tuple(map(_counted, add_ons)), int(share), months, day or date.max, days)

    def _quoted(self, account: str, wanted: Wanted, asked: Question) -> tuple[Quoted, Offer]:
        from rollforward.answers import account as one
        from rollforward.answers import catalogue, holdings, quoted, quoting, worth

        kept: Question = {k: v for k, v in asked.items() if k in ("policy", "as_of", "basis", "minor")}  # type: ignore[assignment]
        every: Question = {**kept, "minor": True, "currency": "native"}
        signals = self.signals(account=account, is_all=True, **every)
        build, question = self._native(kept)
        key, name = one.found(build, account)
        last = build.range().known_to - timedelta(days=1)
        today = zones.local(self.state.quotes.now(), build.policy.time_zone).date()
        on = max(today, last) if wanted.on == date.max else wanted.on
        if on < last:
            raise Misuse("quote-in-past", day=str(last))
        known = catalogue.plans(build)
        held = holdings.items(build, key, known)
        offer = quoting.offer(held, known, replace(wanted, on=on), _rating(build.policy))
        build.need(["account_now"])
        names = build.engine.run(f"select max(name) from account_now where account_key = {key}")
        told = quoted.Quoted(
            name, str(names[0][0] or ""), quoted.lines(offer, name, question.minor),
            quoted.totals(offer, name, last, question.minor), quoted.reasons(build, offer, known, name, key, signals),
            worth.statement(build, key, name, self.unit_values(), question.minor),
        )  # fmt: skip
        self._sound(build, told.totals)
        return told, offer

    def _native(self, asked: Question) -> tuple[Build, Any]:
        kept: Question = {k: v for k, v in asked.items() if k in ("policy", "as_of", "basis", "minor")}  # type: ignore[assignment]
        build, question = self._ask({**kept, "currency": "native"})
        from rollforward.answers import figures

        figures.currencies(build, question)
        build.cut(WHOLE)
        build.signals.by(self.signal_rules())
        return build, question

    def _matching(self, account: str, offer: Offer) -> int | None:
        """The open opportunity for what is offered, if there is one."""
        plans = {plan.plan_id for plan, _n in offer.plans}
        for o in self.state.opportunities.all(account, is_open=True):
            if o.offered in plans or (o.kind == "seats" and offer.drivers["seats"] > 0):
                return o.opportunity_id
        return None

    def _came(self, accepted: Sequence[Quote], days: int) -> dict[int, tuple[date, int]]:
        """By quote, the first day on which MRR changed after it, and by how much up to `days` after its acceptance."""
        if not accepted:
            return {}
        from rollforward.answers import account as one

        build, _question = self._native({})
        build.need(["mrr_change"])
        last = build.range().known_to - timedelta(days=1)
        told = {}
        for q in accepted:
            key = one.found(build, q.account_id)[0]
            until = max(q.on_date, q.steps["accepted"][0].date()) + timedelta(days=days)
            until = min(until, last)  # what is recorded for later has not come yet
            rows = build.engine.run(
                f"select min(on_date), sum(delta) from mrr_change where account_key = {key} and currency = ? "
                f"and on_date between date '{q.on_date}' and date '{until}' having count(*) > 0",
                [q.currency],
            )
            if rows and isinstance(rows[0][0], date):
                told[q.quote_id] = (rows[0][0], int(str(rows[0][1])))
        return told


def _rating(policy: Policy) -> Rating:
    from rollforward.answers.quoting import Rating

    week, day = (Fraction(text) for text in (policy.week_factor, policy.day_factor))
    return Rating({1: day, 2: week, 3: Fraction(1), 4: Fraction(1, 12)}, policy.discounts)


def _counted(text: str) -> tuple[str, int]:
    """`PLAN` or `PLAN=N`."""
    name, _sign, count = text.rpartition("=")
    return (name.strip(), int(count)) if name and is_whole(count.strip()) else (text.strip(), 1)


def _ppm(share: float) -> int:
    return round(share * PPM)
