"""What is coming, as a part of `api.Store`: signals and how right they were, scores, headroom, what is bought next."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from rollforward import signals as rules
from rollforward.answers import headroom, looking, risks, signals
from rollforward.answers.asking import Question
from rollforward.answers.signals import Chosen
from rollforward.answers.table import Table
from rollforward.errors import Misuse
from rollforward.part import Part
from rollforward.text.signals import KINDS

if TYPE_CHECKING:
    from rollforward.answers.figures import Asked
    from rollforward.build import Build
    from rollforward.state import Actor


class Foreseeing(Part):
    """What a store says of what its accounts will do."""

    def signals(
        self,
        kind: str | Sequence[str] = (),
        account: str = "",
        owner: str | None = None,
        is_all: bool = False,
        by_rules: str | os.PathLike[str] | None = None,
        **asked: Unpack[Question],
    ) -> Table:
        """Every reason to talk to an account that stands at the last day known: a row an account, signal and subject.

        kind: only these (names, or `a,b`); those that are switched off are told only if named, or with `is_all`.
        account, owner: only theirs. by_rules: a TOML file with what signals need to be on, instead of the store's own.
        Of the question policy, as_of, basis, currency, where, minor, limit and skip; money among the evidence is in
        major units of `paid_in`. Misuse: `unknown-option`, `unknown-account`, `bad-rules`, and what questions raise.
        """
        build, question = self._signalling(by_rules, asked)
        return self._sound(build, signals.signals(build, question, self._chosen(kind, account, owner, is_all)))

    def signal_kinds(
        self, owner: str | None = None, by_rules: str | os.PathLike[str] | None = None, **asked: Unpack[Question]
    ) -> Table:
        """By signal and currency: how many accounts show it, and their MRR; also of those that are switched off."""
        build, question = self._signalling(by_rules, asked)
        return self._sound(build, signals.summary(build, question, self._chosen((), "", owner, True)))

    def backtest(
        self, months: int = looking.MONTHS, by_rules: str | os.PathLike[str] | None = None, **asked: Unpack[Question]
    ) -> Table:
        """How right each signal was: looks at the last `months` month ends, held against the 90 days that followed.

        A look is what was recorded by then; looks are kept in the store's folder. base_rate: share of accounts seen for
        which it came true; peer_rate: that of accounts on the same tiers; precision: of those that showed the signal;
        recall: share of what came true that was shown; lift: precision ÷ peer_rate with 95 % limits. Of the question
        policy, basis and progress. Misuse: `no-history` where the past was not recorded, `bad-rules`, and what
        questions raise.
        """
        build, question = self._signalling(by_rules, asked)
        return self._sound(build, looking.backtest(build, self._at(build), question, self._off(), months))

    def risks(
        self,
        target: str = "churn",
        account: str = "",
        anyway: bool = False,
        by_rules: str | os.PathLike[str] | None = None,
        **asked: Unpack[Question],
    ) -> Table:
        """The chance of each account that pays to shrink or churn, or with target `expansion` to expand, in 90 days.

        A row an account and currency, the most MRR at stake (`mrr_likely` = MRR x probability) first; with the three
        features that move it most against accounts on its tier. Learnt from looks at up to 24 past month ends and kept
        beside the built tables. Where the test was no better than chance there are no rows unless `anyway`.

        Of the question policy, as_of, basis, currency, where, minor, limit, skip and progress. Misuse: `no-history`,
        `score-thin`, `missing-extra` (scikit-learn), `unknown-option`, `unknown-account`, `bad-rules`.
        """
        build, question = self._signalling(by_rules, asked)
        return self._sound(build, risks.risks(build, self._at(build), question, target, account, anyway))

    def score_report(
        self,
        target: str = "churn",
        part: str = "methods",
        by_rules: str | os.PathLike[str] | None = None,
        **asked: Unpack[Question],
    ) -> Table:
        """How good the scores of `risks` were on the latest looks, which they had not learnt from.

        part `methods`: a row each for the model, a logistic regression, the naive rule (past rate by billing interval
        and whether it renews within 90 days) and the constant; `deciles`: what was told and what came, by tenth of the
        score. Question and errors as `risks`.
        """
        if part not in ("methods", "deciles"):
            raise Misuse("unknown-option", option="part", value=part, known="methods, deciles")
        build, question = self._signalling(by_rules, asked)
        return self._sound(build, risks.report(build, self._at(build), question, target, part))

    def _at(self, build: Build) -> Callable[[datetime], Build]:
        return lambda moment: self._new_build(build.policy, moment, basis=build.basis)

    def headroom(self, account: str = "", ceiling: bool = False, **asked: Unpack[Question]) -> Table:
        """How much MRR each account that pays could still add: the tier next to its own, add-ons and products it lacks.

        At list price in its own quantity (add-ons and products: the usual one), less the percent discounts it has now;
        top_tier: by the highest tier instead of the next. Nothing retired (not sold in the last 12 months) or billed by
        use is in it. ceiling: only accounts without any step left. Of the question policy, as_of, basis, currency,
        where, minor, limit and skip. Misuse: `unknown-account`, and what questions raise.
        """
        build, question = self._signalling(None, asked)
        return self._sound(build, headroom.headroom(build, question, account, ceiling))

    def headroom_options(self, account: str = "", **asked: Unpack[Question]) -> Table:
        """The single steps behind `headroom`, in the currency that each account pays; question and errors as there."""
        build, question = self._signalling(None, asked)
        return self._sound(build, headroom.options(build, question, account))

    def cross_sell(
        self, account: str = "", by_rules: str | os.PathLike[str] | None = None, **asked: Unpack[Question]
    ) -> Table:
        """What accounts like each one add next, of what it lacks and can be offered; question and errors as `headroom`.

        trait: what it has in common with them; accounts: how many had that and lacked what is offered when the `days`
        began; added: of them, those that added it since; share: added / accounts; base_share: the same of all that
        lacked it; lift: share ÷ base_share, with 95 % limits. Nothing rests on fewer than 20 accounts.
        """
        build, question = self._signalling(by_rules, asked)
        return self._sound(build, headroom.cross_sell(build, question, account))

    def headroom_total(self, **asked: Unpack[Question]) -> Table:
        """All headroom by currency, how many accounts have none, and their share of MRR; question as `headroom`."""
        build, question = self._signalling(None, asked)
        return self._sound(build, headroom.total(build, question))

    def switch_by(self, tested: Table, by: Actor) -> list[str]:
        """Switches off what a backtest showed at least once and did not find better than chance, and on what it did."""
        records = tested.to_dicts()
        told = {str(r["signal"]): r["verdict"] for r in records}
        known = {str(r["signal"]): r["precision"] for r in records if r["precision"] is not None and not r["is_small"]}
        self.state.settings.set_store(by, signal_precision=json.dumps(known))
        off = [k for k, verdict in told.items() if verdict in ("worse", "cannot tell")]
        return self.switch_signals(by, off, [k for k, verdict in told.items() if verdict == "better"])

    def switch_signals(self, by: Actor, off: Sequence[str] = (), on: Sequence[str] = ()) -> list[str]:
        """Switches signals off and on for everybody; those that are off from then on. Misuse `unknown-option`."""
        if unknown := next((k for k in (*off, *on) if k not in KINDS), ""):
            raise Misuse("unknown-option", option="--off", value=unknown, known=", ".join(KINDS))
        kept = (set(self._off()) | set(off)) - set(on)
        told = [k for k in KINDS if k in kept]
        self.state.settings.set_store(by, signals_off=" ".join(told))
        return told

    def signal_rules(self) -> rules.Rules:
        """What signals need to be on for everybody: as kept, else as shipped."""
        own = self.state.settings.store().signal_rules
        return rules.parsed(own, "signal_rules") if own else rules.shipped()

    def keep_signal_rules(self, text: str, by: Actor) -> None:
        """Keeps what signals need to be on, as TOML, for everybody; '' = as shipped. Misuse `bad-rules`."""
        if text:
            rules.parsed(text, "signal_rules")
        self.state.settings.set_store(by, signal_rules=text)

    def _off(self) -> list[str]:
        return self.state.settings.store().signals_off.split()

    def _chosen(self, kind: str | Sequence[str], account: str, owner: str | None, is_all: bool) -> Chosen:
        kinds = kind.split(",") if isinstance(kind, str) else kind
        return Chosen(tuple(k for k in kinds if k), account, owner, frozenset(self._off()), is_all)

    def _signalling(self, by_rules: str | os.PathLike[str] | None, asked: Question) -> tuple[Build, Asked]:
        """The Build by the rules in force, and the question without what signals have none of."""
        self._lacks(asked, "segment", "start", "end")
        build, question = self._ask(asked)
        build.signals.by(rules.read(Path(by_rules)) if by_rules else self.signal_rules())
        return build, question

    def forecast(self, months: int = 12, **asked: Unpack[Question]) -> Table:
        """MRR of the months ahead by movement, one row a month; opening + movements = closing.

        closing_low, closing_high: 80 % of 2,000 paths lie between. Losses, expansion and reactivation are drawn as
        shares of MRR from the last 24 months, new MRR as an amount with a fading trend; no movement is smaller than
        what is `recorded` to take effect already. renewing: MRR whose contract ends in the month. Under 12 complete
        months the last value stands (`method` naive), without an interval.

        Misuse `unknown-option`, `no-split-here`, and what every question raises.
        """
        from rollforward.answers import forecast

        self._lacks(asked, "start", "end")
        return self._each(asked, lambda build, question: forecast.forecast(build, question, months))

    def forecast_scores(self, **asked: Unpack[Question]) -> Table:
        """What forecasts made at each past month would have missed by, after 1, 3, 6 and 12 months.

        forecast_by: movements (ours), naive (the last value), drift (the mean change of twelve months). mape: mean
        error as a share of MRR; mase: against the naive one's, below 1 is better; covered: how often the 80 % interval
        held. What was recorded ahead is not known of past months and is left out. Misuse as `forecast`.
        """
        from rollforward.answers import forecast

        self._lacks(asked, "start", "end")
        return self._each(asked, forecast.scores)
