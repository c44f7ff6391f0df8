"""What the difference of a ratio of sums between two windows is made of: rate and mix with 95 % limits, and accounts.

Comes in: sums at the opening and the closing of both windows, by segment or by account. Goes out: parts that add up to
the difference (definitions.md section 5). Accounts are the units that are drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollforward.stats import bootstrap

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Opening and closing of the first and of the second window; the last axis is that of segments or accounts."""

    opening_before: Floats
    closing_before: Floats
    opening_after: Floats
    closing_after: Floats

    def of(self, picked: npt.NDArray[np.bool_]) -> Sums:
        """Those of the accounts picked."""
        return Sums(
            self.opening_before[picked], self.closing_before[picked], self.opening_after[picked],
            self.closing_after[picked],
        )  # fmt: skip

    def ratios(self) -> tuple[float, float]:
        """The ratio of both windows, NaN where nothing was open."""
        return (
            _ratio(self.closing_before.sum(), self.opening_before.sum()),
            _ratio(self.closing_after.sum(), self.opening_after.sum()),
        )


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else float("nan")


def parts(sums: Sums) -> tuple[Floats, Floats]:
    """Rate and mix of each segment. A segment that is in one window only has its one ratio in both."""
    with np.errstate(divide="ignore", invalid="ignore"):
        before, after = sums.closing_before / sums.opening_before, sums.closing_after / sums.opening_after
        before, after = np.where(np.isfinite(before), before, after), np.where(np.isfinite(after), after, before)
        before, after = np.nan_to_num(before), np.nan_to_num(after)
        weight_before = sums.opening_before / sums.opening_before.sum(axis=-1, keepdims=True)
        weight_after = sums.opening_after / sums.opening_after.sum(axis=-1, keepdims=True)
        middle = (_whole(sums.closing_before, sums.opening_before) + _whole(sums.closing_after, sums.opening_after)) / 2
    rate = (weight_before + weight_after) / 2 * (after - before)
    mix = (weight_after - weight_before) * ((before + after) / 2 - middle)
    return rate, mix


def _whole(above: Floats, below: Floats) -> Floats:
    whole: Floats = above.sum(axis=-1, keepdims=True) / below.sum(axis=-1, keepdims=True)
    return whole


@dataclass(frozen=True)
class Limits:
    """Low and high 95 % limits, shape (2, segments + 1): the last is of the sum of all segments."""

    rate: Floats
    mix: Floats
    contribution: Floats


def limits(sums: Sums) -> Limits:
    """Percentile limits of rate, mix and both; sums have the shape (blocks of accounts, segments).

    The blocks are drawn again by the weights that the intervals of NDR are drawn by.
    """
    scale = max(float(sums.opening_before.max(initial=0)), float(sums.opening_after.max(initial=0)), 1.0)
    weights = bootstrap.weights(len(sums.opening_before))

    def drawn(values: Floats) -> Floats:
        return (weights @ (values / scale).astype(np.float32)).astype(np.float64)

    again = Sums(
        drawn(sums.opening_before), drawn(sums.closing_before), drawn(sums.opening_after), drawn(sums.closing_after)
    )
    rate, mix = parts(again)

    def ends(values: Floats) -> Floats:
        whole = np.concatenate([values, values.sum(axis=-1, keepdims=True)], axis=-1)
        usable = whole[np.isfinite(whole[:, -1])]
        found: Floats = (
            np.percentile(usable, [2.5, 97.5], axis=0) if len(usable) else np.full((2, whole.shape[1]), np.nan)
        )
        return found

    return Limits(ends(rate), ends(mix), ends(rate + mix))


def contributions(sums: Sums) -> Floats:
    """What each account gave to the difference of the ratios: they add up to it, and those of a segment to its parts.

    Its closing, less what its opening would have come to at the mean of the two ratios, as a share of all openings of
    the window; that of the second window less that of the first.
    """
    before, after = sums.ratios()
    middle = (before + after) / 2
    found: Floats = (sums.closing_after - sums.opening_after * middle) / sums.opening_after.sum() - (
        sums.closing_before - sums.opening_before * middle
    ) / sums.opening_before.sum()
    return found


@dataclass(frozen=True)
class Concentration:
    """How few accounts carry a difference once the `left_out` that moved it most are gone.

    ratios and change: without them. carried: what they gave, as a share of the whole difference (NaN where there is
    none); moved: the share of all that was moved, up and down; effective: how many accounts of equal weight would move
    it as unevenly as the others do: (Σ|c|)² / Σc².
    """

    left_out: int
    accounts: int
    before: float
    after: float
    carried: float
    moved: float
    effective: float


def concentration(sums: Sums, few: int = 5, share: float = 0.01) -> list[Concentration]:
    """With all accounts, and without the one, the `few` and the `share` of them that moved the difference most."""
    given = contributions(sums)
    size = np.abs(given)
    order = np.lexsort((np.arange(len(size)), -size))
    before, after = sums.ratios()
    told = []
    for count in sorted({0, 1, few, int(len(given) * share)}):
        if count >= len(given) and count:
            continue
        kept = np.ones(len(given), dtype=bool)
        kept[order[:count]] = False
        others = size[kept]
        squared = float((others**2).sum())
        told.append(
            Concentration(
                count, int(kept.sum()), *sums.of(kept).ratios(), _ratio(given[~kept].sum(), after - before),
                _ratio(size[~kept].sum(), size.sum()), float(others.sum()) ** 2 / squared if squared else 0.0,
            )
        )  # fmt: skip
    return told
