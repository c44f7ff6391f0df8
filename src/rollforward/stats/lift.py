"""How much better than chance a sign is: precision ÷ base rate, with a 95 % interval over accounts.

Comes in: for each account how often it was looked at, had the outcome, showed the sign, and both. Goes out: a Lift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Counts = npt.NDArray[np.float64]

_Z = 1.959963984540054


@dataclass(frozen=True)
class Lift:
    """Rates are fractions; None where they are of nothing. `low` and `high` bound the lift."""

    seen: int
    shown: int
    right: int
    base: float | None
    precision: float | None
    recall: float | None
    lift: float | None
    low: float | None
    high: float | None


def lift(seen: Counts, outcome: Counts, shown: Counts, right: Counts) -> Lift:
    """The lift of a sign; all four have a number an account.

    The interval is normal for the logarithm, its variance the sum of the squared influences of accounts (one that is
    looked at twelve times is one account). Without any outcome among those that showed the sign it begins at 0.
    """
    import numpy as np

    n, o, f, both = (float(x.sum()) for x in (seen, outcome, shown, right))
    base = o / n if n else None
    precision = both / f if f else None
    recall = both / o if o else None
    if not base or precision is None:
        return Lift(int(n), int(f), int(both), base, precision, recall, None, None, None)
    ratio = precision / base
    if not both:
        # as if half of one had come true: an upper limit without a lower one
        spread = float(np.sqrt(1 / 0.5))
        return Lift(int(n), int(f), 0, base, 0.0, recall, 0.0, 0.0, 0.5 / f / base * float(np.exp(_Z * spread)))
    influence = right / both - shown / f - outcome / o + seen / n
    spread = float(np.sqrt((influence**2).sum()))
    low, high = ratio * float(np.exp(-_Z * spread)), ratio * float(np.exp(_Z * spread))
    return Lift(int(n), int(f), int(both), base, precision, recall, ratio, low, high)
