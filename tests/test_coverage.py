"""Decision 0005 through the product: what is known before and after a source's coverage."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from product import Asked
from test_belief import Told

MONTHLY = "account_id,month,mrr,currency\n"


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def test_the_first_month_is_an_opening_balance_and_the_last_no_churn(told: Told) -> None:
    told.tell("a,2025-01,100,USD\na,2025-02,100,USD\nb,2025-02,30,USD", MONTHLY)
    rows = Asked(told.store).mrr()
    shown = [(r["period"], r["opening"], r["new"], r["churn"], r["closing"], r["is_complete"]) for r in rows]
    assert shown == [
        (date(2025, 1, 1), 10_000, 0, 0, 10_000, True),
        (date(2025, 2, 1), 10_000, 3_000, 0, 13_000, True),
    ]
    assert told.store.check().rows == []


def test_coverage_from_before_makes_the_first_month_new(told: Told) -> None:
    told.tell("a,2025-01,100,USD\na,2025-02,100,USD", MONTHLY, coverage="2024-12-01..2025-03-01")
    new = {r["period"]: r["new"] for r in Asked(told.store).mrr()}
    assert new[date(2025, 1, 1)] == 10_000


def test_a_period_that_reaches_past_the_coverage_is_incomplete(told: Told) -> None:
    told.tell("a,s,p,2025-01-01,2025-03-15,100,USD", coverage="..2025-03-15")
    rows = Asked(told.store).mrr()
    assert [(r["period"], r["closing"], r["is_complete"]) for r in rows] == [
        (date(2025, 1, 1), 10_000, True),
        (date(2025, 2, 1), 10_000, True),
        (date(2025, 3, 1), 10_000, False),
    ]
    quarter = Asked(told.store).mrr("quarter")[-1]
    assert (quarter["period"], quarter["closing"], quarter["is_complete"]) == (date(2025, 1, 1), 10_000, False)


def test_an_end_in_a_hole_shows_on_the_next_covered_day(told: Told) -> None:
    told.tell("a,2025-01,100,USD\nb,2025-01,30,USD", MONTHLY)
    told.tell("b,2025-04,30,USD", MONTHLY)
    churn = {r["period"]: r["churn"] for r in Asked(told.store).mrr() if r["churn"]}
    assert churn == {date(2025, 4, 1): -10_000}
    told.tell("b,2025-02,30,USD\nb,2025-03,30,USD", MONTHLY)
    churn = {r["period"]: r["churn"] for r in Asked(told.store).mrr() if r["churn"]}
    assert churn == {date(2025, 2, 1): -10_000}


def test_a_month_at_zero_corrects_a_month_told_before(told: Told) -> None:
    told.tell("a,2025-01,100,USD\na,2025-02,100,USD\na,2025-03,100,USD", MONTHLY, recorded_at="2025-04-01")
    told.tell("a,2025-02,0,USD", MONTHLY, recorded_at="2025-05-01")
    closing = {r["period"].month: r["closing"] for r in Asked(told.store).mrr()}
    assert closing == {1: 10_000, 2: 0, 3: 10_000}
    assert told.closing("2025-02", "2025-04-15") == 10_000


def test_two_sources_that_begin_apart_tie(told: Told) -> None:
    """Subscriptions since 2024, a monthly file since 2025: its accounts stood there when it began; nobody was new."""
    told.tell("a,s,p,2024-06-01,,100,USD")
    told.tell("b,2025-01,30,USD\nb,2025-02,40,USD", MONTHLY)
    rows = {r["period"]: r for r in Asked(told.store).mrr(start="2024-12", end="2025-02")}
    assert (rows[date(2025, 1, 1)]["new"], rows[date(2025, 1, 1)]["closing"]) == (0, 13_000)
    assert (rows[date(2025, 2, 1)]["expansion"], rows[date(2025, 2, 1)]["closing"]) == (1_000, 14_000)
    assert told.store.check().rows == []
