"""The interval of a share: Wilson's 95 % limits.

Comes in: how many of how many. Goes out: two fractions.
"""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054


def interval(yes: int, of: int) -> tuple[float, float]:
    """95 % limits of yes ÷ of (Wilson's score); of must be above 0."""
    share, z2 = yes / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
