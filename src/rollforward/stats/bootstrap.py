"""95 % intervals of ratios of sums, by a Poisson bootstrap over blocks of accounts (docs/decisions/0008).

Comes in: sums per block and window. Goes out: the 2.5th and 97.5th percentile of each ratio. Refuses nothing: windows
without a denominator get NaN.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

DRAWS = 2_000
SEED = 20_260_101
LEAST_ACCOUNTS = 20
"""Below this number of accounts there is no interval (definitions.md section 5)."""

Floats = npt.NDArray[np.float64]


def intervals(tops: list[Floats], bottom: Floats) -> list[tuple[Floats, Floats]]:
    """Low and high end of the 95 % interval of Σtop/Σbottom for every window, one pair a numerator.

    All arrays have the shape (blocks, windows); the draws are the same for all numerators and windows, which makes them
    comparable. The results have the shape (windows,).
    """
    drawn = weights(bottom.shape[0])
    scale = max(float(bottom.max(initial=0)), 1.0)
    below = drawn @ (bottom / scale).astype(np.float32)
    return [_percentiles(drawn @ (top / scale).astype(np.float32), below) for top in tops]


def _percentiles(above: npt.NDArray[np.float32], below: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.where(below > 0, above / below, np.nan).astype(np.float64)
    usable = np.flatnonzero(~np.isnan(drawn).all(axis=0))
    low, high = np.full(drawn.shape[1], np.nan), np.full(drawn.shape[1], np.nan)
    if usable.size:
        low[usable], high[usable] = np.nanpercentile(drawn[:, usable], [2.5, 97.5], axis=0)
    return low, high


def weights(blocks: int) -> npt.NDArray[np.float32]:
    """Poisson(1) weights of shape (DRAWS, blocks), from 16 random bits each (quantiles exact to 1/65,536)."""
    steps = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(9)])
    quantile = np.searchsorted(steps, (np.arange(65_536) + 0.5) / 65_536).astype(np.float32)
    drawn: npt.NDArray[np.float32] = quantile[
        np.random.default_rng(SEED).integers(0, 65_536, (DRAWS, blocks), dtype=np.uint16)
    ]
    return drawn


def band(value: float | None, low: float | None, high: float | None) -> str:
    """Words for an NDR: holds within 2 points of 100 %, else grows or shrinks if the interval agrees, else cannot tell.

    Without an interval (fewer than 20 accounts) only `holds` and `cannot tell` remain; without a value it is empty.
    """
    if value is None:
        return ""
    if round(abs(value - 1), 9) <= 0.02:  # 1.02 is 2 points, though its float is a little more
        return "holds"
    if low is not None and low > 1:
        return "grows"
    if high is not None and high < 1:
        return "shrinks"
    return "cannot tell"
