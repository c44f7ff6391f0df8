"""Netting windows of an account (definitions.md section 4, decision 0009.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from reference.policy import Policy

Changes = dict[tuple[str, date], datetime]
"""(account, local day) -> its first change of that day."""


@dataclass(frozen=True, order=True)
class Window:
    """[start, end) in local time; a movement in it has the date on which it begins."""

    start: datetime
    end: datetime

    @property
    def on_date(self) -> date:
        return self.start.date()


def first_changes(moments: Iterable[tuple[str, datetime]]) -> Changes:
    """From (account, moment) of all changes."""
    first: Changes = {}
    for account, at in moments:
        first[account, at.date()] = min(at, first.get((account, at.date()), at))
    return first


def window(policy: Policy, account: str, at: datetime, first: Changes) -> Window:
    """The window of `account` that holds `at`; a day on which no MRR changes has its windows from `at` on."""
    midnight = datetime.combine(at.date(), time.min)
    if policy.netting == "second":
        start = at.replace(microsecond=0)
        return Window(start, start + timedelta(seconds=1))
    if policy.netting == "day":
        return Window(midnight, midnight + timedelta(days=1))
    if policy.netting == "month":
        start = midnight.replace(day=1)
        return Window(start, (start + timedelta(days=32)).replace(day=1))
    length = timedelta(minutes=int(policy.netting.removeprefix("minutes:")))
    anchor = first.get((account, at.date()), at)
    start = anchor + (at - anchor) // length * length
    return Window(max(start, midnight), min(start + length, midnight + timedelta(days=1)))
