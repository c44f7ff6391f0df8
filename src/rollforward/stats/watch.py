"""Whether something happens more often than it used to: exact control limits of a count against the time before.

Comes in: a count and how much there was for it to happen to, lately and before. Goes out: chances and limits. Of two
Poisson counts of one rate, the later one is binomial given their sum (Przyborowski and Wilenski 1940), so that a short
past makes wide limits.
"""

from __future__ import annotations

import numpy as np

LATELY = 60
"""Days that are judged; the 365 before them say what is usual."""


def chance(lately: int, before: int, part: float) -> float:
    """How probable it is to count `lately` or more of lately + before, if `part` of all exposure is late."""
    if lately <= 0:
        return 1.0
    total = lately + before
    if not 0 < part < 1:
        return 0.0 if part <= 0 else 1.0
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
    counts = np.arange(lately, total + 1)
    told = logs[total] - logs[counts] - logs[total - counts]
    return min(1.0, float(np.exp(told + counts * np.log(part) + (total - counts) * np.log1p(-part)).sum()))


def most_usual(before: int, part: float, level: float) -> int:
    """The largest count that is still usual: one more has a chance of `level` at most."""
    low, high = 0, 1
    while chance(high, before, part) > level:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle, before, part) <= level else (middle, high)
    return low
