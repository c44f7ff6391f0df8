"""The rate of every day (docs/decisions/0010): which published rate a day takes, as runs of days with one rate.

Comes in: published rates by currency, a policy's rule. Goes out: runs of days. A rate here is an integer: 10^-10 minor
units of the reporting currency for one minor unit of the other. Knows no store and no SQL.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from rollforward.money import exponent
from rollforward.periods import add_months

SCALE = 10**10
"""Parts of a minor unit in which converted money is counted."""

DAYS = 7
"""A day without a rate takes the last one within this many days."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """Which rate a day takes: `mode` month_end, daily, constant (of the day `on`) or at_change; the last day known."""

    mode: str
    on: date
    lag: int
    today: date


@dataclass(frozen=True)
class Run:
    """Days `first` to `last` of one currency that have the same rate; 0 and not known where none was published."""

    currency: str
    first: date
    last: date
    rate: int
    known: bool


def in_minor(rate: Decimal, currency: str, to: str) -> int:
    """A published rate (units of `to` for one unit of `currency`) in 10^-10 minor units, rounded half up.

    >>> in_minor(Decimal("0.0067"), "JPY", "USD")
    6700000000
    """
    exact = rate.scaleb(exponent(to) - exponent(currency) + 10)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def runs(currency: str, published: Sequence[tuple[date, int]], rule: Rule, first: date, last: date) -> Iterator[Run]:
    """The rates of the days `first` to `last`, in order without a hole; `published` in order of days."""
    begun, held = first, _of_day(published, rule, first)
    day = first
    while day < last:
        day += _DAY
        if rule.mode == "month_end" and day.day != 1 and day <= last:
            continue
        if rule.mode == "constant":
            break
        found = _of_day(published, rule, day)
        if found != held:
            yield Run(currency, begun, day - _DAY, held or 0, held is not None)
            begun, held = day, found
    yield Run(currency, begun, last, held or 0, held is not None)


def after(kept: Sequence[Run], runs: Sequence[Run]) -> list[Run]:
    """The runs `kept`, in order, in place of what `runs` say of their days; what lies outside them stays."""
    found = list(kept)
    for run in runs:
        parts = [run]
        for k in kept:
            parts = [
                replace(p, first=first, last=last)
                for p in parts
                for first, last in ((p.first, min(p.last, k.first - _DAY)), (max(p.first, k.last + _DAY), p.last))
                if first <= last
            ]
        found += parts
    return sorted(found, key=lambda r: r.first)


def _of_day(published: Sequence[tuple[date, int]], rule: Rule, day: date) -> int | None:
    if rule.mode == "constant":
        return _last(published, rule.on - rule.lag * _DAY, DAYS)
    if rule.mode == "month_end":
        end = add_months(day.replace(day=1), 1) - _DAY
        if end <= rule.today:
            return _last(published, end - rule.lag * _DAY, DAYS)
        # While a month runs: the latest known, which may be the one that the month before has.
        before = rule.today.replace(day=1) - _DAY
        return _last(published, rule.today - rule.lag * _DAY, (rule.today - before).days + DAYS)
    return _last(published, min(day, rule.today) - rule.lag * _DAY, DAYS)


def _last(published: Sequence[tuple[date, int]], day: date, within: int) -> int | None:
    """The last rate published by `day`, if no more than `within` days before it."""
    at = bisect_right(published, day, key=lambda p: p[0]) - 1
    if at < 0 or (day - published[at][0]).days > within:
        return None
    return published[at][1]
