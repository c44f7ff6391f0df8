"""Opportunities and the contact budget: days worked out by hand, random years, and many who ask at once."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from clock import Clock
from contenders import ask_often
from rollforward import api
from rollforward.errors import Misuse
from rollforward.state import Actor, Found, Limits, Proposal, State
from rollforward.stats.proportion import interval

BY = Actor("ann", "analyst")
RISK = {"acme": ("silent", "เงียบ")}


def proposal(account: str = "acme", cause: str = "limit:seats", owner: str = "kim", **told: object) -> Proposal:
    kind = "save" if cause == "save" else "upsell"
    given: dict[str, object] = {"gain": 5_000, "probability": 0.25} | told
    return Proposal(account, kind, cause, "near_limit", "pro", "USD", 10_000, given["gain"], given["probability"],  # type: ignore[arg-type]
                    "because", "เพราะ", owner, str(told.get("hand_to", "")))  # fmt: skip


def refresh(state: State, *proposals: Proposal, mrr: int = 10_000, **found: object) -> dict[str, int]:
    accounts = {(p.account_id, "USD"): mrr for p in proposals} | {("acme", "USD"): mrr}
    told = Found(1, proposals, accounts, found.get("past", ()), found.get("risks", {}))  # type: ignore[arg-type]
    return state.opportunities.refresh(BY, told, due=30, again=90)


def refused(state: State, number: int, channel: str = "email", limits: Limits = Limits()) -> tuple[str, str]:
    with pytest.raises(Misuse) as caught:
        state.opportunities.offer(BY, number, channel, limits)
    assert caught.value.code == "over-budget"
    return str(caught.value.params["reason"]), str(caught.value.params["day"])


def test_two_in_thirty_days_then_the_day_on_which_the_first_is_thirty_days_old(state: State, clock: Clock) -> None:
    refresh(state, proposal())
    state.opportunities.offer(BY, 1, "email", Limits())  # 5 March
    clock.at += timedelta(days=10)
    state.opportunities.offer(BY, 1, "email", Limits())
    assert refused(state, 1) == ("budget", "2026-04-04")
    state.opportunities.offer(BY, 1, "call", Limits())  # another channel has its own
    clock.at = datetime(2026, 4, 3, 23)
    assert refused(state, 1) == ("budget", "2026-04-04")
    clock.at = datetime(2026, 4, 4)
    state.opportunities.offer(BY, 1, "email", Limits())


def test_a_no_cools_down_every_channel_and_past_offers_of_events_count(state: State, clock: Clock) -> None:
    said_no = datetime(2026, 2, 1)
    refresh(state, proposal(), past=[("acme", datetime(2026, 1, 30), "call", "declined", said_no)])
    assert refused(state, 1) == ("cool_down", "2026-05-02")  # 1 February and 90 days
    refresh(state, proposal(), past=[("acme", datetime(2026, 3, n), "email", "", datetime(2026, 3, n)) for n in (1, 3)])
    assert refused(state, 1) == ("budget", "2026-03-31")
    state.opportunities.offer(BY, 1, "call", Limits())


def test_nothing_is_offered_while_at_risk_or_in_a_save(state: State) -> None:
    refresh(state, proposal(), proposal(cause="save"), risks=RISK)
    told = {o.kind: o.opportunity_id for o in state.opportunities.all()}
    assert refused(state, told["upsell"]) == ("at_risk", "")
    state.opportunities.offer(BY, told["save"], "email", Limits())
    refresh(state, proposal(), proposal(cause="save"))
    assert refused(state, told["upsell"]) == ("save", "")
    state.opportunities.move(BY, told["save"], "won")
    state.opportunities.offer(BY, told["upsell"], "email", Limits())


def test_an_owner_works_on_so_many_at_once(state: State) -> None:
    refresh(state, proposal("a"), proposal("b"), proposal("c", owner="lee"))
    limits, number = Limits(at_once=1), {o.account_id: o.opportunity_id for o in state.opportunities.all()}
    state.opportunities.offer(BY, number["a"], "email", limits)
    assert refused(state, number["b"], limits=limits) == ("owner_busy", "")
    state.opportunities.offer(BY, number["c"], "email", limits)
    state.opportunities.offer(BY, number["a"], "email", limits)  # the one at work on goes on


def test_no_year_of_random_offers_exceeds_the_budget(state: State, clock: Clock) -> None:
    rng, limits = random.Random(7), Limits(offers=3, days=14, cool_down=20, at_once=4)
    refresh(state, *(proposal(f"a{n}", owner=f"o{n % 2}") for n in range(12)))
    for _ in range(700):
        clock.at += timedelta(hours=rng.choice((0, 1, 9, 30)))
        number = rng.randint(1, 12)
        if rng.random() < 0.1:
            state.opportunities.move(BY, number, "open")
        try:
            made = state.opportunities.offer(BY, number, rng.choice(("email", "call")), limits)
        except Misuse:
            continue
        if rng.random() < 0.2:
            state.opportunities.answer(BY, made.contact_id, "declined")
    made_all = state.opportunities.contacts()
    assert len(made_all) > 100
    for c in made_all:
        window = [o for o in made_all if (o.account_id, o.channel) == (c.account_id, c.channel)
                  and c.at.date() - timedelta(days=14) < o.at.date() and o.contact_id <= c.contact_id]  # fmt: skip
        assert len(window) <= 3
        noes = [o for o in made_all if o.account_id == c.account_id and o.outcome == "declined"
                and o.contact_id < c.contact_id and o.at.date() + timedelta(days=20) > c.at.date()]  # fmt: skip
        assert noes == []


def test_threads_and_processes_that_ask_at_once_get_no_more_than_there_is(tmp_path: Path) -> None:
    refresh(State(tmp_path), proposal())
    with ThreadPoolExecutor(4) as threads, ProcessPoolExecutor(3, get_context("spawn")) as processes:
        asked = [pool.submit(ask_often, str(tmp_path)) for pool in (threads, processes) for _ in range(3)]
        assert sum(a.result() for a in asked) == 5
    assert len(State(tmp_path).opportunities.contacts()) == 5


def test_one_is_open_for_an_account_and_cause_and_repeating_changes_nothing(state: State) -> None:
    assert refresh(state, proposal(), proposal(cause="seats:seats"))["opened"] == 2
    before, rows = state.opportunities.all(), len(state.audit.rows())
    assert set(refresh(state, proposal(), proposal(cause="seats:seats")).values()) == {0}
    assert state.opportunities.all() == before
    assert len(state.audit.rows()) == rows


@pytest.mark.parametrize(
    ("mrr", "worked", "stands", "days", "became"),
    [
        (12_000, True, True, 1, ("won", "grew")),
        (12_000, False, True, 1, ("expired", "grew_alone")),
        (10_000, False, False, 1, ("expired", "stands_no_longer")),
        (10_000, True, False, 1, ("contacted", "")),
        (10_000, False, True, 31, ("expired", "due")),
        (10_000, False, True, 30, ("open", "")),
        (0, True, True, 1, ("lost", "left")),
    ],
)
def test_how_one_closes(
    state: State, clock: Clock, mrr: int, worked: bool, stands: bool, days: int, became: tuple[str, str]
) -> None:
    refresh(state, proposal())
    if worked:
        state.opportunities.offer(BY, 1, "email", Limits())
    clock.at += timedelta(days=days)
    for _ in range(2):  # and what closed is not opened again
        refresh(state, *([proposal()] if stands else []), mrr=mrr)
    told = state.opportunities.all()
    assert [(o.stage, o.outcome) for o in told] == [became]


def test_a_large_one_goes_to_sales_and_the_way_is_kept(state: State, clock: Clock) -> None:
    refresh(state, proposal(owner="kim", hand_to="sales"))
    clock.at += timedelta(days=1)
    state.opportunities.hand_over(BY, 1, "lee", "knows them")
    assert state.opportunities.handovers(1) == [
        (clock.at, "sales", "lee", "knows them"),
        (clock.at - timedelta(days=1), "kim", "sales", "above_threshold"),
    ]
    refresh(state, proposal(), proposal(cause="seats:seats", owner="kim"))
    assert state.opportunities.conflicts(30)[0][:2] == ("acme", "owners")


def test_a_stage_is_taken_back_but_not_past_another_open_one(state: State) -> None:
    refresh(state, proposal())
    state.opportunities.move(BY, 1, "lost", "no money")
    assert state.opportunities.move(BY, 1, "open").closed_at is None
    with pytest.raises(Misuse, match="offer-first"):
        state.opportunities.move(BY, 1, "contacted")


def test_a_notice_is_one_offer_however_often_it_is_shown(state: State, clock: Clock) -> None:
    limits = Limits(offers=1, cool_down=60)
    refresh(state, proposal())
    for _ in range(3):
        shown, _may = state.notices.eligible("acme", limits, 1)
        assert shown is not None
        state.notices.record(BY, "acme", 1, "shown", limits)
    assert len(state.opportunities.contacts()) == 1
    state.notices.record(BY, "acme", 1, "clicked", limits)
    state.notices.record(BY, "acme", 1, "dismissed", limits)
    assert state.notices.eligible("acme", limits, 1)[1].next_on == date(2026, 5, 4)  # 5 March and 60 days
    with pytest.raises(Misuse, match="over-budget"):
        state.notices.record(BY, "acme", 1, "shown", limits)
    assert state.notices.funnel() == {"shown": 1, "clicked": 1, "dismissed": 1, "upgraded": 0}
    assert state.notices.eligible("acme", limits, 2)[1].reason == "not_refreshed"
    assert state.notices.eligible("nobody", limits, 1)[1].reason == "nothing"


def test_the_interval_of_a_share() -> None:
    assert interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-4)  # Wilson, as Newcombe 1998 has 15/148


def test_the_demo_offers_only_what_fits(demo: Path, tmp_path: Path) -> None:
    store = api.open(Path(shutil.copytree(demo, tmp_path / "store")))
    by = api.operator()
    store.keep_acting_rules('[hand_over]\nabove = 500\nto = "sales"\n[[owner]]\nkind = "seats"\nowner = "desk"\n', by)
    assert store.refresh_opportunities(by)["opened"] > 100
    told = store.opportunities().to_dicts()
    assert max(Counter((r["account_id"], r["kind"], r["offered"]) for r in told).values()) == 1
    steps = {(r["account_id"], r["plan_id"]) for r in store.headroom_options(currency="native").to_dicts()}
    standing = {(r["account_id"], r["signal"]) for r in store.signals(currency="native").to_dicts()}
    risky = {r["account_id"] for r in told if r["kind"] == "save"}
    for r in told:
        assert all((r["account_id"], s) in standing for s in r["signals"].split())
        assert r["reasons_en"] and r["reasons_th"]
        if r["kind"] in ("upsell", "cross-sell", "add-on"):
            assert (r["account_id"], r["offered"]) in steps
        if r["kind"] != "save":
            assert (r["blocked"] == "at_risk") == (r["account_id"] in risky)
            assert r["owner"] == "sales" if r["gain"] > 500 else r["owner"] == "desk" or r["kind"] != "seats"
    assert set(store.refresh_opportunities(by).values()) == {0}
    first = str(told[0]["opportunity"])
    assert store.read_opportunities(f"opportunity,stage,outcome\n{first},lost,left us\n", by) == 1
    assert store.opportunities(stage="lost").to_dicts()[0]["outcome"] == "left us"
