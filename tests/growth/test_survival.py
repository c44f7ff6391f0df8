"""Kaplan–Meier and its kin against published results, counting and simulations whose truth is known."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollforward.stats import survival

# Weeks of remission under 6-MP (Freireich et al. 1963, Blood 21): the textbook example of Kaplan–Meier.
ENDED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
WATCHED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
PUBLISHED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
GREENWOOD = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}


def ints(*values: int) -> survival.Ints:
    return np.array(values, dtype=np.int64)


def test_remissions_are_as_published() -> None:
    days, cause = ints(*ENDED, *WATCHED), ints(*(1 for _ in ENDED), *(0 for _ in WATCHED))
    found = survival.curve(days, cause, 1, ints(*PUBLISHED))
    assert found.held == pytest.approx(list(PUBLISHED.values()), abs=5e-4)
    # log-log limits from the published standard errors: S ** exp(± 1.96 se / (S |log S|))
    held, error = found.held, np.array(list(GREENWOOD.values()))
    spread = 1.96 * error / (held * np.abs(np.log(held)))
    assert found.low == pytest.approx(held ** np.exp(spread), abs=2e-3)
    assert found.high == pytest.approx(held ** np.exp(-spread), abs=2e-3)
    assert list(found.at_risk) == [17, 16, 13, 11, 10, 6, 5]  # watched for longer than that week


def test_beyond_the_longest_watch_nothing_is_told() -> None:
    found = survival.curve(ints(5, 9), ints(1, 0), 1, ints(9, 10))
    assert found.held[0] == 0.5
    assert np.isnan(found.held[1]) and np.isnan(found.incidence[0][1]) and found.at_risk[1] == 0


def test_nothing_at_all() -> None:
    found = survival.curve(ints(), ints(), 3, ints(1, 30))
    assert np.isnan(found.held).all()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=60))
def test_ends_and_what_is_held_make_one(lives: list[tuple[int, int]]) -> None:
    days, cause = (ints(*told) for told in zip(*lives, strict=True))
    found = survival.curve(days, cause, 3, np.arange(days.max() + 1))
    assert found.held + found.incidence.sum(axis=0) == pytest.approx(np.ones(days.max() + 1))
    assert (np.diff(found.held) <= 1e-12).all()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3)), min_size=1, max_size=60))
def test_where_all_have_ended_it_is_the_plain_share(lives: list[tuple[int, int]]) -> None:
    days, cause = (ints(*told) for told in zip(*lives, strict=True))
    after = np.arange(days.max() + 1)
    found = survival.curve(days, cause, 3, after)
    assert found.held == pytest.approx([np.mean(days > d) for d in after])
    for k in (1, 2, 3):
        assert found.incidence[k - 1] == pytest.approx([np.mean((days <= d) & (cause == k)) for d in after])


def test_the_interval_holds_the_truth() -> None:
    """Exponential ends of known rate, watched for up to two years: at 180 days in at least 93 % of 200 runs."""
    draw, rate, hits = np.random.default_rng(7), 1 / 400, 0
    for _ in range(200):
        ends, watched = draw.exponential(1 / rate, 300), draw.uniform(30, 730, 300)
        days = np.floor(np.minimum(ends, watched)).astype(np.int64)
        found = survival.curve(days, (ends <= watched).astype(np.int64), 1, ints(180))
        hits += found.low[0] <= np.exp(-rate * 181) <= found.high[0]  # days 0 … 180 are 181
    assert hits >= 186


def test_money_without_an_end_of_the_watch_is_the_plain_share() -> None:
    # 100 loses 30 on day 5 and 20 on day 9; 300 loses all on day 7; both watched for 20 days
    found = survival.money(
        np.array([100.0, 300.0]), ints(20, 20), ints(1, 2), np.array([30.0, 20.0, 300.0]), ints(0, 0, 1), ints(5, 9, 7),
        ints(4, 5, 7, 9, 20, 21),
    )  # fmt: skip
    assert found.held[:5] == pytest.approx([1, 370 / 400, 70 / 400, 50 / 400, 50 / 400])
    assert np.isnan(found.held[5])


def test_money_no_longer_watched_is_not_at_risk() -> None:
    # 300 are watched for 3 days only: on day 5, 100 are at risk and 30 go
    found = survival.money(
        np.array([100.0, 300.0]), ints(20, 3), ints(1, 2), np.array([30.0]), ints(0), ints(5), ints(5)
    )
    assert found.held[0] == pytest.approx(0.7)
    assert found.low[0] <= 0.7 <= found.high[0]


def test_the_interval_of_money_holds_the_truth() -> None:
    """Amounts of very different size, several of one owner: the share by money in 90 % of 100 runs or more."""
    draw, hits = np.random.default_rng(11), 0
    truth = float(np.exp(-181 / 400))
    for _ in range(100):
        amount = draw.lognormal(4, 0.8, 600)
        ends, watched = draw.exponential(400, 600), np.full(600, 400, dtype=np.int64)
        gone = np.flatnonzero(ends < 401)
        found = survival.money(
            amount, watched, np.arange(600), amount[gone], gone, np.floor(ends[gone]).astype(np.int64), ints(180)
        )
        hits += found.low[0] <= truth <= found.high[0]
    assert hits >= 90


def test_lives_of_real_subscriptions_are_as_published(real_data: Path) -> None:
    """Buffer's own medians (blog post of 2022-09-14): all 322 days, per channel plans 386, others 296."""
    days, cause, essentials = [], [], []
    end = date(2022, 9, 21)
    with gzip.open(real_data / "buffer_subscriptions" / "subscriptions.csv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            plan = row["plan_2022_09_21"]
            if row["status_2022_09_21"] == "trialing" or "analyze" in plan or not row["acct"]:
                continue
            began = date.fromisoformat(row["start_date"])
            is_over = row["status_2022_09_21"] == "canceled"  # some that still run have said when they will end
            left = date.fromisoformat(row["end_date"]) if is_over else end
            days.append(max(0, (left - began).days))
            cause.append(int(is_over))
            essentials.append("essentials" in plan)
    assert len(days) == 90_142
    lived, of = (np.array(days), np.array(cause)), np.array(essentials)
    every = np.arange(max(days) + 1)
    medians = [
        int(np.argmax(survival.curve(lived[0][mine], lived[1][mine], 1, every).held <= 0.5))
        for mine in (np.ones(len(of), dtype=bool), of, ~of)
    ]
    assert medians == [322, 386, 296]
