"""Matched groups: those that something was done with beside the likest of those without it, and how alike they are.

Comes in: who is treated, in which exact stratum, and one number in which pairs are near. Goes out: pairs, how balanced
they are, and paired differences with 95 % intervals. A matched difference is an observation and no proof: what is not
matched on may differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rollforward.stats import bootstrap

LEAST_PAIRS = 20
"""Pairs below which nothing is told."""

LEAST_OVERLAP = 0.5
"""Share of the treated that must have found somebody like them."""

MOST_APART = 0.25
"""Standardised difference after matching above which groups are not alike (Rubin 2001; Stuart 2010); 0.1 is good."""

CALIPER = 0.2
"""How far apart a pair may be, in standard deviations of `near` (Austin 2011)."""

_Z = 1.959963984540054
_BLOCKS = 1_024

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """Places of those treated, and of the one each is held against; each is in one pair at most."""

    treated: Ints
    control: Ints


def nearest(is_treated: Bools, stratum: Any, near: Floats, caliper: float = CALIPER) -> Pairs:
    """Each treated with the nearest free one of its stratum that is not, at most `caliper` deviations of `near` away.

    The largest choose first: they have the fewest like them. Of two equally near the smaller one is taken, so the same
    data make the same pairs. Shapes: all (n,).
    """
    most = caliper * float(near.std()) if len(near) else 0.0
    codes = np.unique(stratum, return_inverse=True)[1]
    order = np.lexsort((np.arange(len(near)), near, codes))
    ends = np.searchsorted(codes[order], np.arange(codes.max(initial=-1) + 2))
    found: list[tuple[int, int]] = []
    for first, last in pairwise(ends):
        inside = order[first:last]
        found += _greedy(inside[is_treated[inside]], inside[~is_treated[inside]], near, most)
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    return Pairs(pairs[:, 0], pairs[:, 1])


def _greedy(treated: Ints, control: Ints, near: Floats, most: float) -> list[tuple[int, int]]:
    """Pairs of one stratum; both sorted by `near`. `left` and `right` lead past those that are taken."""
    values, free = near[control], len(control)
    left, right = list(range(-1, free)), list(range(free + 1))  # left[i + 1]: the last free one at or before i

    def seek(way: list[int], at: int, shift: int) -> int:
        path = []
        while way[at] != at - shift:
            path.append(at)
            at = way[at] + shift
        for passed in path:
            way[passed] = at - shift
        return at - shift

    found = []
    for one in treated[::-1]:
        value = near[one]
        at = int(np.searchsorted(values, value))
        below, above = seek(left, at, 1), seek(right, at, 0)
        gaps = [(abs(value - values[k]), k) for k in (below, above) if 0 <= k < free]
        if gaps and (best := min(gaps))[0] <= most:
            found.append((int(one), int(control[best[1]])))
            left[best[1] + 1], right[best[1]] = best[1] - 1, best[1] + 1
    return found


@dataclass(frozen=True)
class Balance:
    """How far apart groups are in one number: means, and standardised differences before and after matching."""

    name: str
    treated: float
    others: float
    matched: float
    before: float
    after: float


def balance(pairs: Pairs, is_treated: Bools, covariates: Mapping[str, Any]) -> list[Balance]:
    """By covariate (n,): means of the paired treated, of all others, of their matches; differences per deviation.

    The deviation is the pooled one before matching in both (Austin 2009). Of a covariate that is no number, the level
    that is furthest apart after matching (then before) is told, as `name: level`.
    """
    told = []
    for name, values in covariates.items():
        if np.asarray(values).dtype.kind in "biuf":
            told.append(_apart(name, np.asarray(values, dtype=np.float64), pairs, is_treated))
            continue
        levels = [
            _apart(f"{name}: {level}", (values == level).astype(np.float64), pairs, is_treated)
            for level in np.unique(values)
        ]
        told += sorted(levels, key=lambda b: (-abs(b.after), -abs(b.before), b.name))[:1]
    return told


def _apart(name: str, values: Floats, pairs: Pairs, is_treated: Bools) -> Balance:
    mine, others = values[is_treated], values[~is_treated]
    spread = math.sqrt((_variance(mine) + _variance(others)) / 2)
    taken, matched = values[pairs.treated], values[pairs.control]

    def standard(one: Floats, other: Floats) -> float:
        gap = _mean(one) - _mean(other)
        return 0.0 if abs(gap) < 1e-12 else gap / spread if spread else math.copysign(math.inf, gap)

    return Balance(name, _mean(taken), _mean(others), _mean(matched), standard(mine, others), standard(taken, matched))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def weakness(pairs: Pairs, treated: int, balances: list[Balance]) -> str:
    """Why the groups must not be compared: few pairs, poor overlap, poor balance; '' where they may.

    treated: how many there were to be matched.
    """
    if len(pairs.treated) < LEAST_PAIRS:
        return "few pairs"
    if len(pairs.treated) < LEAST_OVERLAP * treated:
        return "poor overlap"
    return "poor balance" if any(abs(b.after) > MOST_APART for b in balances) else ""


def share_difference(treated: Bools, control: Bools) -> tuple[float, float, float]:
    """The difference of two shares of the same pairs, with its 95 % limits (Agresti and Min 2005).

    Wald's limits after half a pair is added to each of the four cells, which holds its level from few pairs on.
    """
    pairs = len(treated)
    if not pairs:
        return 0.0, -1.0, 1.0
    gained, lost = float((treated & ~control).sum()), float((~treated & control).sum())
    total, more, less = pairs + 2.0, gained + 0.5, lost + 0.5
    middle = (more - less) / total
    reach = _Z * math.sqrt(more + less - (more - less) ** 2 / total) / total
    return (gained - lost) / pairs, max(middle - reach, -1.0), min(middle + reach, 1.0)


def mean_difference(treated: Floats, control: Floats) -> tuple[float, float, float]:
    """The mean difference of pairs with 95 % percentile limits; pairs are drawn again (`bootstrap`, fixed seed)."""
    apart = treated - control
    if not len(apart):
        return 0.0, -math.inf, math.inf
    block = np.arange(len(apart)) % _BLOCKS
    scale = float(np.abs(apart).max()) or 1.0
    top: Floats = np.bincount(block, apart / scale)[:, None].astype(np.float64)
    [(low, high)] = bootstrap.intervals([top], np.bincount(block).astype(np.float64)[:, None])
    return float(apart.mean()), float(low[0]) * scale, float(high[0]) * scale
