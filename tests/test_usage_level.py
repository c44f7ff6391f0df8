"""usage_level where the plain reference is silent: local time, linked accounts, policies without it (0011.14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

import rollforward as rf
from product import store_of
from reference import File
from rollforward import policy
from rollforward.build import Build
from rollforward.cut import Cut
from rollforward.errors import Misuse
from strategies import RECORDED

BANDS = policy.Bands(metric="calls", usage_level=(("low", 0), ("high", 100)))
SUBSCRIPTIONS = tuple(
    {"account_id": a, "subscription_id": f"{a}-s", "plan": "p", "start_date": "2024-01-05", "end_date": "",
     "amount": amount, "currency": "USD"}
    for a, amount in (("a", "10.00"), ("b", "7.00"))
)  # fmt: skip


def store(tmp_path: Path, *used: tuple[str, str, str]) -> rf.Store:
    """Two accounts, a at 10.00 and b at 7.00, and what they used: account, when, how many calls."""
    rows = [{"account_id": a, "metric": "calls", "at": at, "quantity": n, "feature": ""} for a, at, n in used]
    at = RECORDED[0]
    return store_of([File("subscriptions", SUBSCRIPTIONS, at), File("usage", tuple(rows), at)], tmp_path)


def levels(made: rf.Store, month: str, **settings: object) -> dict[str, int]:
    """What stands in each level at the end of a month, in minor units; levels without anything left out."""
    build = Build(made._facts, replace(policy.DEFAULT, bands=BANDS, **settings), None, datetime(2024, 6, 1).date())  # type: ignore[arg-type]
    build.cut(Cut("usage_level"))
    build.calendar("month")
    build.need(["roll_forward"])
    found = build.engine.run(f"select segment, closing from roll_forward where period = date '{month}-01'")
    return {str(segment): closing for segment, closing in found if closing}  # type: ignore[misc]


def test_instants_are_local_and_plain_dates_stay(tmp_path: Path) -> None:
    # 18:00 in UTC is 1:00 of the next day in Bangkok.
    made = store(tmp_path, ("a", "2024-01-31T18:00:00", "100"), ("b", "2024-01-31", "100"))
    assert levels(made, "2024-02") == {"high": 1700}
    assert levels(made, "2024-03") == {"unknown": 1700}
    assert levels(made, "2024-02", time_zone="Asia/Bangkok") == {"unknown": 1000, "high": 700}
    assert levels(made, "2024-03", time_zone="Asia/Bangkok") == {"high": 1000, "unknown": 700}


def test_use_of_one_account_with_another_is_both_their_use(tmp_path: Path) -> None:
    made = store(tmp_path, ("a", "2024-01-10", "60"), ("b", "2024-01-10", "40"))
    made.link("b", "a")
    assert levels(made, "2024-02") == {"high": 1700}


def test_use_of_an_acquired_account_is_its_own_until_then(tmp_path: Path) -> None:
    made = store(tmp_path, ("b", "2024-02-09", "100"), ("b", "2024-02-10", "99"), ("b", "2024-03-01", "100"))
    made.link("b", "a", "acquired", on="2024-02-10")
    assert levels(made, "2024-03") == {"low": 1700}
    assert levels(made, "2024-04") == {"high": 1700}


def test_a_policy_must_say_what_it_is(tmp_path: Path) -> None:
    made = store(tmp_path, ("a", "2024-01-10", "60"))
    with pytest.raises(Misuse, match="no-usage-level"):
        made.mrr(segment="usage_level")
    with pytest.raises(Misuse, match="no-usage-level"):
        made.retention(where=["usage_level=low"])
    assert ("usage_level", "derived") in [row[:2] for row in made.dimensions().rows]
