"""95 % interval of a share (Wilson's score interval): shares near 0 and 1 and small numbers keep sensible limits."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""Normal quantile of 97.5 %."""


def interval(hits: float, trials: float, z: float = Z) -> tuple[float, float]:
    """Low and high end for `hits` of `trials`, `z` standard errors out; (0, 1) where nothing was tried."""
    if not trials:
        return 0.0, 1.0
    share, spread = hits / trials, z * z / trials
    middle = share + spread / 2
    reach = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    # what is certain at the ends is not lost to rounding
    low = 0.0 if hits == 0 else (middle - reach) / (1 + spread)
    return low, 1.0 if hits == trials else (middle + reach) / (1 + spread)
