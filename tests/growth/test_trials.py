"""Hold-outs: drawn once for ever, the same for all who draw, never offered anything; and what plays are seen to do."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from contenders import draw_at_once
from rollforward.answers.restraint import parsed
from rollforward.errors import Misuse
from rollforward.state import HOLD_OUT, Actor, Found, Limits, Proposal, State

BY = Actor("ann", "analyst")
THIRD = {"upsell": 1 / 3, "save": 1 / 3}


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 5, 12)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> Iterator[State]:
    made = State(tmp_path, clock)
    yield made
    made.close()


def refresh(
    state: State, accounts: int, shares: dict[str, float], risky: tuple[str, ...] = (), kind: str = "upsell"
) -> None:
    told = [Proposal(f"a{n}", kind, f"{kind}:seats", "near_limit", "pro", "USD", 10_000, 5_000, 0.25, "because",
                     "เพราะ", "") for n in range(accounts)]  # fmt: skip
    mrr = {(p.account_id, "USD"): 10_000 for p in told}
    state.opportunities.refresh(BY, Found(1, told, mrr, (), dict.fromkeys(risky, ("late", "ช้า"))), 30, 90, shares)


def test_who_is_held_out_gets_no_offer_and_no_notice(state: State) -> None:
    refresh(state, 300, THIRD)
    arms = {a.account_id: a.arm for a in state.trials.all()}
    assert 70 < sum(arm == HOLD_OUT for arm in arms.values()) < 130
    for o in state.opportunities.all():
        shown, why = state.notices.eligible(o.account_id, Limits(), 1)
        if arms[o.account_id] != HOLD_OUT:
            assert shown is not None
            continue
        assert (shown, why.reason) == (None, "hold_out")
        for channel in ("email", "call", "in_app"):
            with pytest.raises(Misuse, match="over-budget"):
                state.opportunities.offer(BY, o.opportunity_id, channel, Limits())
        with pytest.raises(Misuse, match="over-budget"):
            state.notices.record(BY, o.account_id, o.opportunity_id, "shown", Limits())
    assert state.opportunities.contacts() == []


def test_a_draw_stays_for_ever_and_another_share_changes_only_who_is_new(state: State, clock: Clock) -> None:
    refresh(state, 100, THIRD)
    before = state.trials.all()
    clock.at += timedelta(days=200)  # past their due day; they open again
    refresh(state, 120, {"upsell": 0.5})
    refresh(state, 120, {"upsell": 0.5})
    after = {a.account_id: a for a in state.trials.all()}
    assert [after[a.account_id] for a in before] == before
    assert Counter(a.share for a in after.values()) == {1 / 3: 100, 0.5: 20}
    with sqlite3.connect(state.path) as con, pytest.raises(sqlite3.IntegrityError, match="stays"):
        con.execute("update trial set arm = 'offer'")


def test_processes_that_draw_at_once_draw_the_same(tmp_path: Path, state: State) -> None:
    state.opportunities.refresh(BY, Found(1, [], {}, (), {}), 30, 90)  # the seed is there
    copy, other = tmp_path / "copy", tmp_path / "other"
    copy.mkdir(), other.mkdir()
    with sqlite3.connect(state.path) as con, sqlite3.connect(copy / state.path.name) as into:
        con.backup(into)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        asked = [pool.submit(draw_at_once, str(folder), 60) for folder in (tmp_path, tmp_path, copy, other)]
        assert [a.result() for a in asked] == [60] * 4
    drawn = [{a.account_id: a.arm for a in State(f).trials.all()} for f in (tmp_path, copy, other)]
    assert drawn[0] == drawn[1] != drawn[2]  # another file has another seed


def test_only_who_could_be_offered_it_is_drawn_and_what_was_begun_goes_on(state: State) -> None:
    refresh(state, 3, {})
    assert state.trials.all() == []  # 0: nobody is drawn
    state.opportunities.offer(BY, 1, "email", Limits())
    refresh(state, 3, {"upsell": 0.5}, risky=("a1",))
    assert [a.account_id for a in state.trials.all()] == ["a2"]
    refresh(state, 3, {"upsell": 0.5})
    assert [a.account_id for a in state.trials.all()] == ["a1", "a2"]


def test_the_share_is_set_in_the_rules() -> None:
    assert parsed("").hold_out.by_kind() == dict.fromkeys(("upsell", "cross-sell", "add-on", "seats", "save"), 0.1)
    assert parsed("[hold_out]\nshare = 0\nsaves = 0.2").hold_out.by_kind()["save"] == 0.2
    with pytest.raises(Misuse, match="bad-acting"):
        parsed("[hold_out]\nshare = 0.6")
