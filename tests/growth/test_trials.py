"""Hold-outs: drawn once for ever, the same for all who draw, never offered anything; and what plays are seen to do."""

from __future__ import annotations

import csv
import gzip
import sqlite3
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from clock import Clock
from contenders import draw_at_once
from rollforward import api, text
from rollforward.answers.restraint import parsed
from rollforward.errors import Misuse
from rollforward.state import HOLD_OUT, Actor, Found, Limits, Proposal, State
from rollforward.state.database import FILE
from rollforward.state.tables import VERSIONS
from rollforward.stats import trial
from rollforward.stats.proportion import Z
from rollforward.stats.trial import Counts
from rollforward.text.cells import cell

BY = Actor("ann", "analyst")
THIRD = {"upsell": 1 / 3, "save": 1 / 3}


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


def test_a_file_of_before_hold_outs_goes_on_with_its_offers(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as con:
        for step in VERSIONS[:3]:
            con.executescript(step)
        con.execute("pragma user_version = 3")
        con.execute(
            "insert into opportunity (account_id, kind, cause, signals, offered, currency, mrr, gain, reasons_en, "
            "reasons_th, owner, opened_at, due_on, stage) values ('a0', 'upsell', 'upsell:seats', '', '', 'USD', 9, "
            "1, '', '', '', '2026-01-01 00:00:00.000000', '2099-01-01', 'contacted')"
        )
        con.execute(
            "insert into contact (account_id, opportunity_id, channel, at, person) "
            "values ('a0', 1, 'email', '2026-01-01 00:00:00.000000', 'ann')"
        )
    state = State(tmp_path)
    refresh(state, 40, {"upsell": 0.5})
    assert {a.account_id for a in state.trials.all()} == {f"a{n}" for n in range(1, 40)}
    assert len(state.opportunities.contacts()) == 1
    state.close()


def test_the_share_is_set_in_the_rules() -> None:
    assert parsed("").hold_out.by_kind() == dict.fromkeys(("upsell", "cross-sell", "add-on", "seats", "save"), 0.1)
    assert parsed("[hold_out]\nshare = 0\nsaves = 0.2").hold_out.by_kind()["save"] == 0.2
    with pytest.raises(Misuse, match="bad-acting"):
        parsed("[hold_out]\nshare = 0.6")


# --- what a play did --------------------------------------------------------------------------------------------------


def test_two_shares_as_newcombe_has_them() -> None:
    """Newcombe 1998, Statistics in Medicine 17:873, table II: 56/70 and 48/80, 9/10 and 3/10, 10/10 and 0/10."""
    for counts, low, high in (
        (Counts(70, 56, 80, 48), 0.0524, 0.3339),
        (Counts(10, 9, 10, 3), 0.1705, 0.8090),
        (Counts(10, 10, 10, 0), 0.6075, 1.0),
    ):
        told = trial.shares([counts], z=Z)
        assert told is not None and (told.low, told.high) == pytest.approx((low, high), abs=5e-5)


def test_the_limits_of_one_look_hold_their_level_and_are_the_parts_put_together() -> None:
    rng, hits = np.random.default_rng(3), 0
    for _ in range(400):
        a, b, c = rng.binomial(450, 0.18), rng.binomial(50, 0.1), rng.binomial(60, 0.1)
        told = trial.shares([Counts(450, int(a), 50, int(b)), Counts(60, int(rng.binomial(60, 0.18)), 60, int(c))], Z)
        assert told is not None
        hits += told.low <= 0.08 <= told.high
    assert 0.92 <= hits / 400 <= 0.985
    alone = trial.shares([Counts(70, 56, 80, 48), Counts(5, 5, 0, 0)])
    assert alone == trial.shares([Counts(70, 56, 80, 48)])  # without anybody held out nothing is compared


@pytest.mark.parametrize(("treated", "held", "share"), [(0.1, 0.1, 0.1), (0.9, 0.9, 0.2), (0.25, 0.1, 0.3)])
def test_who_looks_every_week_is_wrong_as_seldom_as_who_looks_once(treated: float, held: float, share: float) -> None:
    rng, wrong, seen = np.random.default_rng(11), 0, 0
    for _ in range(200):
        is_held = rng.random(1_500) < share
        came = rng.random(1_500) < np.where(is_held, held, treated)
        worst = found = False
        for n in range(100, 1_501, 50):
            mine, other = came[:n][~is_held[:n]], came[:n][is_held[:n]]
            told = trial.shares([Counts(len(mine), int(mine.sum()), len(other), int(other.sum()))])
            if told and min(len(mine), len(other)) >= trial.LEAST:
                worst |= not told.low <= treated - held <= told.high
                found |= told.chance <= trial.ALPHA
        wrong, seen = wrong + worst, seen + found
    assert wrong <= 10
    assert seen <= 10 if treated == held else seen >= 180


def test_money_with_rare_large_amounts_is_seldom_a_difference_by_chance() -> None:
    rng, wrong = np.random.default_rng(5), 0
    for _ in range(300):
        gains = np.where(rng.random(600) < 0.05, rng.lognormal(3, 1, 600), 0.0)
        is_held = rng.random(600) < 0.1
        told = trial.means(trial.grouped(gains, np.zeros(600), ~is_held))
        assert told is not None
        wrong += not told.low <= 0 <= told.high
    assert wrong <= 15


def test_the_boundary_of_all_looks_and_its_chance_are_each_other_s_inverse() -> None:
    # 8.7818 units of information at 1,000 accounts: sqrt(2 x 9.7818 / 8.7818 x ln(sqrt(9.7818) / 0.05)), by hand
    assert trial.boundary(1_000) == pytest.approx(3.0354, abs=5e-4)
    for accounts in (40, 300, 1_000, 50_000):
        assert trial.chance(trial.boundary(accounts), accounts) == pytest.approx(0.05)
        assert trial.chance(trial.boundary(accounts, 0.01), accounts) == pytest.approx(0.01)
    assert trial.chance(0.0, 1_000) == 1.0


def test_holm_and_how_many_more_it_takes() -> None:
    assert trial.holm([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]  # 0.05 / 4, / 3, then 0.03 > / 2
    told = trial.shares([Counts(450, 81, 50, 5)])  # 18 % and 10 %
    assert told is not None
    more = trial.needed(told, 450, 50)
    assert more is not None
    rng, seen = np.random.default_rng(2), 0
    held = (500 + more) // 10
    for _ in range(300):
        hits = rng.binomial(held * 9, 0.18), rng.binomial(held, 0.1)
        found = trial.shares([Counts(held * 9, int(hits[0]), held, int(hits[1]))])
        seen += found is not None and found.chance <= trial.ALPHA
    assert 0.65 <= seen / 300 <= 0.97  # 80 % was promised
    assert trial.needed(trial.Effect(0.1, 0.1, 0.0, -0.1, 0.1, 1.0, 500), 450, 50) is None


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[api.Store, dict[str, str], int]:
    """240 accounts drawn on 5 March, half held out: of those to be offered it 60 % grow by 50.00 and three leave, of
    those held out none grows. Forty more, drawn on 5 July, are not over when the data ends on 1 September."""
    folder, clock = tmp_path_factory.mktemp("played"), Clock()
    store = api.open(folder / "store")
    state = State(store.path, clock)
    refresh(state, 240, {"upsell": 0.5})
    arms = {a.account_id: a.arm for a in state.trials.all()}
    mine = [a for a, arm in sorted(arms.items()) if arm != HOLD_OUT]
    number = {o.account_id: o.opportunity_id for o in state.opportunities.all()}
    for account in mine[:30]:
        state.opportunities.offer(BY, number[account], "email", Limits())
    clock.at = datetime(2026, 7, 5, 12)
    refresh(state, 280, {"upsell": 0.5})
    state.close()
    grown, left = mine[: len(mine) * 6 // 10], mine[-3:]
    rows = ["account_id,subscription_id,product,plan,start_date,end_date,amount,currency,quantity"]
    for n in range(280):
        account = f"a{n}"
        ends = "2026-04-20" if account in grown else "2026-05-20" if account in left else ""
        rows.append(f"{account},s{n},core,basic,2026-01-01,{ends},100.00,USD,1")
        if account in grown:
            rows.append(f"{account},s{n},core,basic,2026-04-20,,150.00,USD,1")
    (folder / "subs.csv").write_text("\n".join(rows) + "\n")
    store.import_(folder / "subs.csv", trust_valid_time=True, coverage="..2026-09-01")
    return store, arms, len(grown)


def test_a_play_that_works_is_told_so(played: tuple[api.Store, dict[str, str], int]) -> None:
    store, arms, grown = played
    held = sum(arm == HOLD_OUT for arm in arms.values())
    rows = {(r["result"], r["after_days"]): r for r in store.worked().to_dicts() if not r["channel"]}
    row, kept, later = rows["grew", 90], rows["kept", 90], rows["kept", 180]
    assert row["treated"] + row["others"] == 280 and row["still_running"] == 40
    assert (row["share_with"], row["share_without"]) == (pytest.approx(grown / (240 - held)), 0)
    assert row["worked"] == "more" and row["effect_low"] > 0 and row["compared"] == "hold_out"
    assert row["offered_share"] == pytest.approx(30 / row["treated"])
    assert kept["effect"] == pytest.approx(-3 / (240 - held)) and kept["worked"] == "cannot_tell"
    assert kept["needed"] is None or kept["needed"] > 100
    assert (later["still_running"], later["worked"], later["needed"]) == (280, "running", None)  # 1 September
    (money,) = (r for r in store.worked("money").to_dicts() if r["compared"] == "hold_out")
    assert money["gain_with"] == (Decimal(50 * grown) / (240 - held)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert money["gain_without"] == 0 and money["gain_low"] > 0
    first, stayed = store.worked("offers").to_dicts()
    assert (first["nth_offer"], first["result"], first["treated"], first["share_with"]) == (1, "grew", 30, 1.0)
    assert (stayed["result"], stayed["share_with"], stayed["share_without"]) == ("kept", 1.0, 1.0)
    listed = store.worked("accounts", kind="upsell").to_dicts()
    assert len(listed) == 280 and {r["arm"] for r in listed if r["offered_on"]} == {"offer"}
    assert Counter(r["result"] for r in listed) == {"grew": grown, "gone": 3, "kept": 237 - grown, None: 40}
    early = store.worked(as_of="2026-03-01").to_dicts()
    assert early == []  # nobody was drawn by then


def test_another_currency_is_no_loss_and_no_growth(tmp_path: Path) -> None:
    """Drawn in USD on 5 March: one goes on with 90 EUR (unclear), one with 40 USD and 60 EUR (unclear), one adds 20 EUR
    to its 100 USD (grew), one leaves, one stays."""
    clock, store = Clock(), api.open(tmp_path / "store")
    with closing(State(store.path, clock)) as state:
        refresh(state, 5, {"upsell": 0.5})
    rows = ["account_id,subscription_id,plan,start_date,end_date,amount,currency"]
    rows += [f"a{n},s{n},p,2026-01-01,{'' if n in (2, 4) else '2026-04-20'},100,USD" for n in range(5)]
    rows += ["a0,e0,p,2026-04-20,,90,EUR", "a1,s1,p,2026-04-20,,40,USD", "a1,e1,p,2026-04-20,,60,EUR"]
    (tmp_path / "s.csv").write_text("\n".join([*rows, "a2,e2,p,2026-04-20,,20,EUR"]) + "\n")
    store.import_(tmp_path / "s.csv", trust_valid_time=True, coverage="..2026-07-01")
    table = store.worked("accounts")
    assert {r["account_id"]: r["result"] for r in table.to_dicts()} == {
        "a0": "transferred", "a1": "transferred", "a2": "grew", "a3": "gone", "a4": "kept",
    }  # fmt: skip
    lines = {(r["result"], r["after_days"]): r for r in store.worked().to_dicts() if r["compared"] == "hold_out"}
    assert [lines[of]["treated"] + lines[of]["others"] for of in (("grew", 90), ("kept", 90))] == [3, 5]
    assert [n.params for n in table.notes if n.code == "paid-elsewhere"] == [{"count": "2"}]


def test_matched_groups_find_a_planted_difference_and_refuse_who_are_not_alike(tmp_path: Path) -> None:
    """Offers by email in April to 120 of 600 accounts: half of them grow after it, 10 % of the others. Those offered
    something by call are ten times as large as anybody else."""
    rng = np.random.default_rng(4)
    rows = ["account_id,subscription_id,product,plan,start_date,end_date,amount,currency,quantity"]
    events = ["account_id,kind,at,channel"]
    for n in range(640):
        amount = float(rng.integers(50, 200)) if n < 600 else float(rng.integers(5_000, 9_000))
        grows = rng.random() < (0.5 if n < 120 else 0.1)
        rows.append(f"a{n},s{n},core,basic,2025-01-01,{'2026-05-10' if grows else ''},{amount:.2f},USD,1")
        if grows:
            rows.append(f"a{n},s{n},core,basic,2026-05-10,,{amount * 1.5:.2f},USD,1")
        if n < 120 or n >= 600:
            events.append(f"a{n},offer,2026-04-{n % 28 + 1:02d},{'email' if n < 120 else 'call'}")
    (tmp_path / "subs.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "events.csv").write_text("\n".join(events) + "\n")
    store = api.open(tmp_path / "store")
    store.import_(tmp_path / "subs.csv", tmp_path / "events.csv", trust_valid_time=True, coverage="..2026-10-01")
    told = {(r["channel"], r["result"]): r for r in store.worked().to_dicts() if r["after_days"] == 90}
    row = told["email", "grew"]
    assert (row["kind"], row["compared"], row["worked"]) == ("any", "matched", "goes_with_more")
    assert row["treated"] == 120 and row["others"] > 100 and row["effect"] == pytest.approx(0.4, abs=0.12)
    assert told["email", "kept"]["worked"] == "cannot_tell"
    assert told["call", "grew"]["worked"] in ("few_pairs", "poor_overlap") and told["call", "grew"]["effect"] is None
    (money,) = (r for r in store.worked("money").to_dicts() if r["channel"] == "email")
    assert money["treated"] == row["others"] and 15 < money["gain_effect"] < 40  # half of 125, half against a tenth
    apart = {(r["channel"], r["covariate"]): r for r in store.worked("balance").to_dicts()}
    assert abs(apart["email", "mrr"]["apart_after"]) < 0.1
    text.use("th")
    for covariate in {r["covariate"] for r in store.worked("balance").to_dicts()}:  # mrr, signals, plan: …, signal: …
        said = cell("covariate", {"covariate": covariate}, "month")
        assert said != covariate and "signal" not in said, covariate


def test_the_fatigue_of_the_bank_s_clients(real_data: Path, state: State) -> None:
    """UCI bank marketing: of who was called once 13.0 % said yes, of who was called ten times or more 3.6 %."""
    with gzip.open(real_data / "bank_marketing" / "bank_additional_full.csv.gz", "rt") as file:
        told = list(csv.DictReader(file))
    start, past = datetime(2026, 1, 1), []
    for n, row in enumerate(told):
        calls = int(row["campaign"])
        said = "accepted" if row["y"] == "yes" else "declined"
        for nth in range(calls):
            at = start + timedelta(hours=nth)
            past.append((f"c{n}", at, "call", said if nth == calls - 1 else "", at))
    state.opportunities.refresh(BY, Found(1, [], {}, past, {}), 30, 90)
    counts = Counter((min(nth, 10), outcome) for _a, nth, outcome in state.opportunities.responses() if outcome)
    rate = {n: counts[n, "accepted"] / (counts[n, "accepted"] + counts[n, "declined"]) for n in (1, 10)}
    assert (rate[1], rate[10]) == pytest.approx((0.130, 0.036), abs=5e-4)
