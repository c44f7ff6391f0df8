"""How much better than chance a sign is: precision ÷ base rate of its like, with a 95 % interval over accounts.

Comes in: for each account (and group of like ones) how often it was looked at, had the outcome, showed the sign, and
both. Goes out: a Lift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Counts = npt.NDArray[np.float64]

_Z = 1.959963984540054


@dataclass(frozen=True)
class Lift:
    """Rates are fractions; None where they are of nothing. `base` is that of all, `expected` of the groups of those
    that showed the sign, as often as they did. lift = precision / expected; `low` and `high` bound it.
    """

    seen: int
    shown: int
    right: int
    base: float | None
    expected: float | None
    precision: float | None
    recall: float | None
    lift: float | None
    low: float | None
    high: float | None


def lift(
    seen: Counts, outcome: Counts, shown: Counts, right: Counts, account: Any = None, group: Any = None
) -> Lift:  # fmt: skip
    """The lift of a sign; all have a row an account and group (None: each row is an account, all are one group).

    A sign that only tells a group apart (a tier that grows anyway) has none. The interval is normal for the logarithm;
    its variance is the sum of the squared influences of accounts: one that is looked at twelve times is one account.
    Without any outcome among those that showed the sign it begins at 0.
    """
    import numpy as np

    n, o, f, both = (float(x.sum()) for x in (seen, outcome, shown, right))
    base, precision, recall = o / n if n else None, both / f if f else None, both / o if o else None
    codes = np.zeros(len(seen), dtype=int) if group is None else np.unique(group, return_inverse=True)[1]
    seen_in, came_in, shown_in = (np.bincount(codes, x) for x in (seen, outcome, shown))
    rate = came_in / np.maximum(seen_in, 1)
    due = float((shown_in * rate).sum())
    expected = due / f if f else None
    if not due or precision is None or expected is None:
        return Lift(int(n), int(f), int(both), base, expected, precision, recall, None, None, None)
    if not both:
        # as if half of one had come true: an upper limit without a lower one
        high = 0.5 / due * float(np.exp(_Z * np.sqrt(1 / 0.5)))
        return Lift(int(n), int(f), 0, base, expected, 0.0, recall, 0.0, 0.0, high)
    weight = shown_in / np.maximum(seen_in, 1)
    influence = right / both - (shown * rate[codes] + weight[codes] * (outcome - seen * rate[codes])) / due
    if account is not None:
        influence = np.bincount(np.unique(account, return_inverse=True)[1], influence)
    spread = float(np.sqrt((influence**2).sum()))
    ratio = both / due
    low, high = ratio * float(np.exp(-_Z * spread)), ratio * float(np.exp(_Z * spread))
    return Lift(int(n), int(f), int(both), base, expected, precision, recall, ratio, low, high)
