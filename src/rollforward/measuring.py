"""What expansion is worth: how long it lasts, what it costs; a part of `api.Store` (decision 0016)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Unpack

from rollforward.answers.asking import Question
from rollforward.answers.table import Table
from rollforward.part import Part


class Measuring(Part):
    """What a store says of the expansions made."""

    def durability(
        self, split: str = "", months: str | Sequence[int] | None = None, **asked: Unpack[Question]
    ) -> Table:  # fmt: skip
        """The share of expansions still held after n months, by number and by money, and how the others ended.

        split: driver, discount, channel or offer; or `segment`, a dimension of accounts, as of the day of the
        expansion. start, end: when they were made. months: which ages (`3,6,12` or numbers), default 1 to 24, as
        far as anything is watched.
        held: Kaplan–Meier with 95 % log-log limits; partly, fully, churned: cumulative incidences, which make 1 with
        it; held_mrr: by money, limits from accounts drawn again. No limits under 20 expansions.

        Misuse `unknown-option`, `one-split`, `dimension-of-items`, and what every question raises.
        """
        from rollforward.answers import durability

        with self._facts.tried():
            after = durability.ages(months)
        return self._each(asked, lambda build, question: durability.durability(build, question, split, after))

    def economics(self, margin: float = 1.0, **asked: Unpack[Question]) -> Table:
        """What 1 of new and of expansion MRR cost, by month, quarter or year, from the table of spend.

        cost_new = spend on new / new MRR; payback_new = cost_new / margin, in months; cost_account = spend on new / new
        accounts. margin: gross margin, above 0 up to 1. What nobody said was spent makes no ratio.

        Misuse `unknown-option`, `spend-not-split` (for `segment` and `where`), and what every question raises.
        """
        from rollforward.answers import economics

        return self._each(asked, lambda build, question: economics.economics(build, question, margin))

    def lifetime(self, margin: float = 1.0, **asked: Unpack[Question]) -> Table:
        """What an account has been worth within 12, 24 and 36 months: MRR at its month ends × margin, realised.

        Of all cohorts old enough, those that left with them. lifetime_without: of each at most what it began with, so
        the difference is its growth. Misuse as `economics`.
        """
        from rollforward.answers import economics

        self._lacks(asked, "start", "end")
        return self._each(asked, lambda build, question: economics.lifetime(build, question, margin))

    def pricing(self, view: str = "moves", **asked: Unpack[Question]) -> Table:
        """Where prices and packages may fail; shares are fractions.

        moves: changes between two plans (start, end: of which time): how many, of how many accounts, the MRR that
        they moved, in the last 90 and 365 days, accounts that did it again, and the median of the largest
        share of a limit used in the month before.
        watch: pairs of plans down which accounts went: how many in the last 60 days, how many the year before would
        lead one to expect, and the most that is still usual; more is an alarm (once in 100 looks by chance, for all
        pairs together). rerated: each account with one plan on every one that it could have instead, by its use in the
        last 3 to 12 whole months: the cheapest that would have done each month, what it pays above that (regret),
        months that used up a limit, the share of its limits that it did not use. limit, skip: which of them.
        limits: what share of each plan's limits its accounts use now: median, part below 20 %,
        from 80 %, above 100 %; `fit` says whether it binds nobody (at most 2 % near it), some, or most (60 % or more).
        steps: the list price of each tier beside that of the next one that is sold. requests: what events of kind
        request ask for, each account once in each currency. add_ons: who has them, among the quarter that pays most
        and among others.

        Misuse `unknown-option`, `no-cut-here`, and what every question raises.
        """
        from rollforward.answers import pricing

        if view != "moves":
            self._lacks(asked, "start", "end")
        return self._each(asked, lambda build, question: pricing.pricing(build, question, view))

    def benchmarks(
        self, metric: str = "", like: Sequence[str] = (), file: str | os.PathLike[str] = "", is_all: bool = False,
        **asked: Unpack[Question],
    ) -> Table:  # fmt: skip
        """Published figures beside one's own, each with publisher, year, sample and population.

        Without `like`: those of all companies, and of the bands of ARR, contract value and ARPA (in USD) that one's
        own figures are in. like: only these, `model=B2B SaaS`, `pricing=seat-based`, …; is_all: every row. file: a CSV
        with further rows, in the columns of `published.COLUMNS`. One's own figures are of the twelve months that end
        with the last whole month. standing: above, inside or below by one's own 95 % interval; not compared: another
        year (more than one apart), another definition, or no own figure.

        Misuse `unknown-option`, `bad-where`, `cannot-read-benchmarks`, `no-cut-here`, and what every question raises.
        """
        from rollforward.answers import benchmarks

        with self._facts.tried():
            peers = benchmarks.Peers(metric, benchmarks.likes(like), os.fspath(file), is_all)
        return self._each(asked, lambda build, question: benchmarks.benchmarks(build, question, peers))

    def voice(self, view: str = "coverage", landmark: int = 30, **asked: Unpack[Question]) -> Table:
        """Who looks after accounts, how they begin, what they say, how much they use; shares are fractions.

        coverage: by owner, accounts and MRR, those with a touch in the last 90 days, tickets, median days since one.
        milestones: from the first MRR, the share that had reached it within 7, 30 and 90 days (cumulative incidence;
        leaving before is the other end) and the median. landmark: of accounts that still pay `landmark` days after
        their first MRR, the share that stays 3, 6 and 12 months longer, by whether they had reached the milestone by
        that day; who left before is in neither group, so none is immortal. themes: what tickets, feedback, surveys and
        requests are about, each account once: present MRR, days to an outcome, and the share that left within 180
        days, of those that said so 180 days ago or longer. adoption: features used lately, by how long one has paid.
        community: accounts that had an event of kind community within the 180 days before a fixed day, 180 days ago,
        beside the nearest in MRR of those that had none, of the same currency, plan tier and time as a customer: the
        share that stayed, and that pays more, with the 95 % interval of the difference of pairs; nothing is compared
        under 20 pairs, where under half found a match, or where groups are more than 0.25 deviations apart. alike: how
        far apart they were before and after, also in growth and touches, which are not matched on.
        Things that go together; none says what causes what. Misuse `unknown-option`, `no-cut-here`.
        """
        from rollforward.answers import voice

        self._lacks(asked, "start", "end")
        return self._each(asked, lambda build, question: voice.voice(build, question, view, landmark))

    def plan(self, target: float, split: str = "", **asked: Unpack[Question]) -> Table:
        """What NDR of `target` (1.1 is 110 %) over twelve months asks of expansion, contraction and churn.

        now: each as a share of opening MRR over the last twelve whole months; if_alone: what it would have to be if
        only it changed, empty where that cannot be; planned: with its part of the gap, so that the three make it.
        split: `churn=2,expansion=1`, else by size. Misuse `unknown-option`, `no-split-here`, and what all raise.
        """
        from rollforward.answers import plan

        with self._facts.tried():
            weights = plan.weights(split)
        return self._each(asked, lambda build, question: plan.plan(build, question, target, weights))

    def plays(self, told: str, **asked: Unpack[Question]) -> Table:
        """Plays ranked by the MRR of a year that they are expected to keep or win for each 1 of cost.

        told: CSV text with play, lever (expansion, contraction, churn), reach (share of MRR it reaches), effect_low and
        effect_high (share of the lever's amount there that it adds or spares) and cost (a year's, major units).
        Misuse `plays-without-costs`, `bad-play`, `no-split-here`, and what every question raises.
        """
        from rollforward.answers import plan

        with self._facts.tried():
            listed = plan.read(told)
        return self._each(asked, lambda build, question: plan.plays(build, question, listed))

    def findings(self, **asked: Unpack[Question]) -> Table:
        """What stands out over the last twelve months, ranked by MRR at stake, each with a sentence in both languages.

        Groups whose NDR has a 95 % interval without the NDR of all accounts; what losses are made of (a tenth or more);
        whether the tenth of expanding accounts that grew most made half of it; whether accounts that shrank or grew in
        one half-year left more or less in the next than the others; expansion that discounts bought; pairs of plans
        with 20 downgrades in a year. asked_by: the command that shows it. Groups under 20 accounts are none.
        Misuse `no-cut-here`.
        """
        from rollforward.answers import findings

        self._lacks(asked, "start", "end")
        return self._each(asked, findings.findings)

    def unsustainable(
        self, split: str = "", deep: float = 0.2, watch: int = 90, **asked: Unpack[Question]
    ) -> Table:  # fmt: skip
        """Expansions under a discount deeper than `deep` or with an offer that ended within `watch` days.

        made: expansions with `watch` days behind them; later_cost: the MRR that their end took, of the expansion and of
        what the account had paid before. watched: those still inside the watch. Misuse as `durability`.
        """
        from rollforward.answers import durability

        return self._each(asked, lambda build, question: durability.unsustainable(build, question, split, deep, watch))

    def uplifts(
        self, state: str = "all", split: str = "", part: str | None = None, deep: float = 0.2, watch: int = 90,
        **asked: Unpack[Question],
    ) -> Table:  # fmt: skip
        """Expansions one by one, the latest first.

        state: all, held, ended, watched (within `watch` days) or unsustainable.
        part: only those of this value of `split`. limit, skip: which of them. Misuse as `durability`.
        """
        from rollforward.answers import durability

        return self._each(
            asked,
            lambda build, question: durability.uplifts(build, question, state, split, part, deep, watch),
        )
