"""Comparing a store's figures with those of another time, policy or tool, as a part of `api.Store` (decision 0014)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Unpack

from rollforward.answers import policies
from rollforward.answers.asking import Question
from rollforward.answers.table import Table
from rollforward.build import Build
from rollforward.errors import Misuse
from rollforward.part import Part
from rollforward.policy import Policy

_POLICY = "policy:"


class Comparing(Part):
    """What a store says of numbers that are not its own."""

    def reconcile(
        self,
        against: str | os.PathLike[str],
        measure: str = "mrr",
        profile: str | None = None,
        mapping: str | os.PathLike[str] | None = None,
        **asked: Unpack[Question],
    ) -> Table:
        """Each difference to `policy:NAME` or to a file of another tool, with its reasons; they sum to it exactly.

        by: `account` (default; a row for each reason of an account and month) or `period` (all accounts, with how many
        have the reason). measure: mrr (at each month's end) or a movement. A file holds monthly MRR per account, change
        rows or a roll-forward; `profile` is the policy by whose rules it was made, `mapping` says what its headers
        mean. Months only, each currency for itself; difference = ours − theirs.

        Misuse: `unknown-option`, what reading the file raises, `several-rows-a-month`, `nothing-to-compare`.
        """
        from rollforward.answers import reconcile

        with self._facts.tried():
            by = asked.pop("by", "account")
            reconcile.check(by, measure)
            if cut := next((name for name in ("segment", "where") if asked.get(name)), ""):
                raise Misuse("unknown-option", option=cut, value=str(asked.get(cut)), known="start, end, currency")
            name = str(against).removeprefix(_POLICY) if str(against).startswith(_POLICY) else ""
            rules = policies.find(self._facts, name or profile or "") if name or profile else None
            build, question = self._ask(asked)

        def make(rules: Policy, basis: str = "restated") -> Build:
            return self._new_build(rules, build.as_of, build.scheduled, basis)

        other = make(rules, build.basis) if rules else None
        if name and other:
            found = reconcile.with_policy(build, other, question, by, measure, make)
        else:
            place = Path(mapping) if mapping else None
            found = reconcile.with_file(build, Path(against), place, question, by, measure, other, make)
        return self._sound(build, found)

    def bridge(
        self, window: int = 12, view: str = "segments", part: str | None = None, of: str | None = None,
        **asked: Unpack[Question],
    ) -> Table:  # fmt: skip
        """What moved NDR between the windows that end with the periods `start` and `end`.

        By default the last complete month and the one `window` months before. segments (needs `segment`): rate and mix
        of each, which add up, with 95 % percentile limits over accounts drawn again; none under 20 accounts.
        accounts: what each one gave, the largest first, which adds up too, also to rate + mix of its segment;
        net_share of the difference, moved_share of all that was moved up and down. part: only of this value of
        `segment`. of: only this one of several currencies. concentration: NDR of both windows without the accounts
        that moved it most. A remark says where few accounts carry the difference.

        Misuse `unknown-option`, `bridge-needs-segment`, `no-such-window`, and what every question raises.
        """
        from rollforward.answers import bridge

        return self._each(asked, lambda build, question: bridge.bridge(build, question, window, view, part, of))
