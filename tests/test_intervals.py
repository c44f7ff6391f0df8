"""Decision 0008: the fast interval against a plain multinomial bootstrap, and against the truth it should cover."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rollforward.stats import bootstrap
from test_belief import Told

Floats = npt.NDArray[np.float64]


def accounts(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """MRR of n accounts at both ends of a window: skewed sizes, a third leaves, some grow, some shrink."""
    opening = np.round(rng.lognormal(4, 1.1, n), 2)
    change = rng.choice([0.0, 0.7, 1.0, 1.5], n, p=[0.25, 0.1, 0.5, 0.15])
    return opening, opening * change


TRUE_NDR = 0.1 * 0.7 + 0.5 + 0.15 * 1.5


def plain(top: Floats, bottom: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """Draw n accounts with replacement, 2,000 times."""
    picks = rng.integers(0, len(bottom), (2_000, len(bottom)))
    drawn = top[picks].sum(axis=1) / bottom[picks].sum(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def fast(top: Floats, bottom: Floats) -> tuple[float, float]:
    ((low, high),) = bootstrap.intervals([top[:, None]], bottom[:, None])
    return float(low[0]), float(high[0])


@pytest.mark.parametrize("n", [100, 400, 2_000])
def test_as_wide_as_the_plain_bootstrap(n: int) -> None:
    rng = np.random.default_rng(n)
    opening, closing = accounts(rng, n)
    for top in (closing, np.minimum(opening, closing)):
        low, high = fast(top, opening)
        plain_low, plain_high = plain(top, opening, rng)
        assert high - low == pytest.approx(plain_high - plain_low, rel=0.1)
        assert low == pytest.approx(plain_low, abs=0.1 * (plain_high - plain_low))


def test_blocks_of_accounts_are_as_wide() -> None:
    """Above 4,096 accounts they are dealt into blocks; the width stays that of accounts."""
    rng = np.random.default_rng(3)
    opening, closing = accounts(rng, 40_960)
    blocks = np.arange(len(opening)) % 4_096
    dealt = [np.bincount(blocks, weights=v) for v in (closing, opening)]
    low, high = fast(*dealt)
    error = (closing - closing.sum() / opening.sum() * opening) / opening.sum()
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt((error**2).sum()), rel=0.1)


def test_it_covers_the_truth() -> None:
    """95 % intervals of 300 samples of 300 accounts: skewed sums are covered a little less often than 95 %."""
    rng = np.random.default_rng(8)
    samples = [accounts(rng, 300) for _ in range(300)]
    opening, closing = (np.stack(side, axis=1) for side in zip(*samples, strict=True))
    ((low, high),) = bootstrap.intervals([closing], opening)
    covered = ((low <= TRUE_NDR) & (high >= TRUE_NDR)).mean()
    assert 0.90 <= covered <= 0.98


@pytest.mark.parametrize(
    ("value", "low", "high", "word"),
    [
        (1.02, 1.01, 1.03, "holds"),
        (0.98, 0.97, 0.99, "holds"),
        (1.05, 1.01, 1.09, "grows"),
        (0.95, 0.91, 0.99, "shrinks"),
        (1.05, 0.99, 1.11, "cannot tell"),
        (0.90, 0.75, 1.02, "cannot tell"),
        (1.30, None, None, "cannot tell"),
        (1.00, None, None, "holds"),
        (None, None, None, ""),
    ],
)
def test_band(value: float | None, low: float | None, high: float | None, word: str) -> None:
    assert bootstrap.band(value, low, high) == word


@pytest.mark.parametrize("n", [19, 20])
def test_none_under_twenty_accounts(tmp_path: Path, n: int) -> None:
    told = Told(tmp_path)
    gone = [f"a{i},s{i},p,2025-01-01,2025-02-10,{10 + i},USD" for i in range(8)]
    told.tell("\n".join(gone + [f"a{i},s{i},p,2025-01-01,,{10 + i},USD" for i in range(8, n)]))
    (w,) = told.store.retention(window="2025-02-01..2025-03-01").to_dicts()
    assert w["accounts_opening"] == n
    ends = [w[c] for c in ("ndr_low", "ndr_high", "grr_low", "grr_high")]
    assert all((e is None) == (n < 20) for e in ends)
    assert w["band"] == ("cannot tell" if n < 20 else "shrinks")
    again = told.store.retention(window="2025-02-01..2025-03-01").to_dicts()[0]
    assert [again[c] for c in ("ndr_low", "ndr_high", "grr_low", "grr_high")] == ends
