"""What a play did: those who could be offered it beside those held out, however often somebody looks.

Comes in: hits and numbers, or amounts, of both groups, by the share that was held out when they were drawn. Goes out:
differences with limits that hold at every look at once, what they say of several plays together, and how many more it
takes. The shares' limits are Newcombe's (1998, method 10), with the normal quantile of one look replaced by the
boundary of Robbins' normal mixture (1970; as an always-valid interval: Johari et al. 2022, Waudby-Smith et al. 2024).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rollforward.stats.proportion import interval

ALPHA = 0.05
"""Chance that the limits are ever wrong, all looks together."""

LEAST = 20
"""Accounts below which, in either group, nothing is told."""

TUNED = 1_000
"""Accounts at which the mixture is narrowest; elsewhere it is hardly wider."""

POWER = 0.841621233572914
"""Normal quantile of 80 %: the chance to see a difference that is there."""

FARTHEST = 10**7
"""Accounts above which nobody is told to wait for them."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Of those drawn while one share was held out: how many, and how many with the outcome; parts where expected."""

    treated: float
    treated_hits: float
    held: float
    held_hits: float


@dataclass(frozen=True)
class Effect:
    """Means (or shares) of both groups, their difference with limits, and how likely so large a one is by chance, at
    the worst of all looks. accounts: in both groups."""

    treated: float
    held: float
    difference: float
    low: float
    high: float
    chance: float
    accounts: int


def boundary(accounts: int, alpha: float = ALPHA) -> float:
    """Standard errors within which a difference that is none stays at every look, but for `alpha`."""
    known = _known(accounts)
    return math.sqrt(2 * (known + 1) / known * math.log(math.sqrt(known + 1) / alpha))


def chance(errors: float, accounts: int) -> float:
    """The always-valid p-value of a difference of so many standard errors: `boundary` turned round."""
    known = _known(accounts)
    return min(1.0, math.sqrt(known + 1) * math.exp(-errors * errors * known / (2 * (known + 1))))


def _known(accounts: int) -> float:
    """The information gathered, in units of the mixture's variance, which is tuned to be narrowest at TUNED."""
    log = -2 * math.log(ALPHA)
    return max(accounts, 1) * (log + math.log(log) + 1) / TUNED


def shares(drawn: Sequence[Counts], z: float | None = None) -> Effect | None:
    """The difference of two shares; None where a group is empty. Those drawn under another share are apart and weigh
    by their number; their limits are put together as Newcombe puts those of two shares (Zou and Donner 2008).

    z: quantile of the limits; None: the boundary of all looks.
    """
    both = [c for c in drawn if c.treated and c.held]
    total = round(sum(c.treated + c.held for c in both))
    if not both:
        return None
    weights = [(c.treated + c.held) / total for c in both]
    mine = sum(w * c.treated_hits / c.treated for w, c in zip(weights, both, strict=True))
    other = sum(w * c.held_hits / c.held for w, c in zip(weights, both, strict=True))
    low, high = _limits(both, boundary(total) if z is None else z)
    return Effect(mine, other, mine - other, low, high, chance(_errors(both), total), total)


def _limits(both: Sequence[Counts], z: float) -> tuple[float, float]:
    total = sum(c.treated + c.held for c in both)
    middle = below = above = 0.0
    for c in both:
        weight = (c.treated + c.held) / total
        p, q = c.treated_hits / c.treated, c.held_hits / c.held
        p_low, p_high = interval(c.treated_hits, c.treated, z)
        q_low, q_high = interval(c.held_hits, c.held, z)
        middle += weight * (p - q)
        below += weight**2 * ((p - p_low) ** 2 + (q_high - q) ** 2)
        above += weight**2 * ((p_high - p) ** 2 + (q - q_low) ** 2)
    return middle - math.sqrt(below), middle + math.sqrt(above)


def _errors(both: Sequence[Counts]) -> float:
    """How many standard errors a difference is away from none: where its limits reach 0."""
    near, far = 0.0, 40.0
    for _ in range(40):
        middle = (near + far) / 2
        low, high = _limits(both, middle)
        near, far = (middle, far) if low > 0 or high < 0 else (near, middle)
    return near


def means(drawn: Sequence[tuple[Floats, Floats]], z: float | None = None) -> Effect | None:
    """The difference of two means, of (treated, held) amounts as `shares` of counts; None under two in a group.

    Welch's standard error; a group's variance counts as at least that of both together, as in a small group without
    the rare large amounts it would be far too small.
    """
    both = [(t, h) for t, h in drawn if len(t) > 1 and len(h) > 1]
    total = sum(len(t) + len(h) for t, h in both)
    if not both:
        return None
    mine = other = variance = 0.0
    for t, h in both:
        weight, pooled = (len(t) + len(h)) / total, float(np.concatenate([t, h]).var(ddof=1))
        mine, other = mine + weight * float(t.mean()), other + weight * float(h.mean())
        variance += weight**2 * sum(max(float(x.var(ddof=1)), pooled) / len(x) for x in (t, h))
    reach = math.sqrt(variance)
    errors = abs(mine - other) / reach if reach else 0.0
    wide = reach * (boundary(total) if z is None else z)
    return Effect(mine, other, mine - other, mine - other - wide, mine - other + wide, chance(errors, total), total)


def holm(chances: Sequence[float], alpha: float = ALPHA) -> list[bool]:
    """Which of several differences stand, so that none of them is by chance but for `alpha` (Holm 1979)."""
    stands, is_over = [False] * len(chances), False
    for nth, at in enumerate(sorted(range(len(chances)), key=lambda n: chances[n])):
        is_over = is_over or chances[at] > alpha / (len(chances) - nth)
        stands[at] = not is_over
    return stands


def needed(effect: Effect, treated: int, held: int, judged: int = 1) -> int | None:
    """How many more accounts would show the difference seen with a chance of 80 %, drawn as until now; None where
    there is none, or ten million are too few. judged: plays looked at together. A difference that was seen in few
    accounts is often too large, so the number is rather too small.
    """
    if not effect.difference:
        return None
    # a share of none or all counts as half an account away from it: it is not certain
    p, q = (min(max(s, 0.5 / n), 1 - 0.5 / n) for s, n in ((effect.treated, treated), (effect.held, held)))
    low, high = effect.accounts, effect.accounts

    def is_enough(n: int) -> bool:
        mine, other = n * treated / (treated + held), n * held / (treated + held)
        return _errors([Counts(mine, p * mine, other, q * other)]) >= boundary(n, ALPHA / judged) + POWER

    while not is_enough(high):
        low, high = high, high * 2
        if high > FARTHEST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high - effect.accounts


def widened(limits: tuple[float, float], accounts: int) -> tuple[float, float, float]:
    """95 % limits of one look as those of all looks, and the chance, for differences told by somebody else."""
    middle, reach = sum(limits) / 2, (limits[1] - limits[0]) / 2 / 1.959963984540054
    wide = reach * boundary(accounts)
    return middle - wide, middle + wide, chance(abs(middle) / reach if reach else 0.0, accounts)


def grouped(values: Any, by: Any, of: Any) -> list[tuple[Floats, Floats]]:
    """Amounts of (treated, held) by the share held out; `of` true where treated. All (n,)."""
    return [(values[(by == b) & of], values[(by == b) & ~of]) for b in np.unique(by)]
