"""Goals, as a part of `api.Store`: how far they are, and what commission would be paid on expansion that lasts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Unpack

from rollforward.answers import figures, goals, segments
from rollforward.answers.asking import Question
from rollforward.answers.goals import Progress, Terms
from rollforward.answers.table import Note, Table
from rollforward.errors import Misuse
from rollforward.part import Part
from rollforward.periods import add_months

if TYPE_CHECKING:
    from rollforward.state import Actor, Goal


class Aiming(Part):
    """What is to be reached, and how far it is."""

    def goals(self, **asked: Unpack[Question]) -> Table:
        """Every goal that stands, a row each, with its figure so far.

        Expansion, NDR and GRR are those of `expansion` and `retention` (the window is the period). elapsed: share of
        its days that are over and known; last_year_share: of the same period a year before, what had come by that day.
        forecast: naive, expansion / that share, else / elapsed; NDR, GRR as if they went on as so far. Notes: where
        owners' goals do not add up to the whole. Of the question policy, as_of and basis. Misuse as questions.
        """
        kept: Question = {k: v for k, v in asked.items() if k in ("policy", "as_of", "basis")}  # type: ignore[assignment]
        standing = self.state.goals.standing()
        missing: list[Note] = []
        self._ask({**kept})
        rows = [goals.goal_row(goal, self._progress(goal, kept, missing)) for goal in standing]
        notes = goals.gaps(standing) if rows else [Note("no-goals")]
        return Table(goals.GOALS, rows, [*missing, *notes, *([Note("naive-pace")] if rows else [])])

    def goal_versions(self) -> Table:
        """Every version of every goal, the latest first; a target of None removed it."""
        columns = (
            "goal_id", "goal_metric", "goal_period", "goal_where", "owner", "currency", "goal_target", "set_by",
            "set_at",
        )  # fmt: skip
        found = self.state.goals.versions()[::-1]
        rows = [(g.goal_id, g.metric, g.period, g.where, g.owner, g.currency, g.target, g.author, g.at) for g in found]
        return Table(columns, rows)

    def set_goal(
        self, actor: Actor, metric: str, period: str, target: Decimal | None, where: str = "", owner: str = "",
        currency: str = "",
    ) -> Goal:  # fmt: skip
        """Sets a goal, or another target for it; None removes it. Earlier versions stay.

        period: `2026-09`, `2026-Q3` or `2026`. target: MRR of `currency` (default: the reporting, else the only one),
        or a fraction. Misuse `bad-period`, `bad-where`, `bad-goal`, `unknown-option`, `which-currency`,
        `unknown-currency`.
        """
        build, _question = self._ask({"where": [where] if where else None})
        build.policy.calendar.parse(period, "--period")
        if not currency:
            codes = [said] if (said := build.conversion.said()) else build.range().paid_in
            if len(codes) != 1:
                raise Misuse("which-currency", known=", ".join(codes))
            currency = codes[0]
        if target is not None:  # one that nobody can ask for can only be removed
            figures.currencies(*self._ask({"currency": currency}))
        return self.state.goals.set(actor, metric, period, target, where, owner, currency)

    def commission(
        self, rate: float | Decimal, split: float | Decimal = 1, cap: Decimal | None = None, days: int = 90,
        by_owner: bool = False, **asked: Unpack[Question],
    ) -> Table:  # fmt: skip
        """A preview of commission on expansion made in `start` … `end`, less what was reversed within `days`.

        rate, split: fractions; cap: at most so much an owner and currency, major units. One row an expansion; its
        owner as of that day, `unknown` where none is told. by_owner: their sums; commission_settled: where all days
        of claw-back are over. limit, skip: which expansions. It is split by owner, so that `segment` is refused. Misuse
        `bad-terms`, `unknown-option`, and what questions raise.
        """
        self._lacks(asked, "segment")
        terms = Terms(Fraction(str(rate)), Fraction(str(split)), cap, days).checked()
        has_owners = "owner" in segments.attributes(self._ask({})[0])
        whole: Question = {**asked, "segment": "owner"} if has_owners else asked
        return self._each(whole, lambda build, question: goals.commission(build, question, terms, by_owner))

    def _progress(self, goal: Goal, kept: Question, missing: list[Note]) -> Progress:
        """Its figure so far, None where a rate is missing or the store no longer has what it is about; `missing` takes
        the remarks of that."""
        try:
            return self._so_far(goal, kept, missing)
        except Misuse:  # one goal does not take the others along
            return Progress(None, 0.0, None)

    def _so_far(self, goal: Goal, kept: Question, missing: list[Note]) -> Progress:
        build, _question = self._ask({**kept})
        start, end = build.policy.calendar.parse(goal.period, "--period")[:2]
        known = min(build.range().known_to, end)
        elapsed = max((known - start).days, 0) / (end - start).days
        if known <= start:
            return Progress(None, 0.0, None)
        where = [*([goal.where] if goal.where else []), *([f"owner={goal.owner}"] if goal.owner else [])]
        cut: Question = {**kept, "where": where or None, "currency": goal.currency or None}
        if goal.metric != "expansion":
            return Progress(self._ratio(goal.metric, start, known, cut, missing), elapsed, None)
        actual = self._expansion(start, known, cut, goal.currency, missing)
        last_year = None
        if build.policy.netting != "month":
            a, b, c = (add_months(day, -12) for day in (start, known, end))
            if a >= build.range().shown_from:
                before, all_ = (self._expansion(a, day, cut, goal.currency) for day in (b, c))
                last_year = float(before / all_) if before is not None and all_ else None
        return Progress(actual, elapsed, last_year)

    def _expansion(
        self, start: date, end: date, cut: Question, code: str, missing: list[Note] | None = None
    ) -> Decimal | None:
        # whole months are the same sum, and what a policy that nets by month can answer
        by = "month" if start.day == end.day == 1 else "day"
        table = self._each({**cut, "by": by, "start": start, "end": end}, figures.expansion)
        found = [r["expansion"] for r in table.to_dicts() if not code or r["currency"] == code]
        _noted(table, missing)
        known = [Decimal(str(v)) for v in found if v is not None]
        return sum(known, Decimal(0)) if len(known) == len(found) else None

    def _ratio(self, metric: str, start: date, end: date, cut: Question, missing: list[Note]) -> float | None:
        table = self._each(cut, lambda build, question: figures.retention(build, question, (start, end)))
        _noted(table, missing)
        found = [r[metric] for r in table.to_dicts()]
        return float(str(found[0])) if len(found) == 1 and found[0] is not None else None


def _noted(table: Table, missing: list[Note] | None) -> None:
    """Keeps what a table says of missing rates, once."""
    if missing is not None:
        missing += [n for n in table.notes if n.code == "missing-rates" and n not in missing]
