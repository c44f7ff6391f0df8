"""A plan: levers that make the target, and plays by what they bring for their cost."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.api import Store
from rollforward.errors import Misuse


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Opening 1,000 in 2024; by 2025: a 400 → 500, b 400 → 350, c 200 → 0. NDR 85 %: +10, −5, −20 %."""
    folder = tmp_path_factory.mktemp("plan")
    (folder / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
        "a,a1,p,2023-06-01,2024-05-01,400,USD\na,a1,q,2024-05-01,,500,USD\n"
        "b,b1,p,2023-06-01,2024-08-01,400,USD\nb,b1,q,2024-08-01,,350,USD\n"
        "c,c1,p,2023-06-01,2024-03-01,200,USD\n",
        encoding="utf-8",
    )
    made = rf.open(folder / "store")
    made.import_(folder / "s.csv", coverage="2023-06-01..2025-01-01")
    return made


def rows(store: Store, target: float, split: str = "") -> dict[str, dict[str, object]]:
    return {str(r["lever"]): r for r in store.plan(target, split).to_dicts()}


def test_levers_make_the_target(store: Store) -> None:
    for target, split in ((1.0, ""), (0.95, "churn=1"), (1.05, "churn=2,expansion=1"), (0.8, "")):
        told = rows(store, target, split)
        assert 1 + sum(r["planned"] for r in told.values()) == pytest.approx(target)  # type: ignore[misc]
        assert sum(r["part_of_gap"] for r in told.values()) == pytest.approx(1)  # type: ignore[misc]
        assert all(r["ndr_now"] == pytest.approx(0.85) for r in told.values())


def test_by_size_and_by_wish(store: Store) -> None:
    told = rows(store, 0.92)
    assert (told["churn"]["now"], told["churn"]["now_mrr"]) == (pytest.approx(-0.2), D("-200.00"))
    # 7 points: 10, 5 and 20 of 35
    assert told["churn"]["planned"] == pytest.approx(-0.16) and told["expansion"]["change_mrr"] == D("20.00")
    alone = rows(store, 0.95, "churn=1")
    assert (alone["churn"]["planned"], alone["expansion"]["planned"]) == (pytest.approx(-0.1), pytest.approx(0.1))


def test_what_a_lever_cannot_do_alone_is_empty(store: Store) -> None:
    told = rows(store, 0.95)
    assert told["churn"]["if_alone"] == pytest.approx(-0.1) and told["expansion"]["if_alone"] == pytest.approx(0.2)
    assert told["contraction"]["if_alone"] is None, "only five points are lost by it, ten are missing"
    table = store.plan(1.2, "contraction=1")
    assert [n.code for n in table.notes] == ["more-than-all"]


PLAYS = """\
play, lever, reach, effect_low, effect_high, cost
Review, churn, 0.5, 0.2, 0.4, 60
Seats, expansion, 1, 0.1, 0.1, 5
Calls, contraction, 0.2, 0, 0.5, 10
"""


def test_plays_stand_by_what_they_bring_for_their_cost(store: Store) -> None:
    told = store.plays(PLAYS).to_dicts()
    assert [r["play"] for r in told] == ["Seats", "Review", "Calls"]
    seats, review, calls = told
    assert (seats["mrr_expected"], seats["per_cost"]) == (D("10.00"), 2.0)
    # half of 200 lost, 20 to 40 % of it
    assert (review["mrr_low"], review["mrr_expected"], review["mrr_high"]) == (D("20.00"), D("30.00"), D("40.00"))
    assert (review["per_cost"], review["cost_of_one"]) == (0.5, 2.0)
    assert (calls["mrr_low"], calls["per_cost_high"]) == (D("0.00"), 0.5)
    dearer = store.plays(PLAYS.replace("0.1, 0.1, 5", "0.1, 0.1, 50")).to_dicts()
    assert dearer[0]["play"] == "Review", "the order follows the costs"


def test_without_costs_nothing_is_ranked(store: Store) -> None:
    for cost in ("", "0"):
        with pytest.raises(Misuse) as told:
            store.plays(PLAYS.replace("0.4, 60", f"0.4, {cost}"))
        assert told.value.code == "plays-without-costs"


def test_what_cannot_be_asked(store: Store, tmp_path: Path) -> None:
    for wrong in ((0, ""), (4, ""), (1.1, "mood=1"), (1.1, "churn=x"), (1.1, "churn=-1")):
        with pytest.raises(Misuse):
            store.plan(*wrong)
    for text in ("play,lever\nx,churn\n", PLAYS.replace("churn", "mood"), PLAYS.replace("0.5, 0.2", "1.5, 0.2"),
                 PLAYS.replace("0.2, 0.4", "0.4, 0.2"), PLAYS.replace("60", "much")):  # fmt: skip
        with pytest.raises(Misuse):
            store.plays(text)
    empty = rf.open(tmp_path / "store")
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,amount,currency\na,s,p,2024-06-01,10,USD\n", encoding="utf-8"
    )
    empty.import_(tmp_path / "s.csv", coverage="2024-06-01..2024-09-01")
    assert [n.code for n in empty.plan(1.1).notes] == ["no-window"]
