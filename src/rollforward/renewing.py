"""Renewals, as a part of `api.Store`: what comes up, what became of it, and whose call was right (decision 0016)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Unpack

from rollforward.answers import renewals, renewed
from rollforward.answers.asking import Question, moment
from rollforward.answers.renewals import Wish
from rollforward.answers.table import Table
from rollforward.errors import Misuse
from rollforward.part import Part

if TYPE_CHECKING:
    from rollforward.answers.figures import Asked
    from rollforward.build import Build
    from rollforward.state import Actor, Call


class Renewing(Part):
    """What a store says of renewals, and what people say of them."""

    def renewals(
        self, days: int = 90, account: str = "", owner: str | None = None, **asked: Unpack[Question]
    ) -> Table:  # fmt: skip
        """What ends within `days`: a row an account, day and currency, the earliest first.

        mrr: what is up for renewal (of what is paid by the year alone, only that); used: the largest share of a limit;
        next_step: what to do by plain rules, because: the signal that is its reason. machine: what the rules say; its
        chance and MRR are what past renewals of its group came to (at least 20 of them, else none). owner_, leader_:
        what people said, who and when. Of the question policy, as_of, basis, currency, where, minor, limit and skip.
        Misuse: `unknown-option`, `unknown-account`, and what questions raise.
        """
        wish = self._wish(days, account, owner)
        build, question = self._looking(asked)
        return self._sound(build, renewals.renewals(build, question, wish))

    def renewal_calendar(self, days: int = 180, owner: str | None = None, **asked: Unpack[Question]) -> Table:
        """The same by month in which it ends: how many, their MRR, what is expected of them; question as `renewals`.

        limit, skip: which months.
        """
        limit, skip = asked.get("limit") or 0, asked.get("skip") or 0
        whole: Question = {**asked, "limit": 0, "skip": 0}
        table = renewals.calendar(self.renewals(days, "", owner, **whole))
        table.rows = table.rows[skip : skip + limit] if limit else table.rows[skip:]
        return table

    def renewals_past(self, account: str = "", owner: str | None = None, **asked: Unpack[Question]) -> Table:
        """What was due and what became of it, the latest first: MRR 90 days before, and 30 days after.

        start, end: when it was due. outcome: renewed, expanded, contracted, gone, transferred (paid in another
        currency instead, which is no loss), or pending. Contracts only: of a year that was paid for nothing says what
        it was.
        """
        wish = self._wish(0, account, owner)
        build, question = self._looking(asked, is_past=True)
        return self._sound(build, renewed.past(build, question, wish))

    def renewal_rate(self, owner: str | None = None, **asked: Unpack[Question]) -> Table:
        """The share of renewals kept by period, by number and by money, each with its 95 % interval."""
        wish = self._wish(0, "", owner)
        build, question = self._looking(asked, is_past=True)
        return self._sound(build, renewed.rates(build, question, wish))

    def renewal_scores(self, **asked: Unpack[Question]) -> Table:
        """How right the calls of rules, owners and leaders were: hit rate, Brier score, error of the amount."""
        wish = self._wish(0, "", None)
        build, question = self._looking(asked, is_past=True)
        return self._sound(build, renewed.scores(build, question, wish))

    def call_renewal(
        self, actor: Actor, account: str, due: str | date, call: str, voice: str = "owner",
        amount: Decimal | None = None, chance: float | None = None, **asked: Unpack[Question],
    ) -> Call:  # fmt: skip
        """A person's call on a renewal: renew, at_risk, lost, expand, or '' to withdraw the one before.

        amount: MRR expected after it, in major units of the answer's currency; chance: a fraction. The rules' call of
        the moment is kept with it. Misuse `no-such-renewal`, `too-late-to-call`, `leader-is-admin`, `bad-call`.
        """
        told = moment(str(due), "--due")
        assert told is not None
        on = told.date()
        whole: Question = {**asked, "limit": 0, "skip": 0}
        listed = self.renewals(36_500, account, **whole)
        rows = [r for r in listed.to_dicts() if r["due_on"] == on]
        if not rows:
            last = self._known(**asked)
            raise Misuse("too-late-to-call" if on <= last else "no-such-renewal", account=account, due=str(on))
        # a call made after that day would be scored as a forecast of what is known
        if on <= self.state.calls.now().date():
            raise Misuse("too-late-to-call", account=account, due=str(on))
        listed.rows = [tuple(r[c] for c in listed.columns) for r in rows]
        code, name = str(rows[0]["currency"]), str(rows[0]["account_id"])
        made = self.state.calls.make(actor, name, on, voice, call, amount, code if amount is not None else "", chance)
        self._keep(actor, listed)
        return made

    def keep_calls(self, actor: Actor, days: int = 180, **asked: Unpack[Question]) -> int:
        """Keeps what the rules say now of all that ends within `days`, to be scored later; how many calls are new."""
        return self._keep(actor, self.renewals(days, **asked))

    def _keep(self, by: Actor, table: Table) -> int:
        now = self.state.calls.now()
        told = renewals.machine_calls(table, by.name, now)
        return self.state.calls.keep(by, [call for call in told if call.due_on > now.date()])

    def _wish(self, days: int, account: str, owner: str | None) -> Wish:
        if days < 0:
            raise Misuse("unknown-option", option="--days", value=str(days), known="30, 90, 180, …")
        off = self.state.settings.store().signals_off.split()
        return Wish(days, account, owner, off, self.state.calls.all())

    def _known(self, **asked: Unpack[Question]) -> date:
        build, _question = self._looking(asked)
        return build.range().known_to - timedelta(days=1)

    def _looking(self, asked: Question, is_past: bool = False) -> tuple[Build, Asked]:
        """The Build, and the question without what renewals have none of."""
        self._lacks(asked, *(("segment",) if is_past else ("segment", "start", "end")))
        return self._ask(asked)
