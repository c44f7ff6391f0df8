"""Matched groups (stats/matching.py): against a plain search, published limits and simulations of known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollforward.stats import matching

PEOPLE = st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.integers(0, 12)), max_size=30)


@given(PEOPLE, st.sampled_from([0.2, 1.0, 10.0]))
@settings(max_examples=150, deadline=None)
def test_each_gets_the_nearest_that_is_free_in_its_stratum(people: list[tuple[bool, str, int]], caliper: float) -> None:
    """A plain search over all that are free, the largest first."""
    treated = np.array([p[0] for p in people], dtype=bool)
    strata = np.array([p[1] for p in people], dtype=str)
    near = np.array([p[2] for p in people], dtype=float)
    most = caliper * float(near.std()) if len(near) else 0.0
    free, gaps = {i for i, p in enumerate(people) if not p[0]}, []
    for i in sorted(np.flatnonzero(treated), key=lambda i: (strata[i], near[i], i), reverse=True):
        like = [j for j in free if strata[j] == strata[i]]
        best = min(like, key=lambda j: (abs(near[j] - near[i]), near[j]), default=None)
        if best is not None and abs(near[best] - near[i]) <= most:
            gaps.append((strata[i], near[i], near[best]))
            free.remove(best)
    pairs = matching.nearest(treated, strata, near, caliper)
    assert sorted(gaps) == sorted(
        (strata[i], near[i], near[j]) for i, j in zip(pairs.treated, pairs.control, strict=True)
    )
    assert len(set(pairs.control)) == len(pairs.control)
    assert treated[pairs.treated].all()
    assert not treated[pairs.control].any()


def test_limits_of_a_paired_difference_are_the_published_ones() -> None:
    """Agresti, Categorical Data Analysis, table 10.1: approval 944 then 880 of 1,600; 95 % limits −0.06 and −0.02."""
    then = np.repeat([True, True, False, False], [794, 150, 86, 570])
    later = np.repeat([True, False, True, False], [794, 150, 86, 570])
    told = matching.share_difference(later, then)
    assert [round(v, 2) for v in told] == [-0.04, -0.06, -0.02]


def test_a_difference_that_size_alone_made_is_not_told() -> None:
    """Large accounts are treated more often and stay more often; treatment does nothing. Limits hold their level."""
    draw, covered, naive = np.random.default_rng(7), 0, 0
    for _ in range(200):
        size = draw.normal(0, 1, 600)
        treated = draw.random(600) < 1 / (1 + np.exp(-size + 1))
        stays = draw.random(600) < 1 / (1 + np.exp(-2 * size))
        pairs = matching.nearest(treated, np.zeros(600, dtype=int), size)
        _, low, high = matching.share_difference(stays[pairs.treated], stays[pairs.control])
        covered += low <= 0 <= high
        naive += abs(stays[treated].mean() - stays[~treated].mean()) > 0.1
        told = matching.balance(pairs, treated, {"size": size})
        assert matching.weakness(pairs, int(treated.sum()), told) == ""
        assert told[0].before > 0.5 > 0.25 > abs(told[0].after)
    assert covered >= 184  # 95 % less what 200 draws may miss
    assert naive > 190


def test_money_of_pairs_has_limits_that_hold_their_level() -> None:
    draw, covered = np.random.default_rng(3), 0
    for _ in range(60):
        one, other = draw.exponential(10, 200) + 3, draw.exponential(10, 200)
        told, low, high = matching.mean_difference(one, other)
        covered += low <= 3 <= high
        assert low < told < high
    assert covered >= 53
    assert matching.mean_difference(one, other) == (told, low, high)


def test_groups_that_are_not_alike_are_not_compared() -> None:
    treated = np.repeat([True, False], [40, 60])
    alone = np.concatenate([np.full(40, 100.0), np.arange(60.0)])
    none = matching.nearest(treated, np.zeros(100, dtype=int), alone)
    assert matching.weakness(none, 40, matching.balance(none, treated, {"mrr": alone})) == "few pairs"
    half = np.concatenate([np.full(30, 5.0), np.full(70, 900.0)])
    kept = matching.nearest(half < 50, np.where(half < 50, 1, 1), np.zeros(100))
    assert matching.weakness(kept, 80, []) == "poor overlap"
    tenure = np.where(half < 50, 1.0, 2.0) + np.arange(100) / 100
    told = matching.balance(kept, half < 50, {"tenure": tenure, "plan": np.where(half < 50, "pro", "start")})
    assert matching.weakness(kept, 30, told) == "poor balance"
    assert [b.name for b in told] == ["tenure", "plan: pro"]
    assert told[0].treated == pytest.approx(1.145)
