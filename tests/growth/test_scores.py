"""Scores: what is learnt, calibrated and measured; no skill where there is none; nothing recorded later is in them."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import rollforward as rf
from product import import_files, store_of
from reference import File
from rollforward import text
from rollforward.errors import Misuse
from rollforward.periods import add_months
from rollforward.stats import scores

pytest.importorskip("sklearn")
ENDS = [add_months(date(2024, 1, 1), n) - timedelta(days=1) for n in range(1, 25)]
"""24 month ends."""


def world(weight: float, seed: int = 1, accounts: int = 400, few: int = 24) -> tuple[scores.Rows, scores.Floats]:
    """Looks at accounts with six traits, the first of which moves the chance by `weight`; and the true chances."""
    draw = np.random.default_rng(seed)
    n = accounts * few
    values = draw.normal(size=(n, 6))
    values[draw.random((n, 6)) < 0.1] = np.nan
    true = 1 / (1 + np.exp(2 - weight * np.nan_to_num(values[:, 0])))
    day = np.repeat([d.toordinal() for d in ENDS[:few]], accounts)
    return scores.Rows(day, np.tile(np.arange(accounts), few), values, (draw.random(n) < true).astype(float)), true


def judged(rows: scores.Rows) -> tuple[scores.Rows, scores.Measured, scores.Floats]:
    split = scores.parts(ENDS, 90)
    late = rows.of(split.tested)
    learnt = scores.Learnt(rows.of(split.trained), rows.of(split.calibrated))
    chance = learnt.chance(learnt.raw(late.values))
    return late, scores.measured(late, chance, learnt.raw(late.values)), chance


@pytest.mark.parametrize("looks", range(6, 25))
def test_every_outcome_learnt_from_is_known_at_the_first_look_of_the_test(looks: int) -> None:
    split = scores.parts(ENDS[:looks], 90)
    assert split.trained and split.calibrated and split.tested
    assert max(split.trained) < min(split.calibrated)
    assert max(split.calibrated) + timedelta(days=90) <= min(split.tested)
    assert set(scores.latest(ENDS[:looks], 90).calibrated) == set(ENDS[looks - looks // 3 : looks])


def test_a_planted_signal_is_found_and_its_chances_are_right() -> None:
    rows, true = world(1.5)
    late, found, chance = judged(rows)
    assert found.has_skill
    # the true chances are a ceiling, and nearly reached
    ceiling = scores.measured(late, true[-len(chance) :], true[-len(chance) :])
    assert found.auc is not None and ceiling.auc is not None and found.skill is not None
    assert ceiling.auc - 0.03 < found.auc <= ceiling.auc + 0.005
    for _nth, _rows, _accounts, told, came, _low, _high in scores.deciles(late, chance, chance):
        assert told == pytest.approx(came, abs=0.06)


def test_who_only_knows_the_plan_has_no_lift_within_plans() -> None:
    """Two plans, on one of which the outcome is four times as frequent; the other rank knows who, not which plan."""
    draw = np.random.default_rng(4)
    n = 4000
    plan, inner = draw.integers(0, 2, n), draw.random(n)
    y = (draw.random(n) < np.where(plan == 1, 0.4, 0.1) * np.where(inner > 0.9, 2.0, 0.9)).astype(float)
    rows = scores.Rows(np.zeros(n), np.arange(n), np.zeros((n, 1)), y, plan)  # type: ignore[arg-type]
    knows_plan, knows_who = (scores.measured(rows, rank, rank) for rank in (plan * 1.0, inner))
    assert knows_plan.lift.lift is not None and knows_plan.lift.lift > 1.4
    assert knows_plan.within.lift == pytest.approx(1)
    assert knows_who.within.low is not None and knows_who.within.low > 1.6


def test_a_method_has_to_be_surely_above_the_rule() -> None:
    draw = np.random.default_rng(6)
    n = 6000
    known, more = draw.random(n), draw.random(n)
    chance = np.clip(0.3 * known + 0.3 * more, 0.01, 0.99)
    rows = scores.Rows(np.zeros(n), np.arange(n), np.zeros((n, 1)), (draw.random(n) < chance).astype(float))  # type: ignore[arg-type]
    alike = float(rows.outcome.mean() * (1 - rows.outcome.mean()))
    told = scores.measured(rows, chance, chance)
    assert scores.verdict(told, alike, scores.over(rows, chance, known)) == "skill"
    assert (
        scores.verdict(told, alike, scores.over(rows, known + draw.normal(0, 0.05, n), known))
        == "no more than the rule"
    )
    assert scores.verdict(told, told.brier) == "no skill", "its chances are no nearer than one for all"
    assert scores.over(rows, known, known) == (0.0, 0.0, 0.0)


def test_of_methods_that_tell_nothing_few_are_called_better() -> None:
    """Three ranks of noise each, 300 times: at least one is above chance, or above another, in at most 5 of 100."""
    draw, wrong = np.random.default_rng(8), 0
    for _ in range(300):
        y = (draw.random(600) < 0.2).astype(float)
        rows = scores.Rows(np.zeros(600), np.arange(600), np.zeros((600, 1)), y)  # type: ignore[arg-type]
        ranks = [draw.random(600) for _method in range(3)]
        wrong += any(scores.measured(rows, np.full(600, 0.19), r).has_skill for r in ranks)
    assert wrong <= 15


@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_tells_there_is_no_skill(seed: int) -> None:
    late, found, chance = judged(world(0.0, seed)[0])
    assert not found.has_skill
    assert found.auc == pytest.approx(0.5, abs=0.05)
    assert chance.mean() == pytest.approx(late.outcome.mean(), abs=0.02)


def test_shuffled_outcomes_have_no_skill() -> None:
    rows, _ = world(1.5)
    shuffled = np.random.default_rng(3).permutation(rows.outcome)
    assert not judged(scores.Rows(rows.day, rows.account, rows.values, shuffled))[1].has_skill


def test_the_same_rows_give_the_same_chances() -> None:
    first, again = (judged(world(1.0)[0])[2] for _ in range(2))
    assert first.tolist() == again.tolist()


def test_figures_are_those_of_the_library() -> None:
    from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

    draw = np.random.default_rng(5)
    y, chance = (draw.random(500) < 0.2).astype(float), np.round(draw.random(500), 2)
    found = scores.measured(scores.Rows(np.zeros(500), np.arange(500), np.zeros((500, 1)), y), chance, chance)  # type: ignore[arg-type]
    assert found.auc == pytest.approx(roc_auc_score(y, chance))
    assert found.pr_auc == pytest.approx(average_precision_score(y, chance))
    assert found.brier == pytest.approx(brier_score_loss(y, chance))
    assert found.auc_low is not None and found.auc is not None
    # DeLong's standard error is near that of Hanley and McNeil for such numbers
    assert (found.auc - found.auc_low) / 1.96 == pytest.approx(0.033, abs=0.006)


def test_lift_of_the_tenth_counts_ties_in_parts() -> None:
    """Twenty rows, two in the tenth; one stands above and came true, nine share what is left, three of them right."""
    y = np.array([1.0] + [1.0] * 3 + [0.0] * 6 + [0.0] * 10)
    rank = np.array([3.0] + [2.0] * 9 + [1.0] * 10)
    rows = scores.Rows(np.zeros(20), np.arange(20), np.zeros((20, 1)), y)  # type: ignore[arg-type]
    # (1 + 3/9) of 2 came true, 4 of 20 of all
    assert scores.measured(rows, rank / 4, rank).lift.lift == pytest.approx((1 + 1 / 3) / 2 / 0.2)


AT = datetime(2022, 10, 1)


def yearly(folder: Path, accounts: int = 1200, at: datetime = AT) -> rf.Store:
    """Accounts paid by the year of which 60 % leave on their first anniversary, and accounts by the month that stay."""
    draw = np.random.default_rng(2)
    rows = []
    for n in range(accounts):
        start = date(2021, 1, 1) + timedelta(days=int(draw.integers(0, 900)))
        ends = f"{add_months(start, 12)}" if n % 2 and draw.random() < 0.6 else ""
        rows.append({
            "account_id": f"a{n}", "subscription_id": f"s{n}", "plan": "pro", "start_date": f"{start}",
            "end_date": ends, "amount": "120.00" if n % 2 else "10.00", "currency": "USD",
            "interval": "year" if n % 2 else "month",
        })  # fmt: skip
    return store_of([File("subscriptions", tuple(rows), at, (datetime(1, 1, 1), datetime(2024, 1, 1)))], folder)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    return yearly(tmp_path_factory.mktemp("scores"))


NOW = datetime(2023, 12, 31, 23)


def test_accounts_before_their_anniversary_are_told_and_why(store: rf.Store) -> None:
    told = store.risks(as_of=NOW).to_dicts()
    assert told[0]["probability"] > 0.2
    assert {r["mrr_likely"] <= r["mrr"] for r in told} == {True}
    assert [r["mrr_likely"] for r in told] == sorted((r["mrr_likely"] for r in told), reverse=True)
    assert "raises the chance" in told[0]["reasons_en"] and "โอกาสสูงขึ้น" in told[0]["reasons_th"]
    rows = {r["method"]: r for r in store.score_report(as_of=NOW).to_dicts()}
    # the naive rule does not know that only the first anniversary counts
    assert rows["model"]["verdict"] == rows["rule"]["verdict"] == "skill" and rows["model"]["over_rule_low"] > 0
    assert rows["constant"]["verdict"] == "no skill" and rows["constant"]["over_rule"] is None
    assert rows["constant"]["auc"] == 0.5 and rows["rule"]["auc"] > 0.7


def test_without_the_extra_it_is_said_before_any_work(store: rf.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    looked: list[str] = []
    with pytest.raises(Misuse) as refused:
        store.risks(as_of=NOW - timedelta(days=40), progress=lambda what, _share: looked.append(what))
    assert not [what for what in looked if what.startswith("look ")]
    assert (
        text.error(refused.value)
        == "scikit-learn is not installed.\nInstall it with: pip install 'rollforward[predict]'"
    )
    assert "pip install 'rollforward[predict]'" in text.error(refused.value, "th")


@pytest.mark.slow
def test_nothing_recorded_later_is_in_a_score(store: rf.Store) -> None:
    before = store.risks(as_of=NOW).rows
    gone = [{"account_id": f"a{n}", "at": "2023-06-01", "kind": "ticket"} for n in range(60)]
    import_files(store, [File("events", tuple(gone), datetime(2024, 2, 1))], store._facts.path.parent / "later")
    at = [n for n, c in enumerate(store.risks(as_of=NOW).columns) if c != "store_version"]
    after = store.risks(as_of=NOW).rows
    assert [[r[i] for i in at] for r in after] == [[r[i] for i in at] for r in before]


def test_what_is_too_little_is_counted_and_refused(tmp_path: Path) -> None:
    thin = yearly(tmp_path, 20, datetime(2023, 5, 1))
    with pytest.raises(Misuse) as refused:
        thin.risks(as_of=NOW)
    assert refused.value.code == "score-thin" and refused.value.params["looks"] == "5"
    with pytest.raises(Misuse, match="unknown-option"):
        thin.risks("nonsense", as_of=NOW)


def test_a_past_that_was_not_recorded_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,amount,currency\na,s,p,2022-01-01,10,USD\n", encoding="utf-8"
    )
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv")
    with pytest.raises(Misuse, match="no-history"):
        store.risks()


@pytest.mark.long
def test_outcomes_that_follow_nothing_show_no_skill(real_data: Path, tmp_path: Path) -> None:
    """A public data set whose labels are random: nothing may be found in it, and no score is shown."""
    store = rf.open(tmp_path / "store")
    for name, mapping in (
        ("accounts", ""),
        ("subscriptions", '[columns]\nplan = "plan_tier"\n[constants]\ncurrency = "USD"\n'),
        ("support_tickets", '[columns]\nat = "submitted_at"\n[constants]\nkind = "ticket"\n'),
    ):
        (tmp_path / f"{name}.toml").write_text(mapping, encoding="utf-8")
        source = real_data / "ravenstack_saas_synthetic" / f"{name}.csv.gz"
        coverage = "..2025-01-01" if name == "subscriptions" else None
        store.import_(source, mapping=tmp_path / f"{name}.toml", trust_valid_time=True, coverage=coverage)
    model = store.score_report("expansion").to_dicts()[0]
    assert model["verdict"] == "no skill"
    assert model["auc"] == pytest.approx(0.5, abs=0.05)
    told = store.risks("expansion")
    assert told.rows == [] and "no-skill" in {n.code for n in told.notes}
    assert len(store.risks("expansion", anyway=True)) > 100
    with pytest.raises(Misuse, match="score-thin"):
        store.risks("churn")
