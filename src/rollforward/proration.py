"""Parts of a billing period to the day: where it begins and ends, and what a number of its days costs.

Comes in: days, intervals as `count * 10 + unit` (1 day, 2 week, 3 month, 4 year), minor units. Goes out: days and whole
minor units; each part is rounded half up once, and what is left of a period is the whole less what is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from rollforward.periods import add_months

_DAYS = {1: 1, 2: 7}
_MONTHS = {3: 1, 4: 12}
_WHOLE = 10**12
"""Shares left by discounts are in 10^-12."""


@dataclass(frozen=True)
class Span:
    """A billing period `[start, end)`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def left(self, on: date) -> int:
        """Days from `on` to its end, that day included."""
        return (self.end - on).days


def after(anchor: date, per: int, times: int) -> date:
    """The day `times` intervals after `anchor`; months end where a month has no such day, and go back to it after."""
    count, unit = divmod(per, 10)
    if unit in _DAYS:
        return anchor + timedelta(days=count * _DAYS[unit] * times)
    return add_months(anchor, count * _MONTHS[unit] * times)


def period(anchor: date, per: int, on: date) -> Span:
    """The period that holds `on`, of those that follow each other from `anchor` (and lie before it)."""
    count, unit = divmod(per, 10)
    days = count * (_DAYS.get(unit) or 30 * _MONTHS[unit])
    times = (on - anchor).days // days
    while after(anchor, per, times) > on:
        times -= 1
    while after(anchor, per, times + 1) <= on:
        times += 1
    return Span(after(anchor, per, times), after(anchor, per, times + 1))


@dataclass(frozen=True)
class Price:
    """What is paid for an interval: list amount and amount discount in minor units; `kept` by percent discounts in
    10^-12, both until `until` (None: without end); from it on `then` is paid (None: the list amount), where another
    discount goes on."""

    amount: int
    kept: int = _WHOLE
    cut: int = 0
    until: date | None = None
    then: Price | None = None

    def exact(self, is_reduced: bool = True) -> Fraction:
        """For an interval, under the discount or without it; never below 0."""
        if not is_reduced:
            return Fraction(self.amount)
        return max(Fraction(self.amount * self.kept, _WHOLE) - self.cut, Fraction(0))

    def on(self, day: date) -> Price:
        """What is left of it on a day: the list amount where all discounts have ended by then."""
        return self.following().on(day) if self.until is not None and self.until <= day else self

    def following(self) -> Price:
        """What is paid from `until` on."""
        return self.then or Price(self.amount)

    def last(self) -> Price:
        """What is paid when all that ends has ended."""
        return self if self.until is None else self.following().last()

    def of_days(self, start: date, end: date, whole: Span) -> int:
        """What the days `[start, end)` of a period cost, minor units: by the day, the discount as far as it goes."""
        return half_up(self._times_days(start, end) / whole.days)

    def _times_days(self, start: date, end: date) -> Fraction:
        if self.until is None or self.until >= end:
            return self.exact() * (end - start).days
        turn = max(self.until, start)
        return self.exact() * (turn - start).days + self.following()._times_days(turn, end)


def half_up(amount: Fraction) -> int:
    """A whole number, half away from zero."""
    size = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return -size if amount < 0 else size
