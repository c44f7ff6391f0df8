"""Keeping the past, as a part of `api.Store`: close, reopen, closings, restatements (decision 0012)."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from rollforward.answers import asking, close, policies
from rollforward.answers.asking import Progress, Question
from rollforward.answers.close import Closed
from rollforward.answers.table import Table
from rollforward.part import Part


class Past(Part):
    """What a store does with periods that are over."""

    def close(self, period: str, policy: str = "default", progress: Progress | None = None) -> Closed:
        """Close a period that is over, and the open ones before it: from now on it is read back as it is now.

        Misuse `period-not-over`; DoesNotTie `close-unsound`. Closed already: nothing is written.
        """
        rules = policies.find(self._facts, policy)
        end = rules.calendar.parse(period)[1]
        return close.close(self._facts, lambda: self._ask(Question(), rules=rules)[0], end, period, progress)

    def reopen(self, period: str, policy: str = "default") -> Closed:
        """Make the days of a closed period, and all after it, open again. Misuse `not-closed`."""
        rules = policies.find(self._facts, policy)
        start = rules.calendar.parse(period)[0]
        return close.reopen(self._facts, lambda: self._ask(Question(), rules=rules)[0], start, period)

    def closings(self) -> Table:
        """Every close and reopen, oldest first."""
        return close.closed_periods(self._facts)

    def restatements(self, since: str | datetime | None = None, **asked: Unpack[Question]) -> Table:
        """Where closed periods differ from what is known now, per account, with the cause and its source."""
        return self._each(
            asked, lambda build, question: close.restatements(build, question, asking.moment(since, "--since"))
        )
