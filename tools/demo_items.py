"""Draws, discounts, and items as stretches that touch: the parts of which demo_accounts.py makes a life."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

import demo_catalogue as cat

T = TypeVar("T")


class Draw:
    """Random draws made of `random.random()` alone, the one stream that Python keeps equal between releases."""

    def __init__(self, seed: str) -> None:
        self.unit = random.Random(seed).random

    def chance(self, p: float) -> bool:
        """True with probability p."""
        return self.unit() < p

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return low + int(self.unit() * (high - low + 1))

    def real(self, low: float, high: float) -> float:
        """A real number in [low, high)."""
        return low + self.unit() * (high - low)

    def normal(self) -> float:
        """About a standard normal: a sum of twelve uniforms is the same on every machine."""
        return sum(self.unit() for _ in range(12)) - 6

    def one(self, options: Iterable[T]) -> T:
        """One of the options."""
        return (chosen := tuple(options))[self.between(0, len(chosen) - 1)]

    def weighted(self, options: Iterable[tuple[T, float]]) -> T:
        """One of the options by weight."""
        pairs = list(options)
        left = self.unit() * sum(weight for _, weight in pairs)
        for option, weight in pairs:
            left -= weight
            if left < 0:
                return option
        return pairs[-1][0]


def add_months(day: date, months: int) -> date:
    """The same day so many months later; days are at most 28 here."""
    at = day.year * 12 + day.month - 1 + months
    return day.replace(year=at // 12, month=at % 12 + 1, day=min(day.day, 28))


@dataclass(frozen=True)
class Discount:
    """Percent or cents off, until the first day without it (None = forever)."""

    kind: str
    percent: int = 0
    cents: int = 0
    until: date | None = None

    def over(self, day: date) -> bool:
        """That day is no longer discounted."""
        return self.until is not None and self.until <= day


def welcome(draw: Draw, tier: int, day: date, interval: str) -> Discount | None:
    """What a new account gets off: Enterprise bargains for ever, some of the others get a welcome offer."""
    year = interval == "year"
    if tier == 3:
        return Discount("forever", draw.one((5, 8, 10, 15))) if draw.chance(0.3) else None
    if draw.chance(0.05):
        return Discount("once", 50, 0, add_months(day, 12 if year else 1))
    if tier and draw.chance(0.05):
        return Discount("repeating", 20, 0, add_months(day, 12 if year else 6))
    if tier and draw.chance(0.04):
        return Discount("forever", 0, draw.one((1000, 1500, 2500)) * (10 if year else 1))
    return None


@dataclass
class Stretch:
    """One item over [start, end); end None = open."""

    start: date
    plan: cat.Plan
    quantity: int
    status: str = "active"
    discount: Discount | None = None
    end: date | None = None
    first_paid: date | None = None
    requested: date | None = None
    paid_through: date | None = None
    reason: str = ""


@dataclass
class Item:
    """One recurring line: stretches that touch, oldest first."""

    subscription: str
    item_id: str
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def now(self) -> Stretch:
        """The latest stretch."""
        return self.stretches[-1]

    @property
    def live(self) -> bool:
        """It has not ended."""
        return bool(self.stretches) and self.now.end is None

    def change(self, day: date, **new: Any) -> None:
        """From that day on the item is different; on its very first day it always was."""
        last = self.now
        following = replace(last, start=day, **new)
        if following.discount and following.discount.over(day):
            following.discount = None
        if replace(following, start=last.start) == last:
            return
        if last.start < day:
            last.end = day
            self.stretches.append(following)
        else:
            self.stretches[-1] = following

    def finish(self, day: date, requested: date | None = None, paid: date | None = None, reason: str = "") -> None:
        """The item ends; a stretch that would have begun that day never was."""
        if self.now.start >= day:
            self.stretches.pop()
        if self.stretches:
            self.now.end, self.now.reason, self.now.paid_through = day, reason, paid
            self.now.requested = max(requested, self.now.start) if requested else None
