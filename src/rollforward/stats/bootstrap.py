"""95 % intervals of ratios of sums, by a Poisson bootstrap over blocks of accounts (docs/decisions/0008).

Comes in: sums per block and window. Goes out: the 2.5th and 97.5th percentile of each ratio. Refuses nothing: windows
without a denominator get NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DRAWS = 2_000
SEED = 20_260_101
LEAST_ACCOUNTS = 20
"""Below this number of accounts there is no interval (definitions.md section 5)."""

Floats = npt.NDArray[np.float64]


def intervals(top: Floats, bottom: Floats) -> tuple[Floats, Floats]:
    """Low and high end of the 95 % interval of Σtop/Σbottom for every window.

    `top` and `bottom` have the shape (blocks, windows); the draws are the same for all windows, so that two windows of one
    question can be compared. Both results have the shape (windows,).
    """
    weights = np.random.default_rng(SEED).poisson(1.0, size=(DRAWS, top.shape[0])).astype(np.float64)
    below = weights @ bottom
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = (weights @ top) / below
    drawn[~np.isfinite(drawn)] = np.nan
    low = np.full(top.shape[1], np.nan)
    high = np.full(top.shape[1], np.nan)
    usable = ~np.all(np.isnan(drawn), axis=0)
    if usable.any():
        low[usable], high[usable] = np.nanpercentile(drawn[:, usable], [2.5, 97.5], axis=0)
    return low, high


def band(value: float | None, low: float | None, high: float | None) -> str:
    """Words for an NDR: holds within 2 points of 100 %, else grows or shrinks if the interval excludes 100 %, else cannot tell.

    Without an interval (fewer than 20 accounts) only `holds` and `cannot tell` remain; without a value it is empty.
    """
    if value is None:
        return ""
    if abs(value - 1) <= 0.02:
        return "holds"
    if low is not None and low > 1:
        return "grows"
    if high is not None and high < 1:
        return "shrinks"
    return "cannot tell"
