"""Goals: figures are those of the other answers, pace by hand, versions stay; commission only on what lasted."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.state import Actor

HEAD = "account_id,subscription_id,item_id,plan,quantity,start_date,end_date,amount,currency,interval\n"
STEPS = """\
a,s1,i1,pro,1,2025-01-01,2025-04-10,100,USD,month
a,s1,i1,pro,2,2025-04-10,2026-04-20,200,USD,month
a,s1,i1,pro,3,2026-04-20,,300,USD,month
b,s2,i2,pro,1,2025-01-01,2025-06-05,100,USD,month
b,s2,i2,pro,4,2025-06-05,2026-04-05,400,USD,month
b,s2,i2,pro,6,2026-04-05,2026-05-05,600,USD,month
b,s2,i2,pro,5,2026-05-05,,500,USD,month
"""
ACCOUNTS = "account_id,owner\na,Kim\nb,Lee\n"
ANN = Actor("ann", "analyst")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("goals")
    (folder / "subscriptions.csv").write_text(HEAD + STEPS, encoding="utf-8")
    (folder / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    store = rf.open(folder / "store")
    store.import_(folder / "subscriptions.csv", folder / "accounts.csv", trust_valid_time=True, coverage="..2026-05-16")
    return store.path


@pytest.fixture
def store(made: Path) -> Store:
    (made / "state.sqlite").unlink(missing_ok=True)
    return rf.open(made)


def test_progress_pace_and_forecast_by_hand(store: Store) -> None:
    """Quarter to 15 May: 45 of 91 days; 100 + 200 came. Last year 100 of 400 had come by then: 300 / 0.25 = 1,200."""
    store.set_goal(ANN, "expansion", "2026-Q2", D(600))
    store.set_goal(ANN, "expansion", "2026-Q2", D(150), owner="Kim")
    store.set_goal(ANN, "expansion", "2026-Q2", D(400), owner="Lee")
    table = store.goals()
    told = {str(r["owner"]): r for r in table.to_dicts()}
    whole = told[""]
    assert (whole["actual_mrr"], whole["forecast_mrr"], whole["attainment"]) == (D(300), D(1200), 0.5)
    assert whole["elapsed"] == pytest.approx(45 / 91) and whole["last_year_share"] == 0.25
    assert whole["forecast_from"] == "last year" and whole["on_pace"] is True
    assert (told["Kim"]["actual_mrr"], told["Lee"]["actual_mrr"]) == (D(100), D(200))
    assert told["Lee"]["forecast_from"] == "days"  # nothing had come of Lee's by then a year ago
    gap = next(n for n in table.notes if n.code == "owners-gap")
    assert gap.params["gap"] == "50"


def test_ratios_are_those_of_retention(store: Store) -> None:
    """From 600 at the end of March to 800: NDR 4/3 (`b` fell within its own expansion, so GRR is 1)."""
    store.set_goal(ANN, "ndr", "2026-Q2", D("1.2"))
    store.set_goal(ANN, "grr", "2026-Q2", D("0.95"))
    told = {str(r["goal_metric"]): r for r in store.goals().to_dicts()}
    assert told["ndr"]["actual_share"] == pytest.approx(800 / 600)
    assert told["ndr"]["forecast_share"] == pytest.approx(1 + (800 / 600 - 1) * 91 / 45)
    window = store.retention("2026-04-01..2026-05-16").to_dicts()[0]
    assert told["grr"]["actual_share"] == pytest.approx(float(str(window["grr"])))


def test_every_version_stays(store: Store) -> None:
    for target in (D(500), D(700), None):
        store.set_goal(ANN, "expansion", "2026", target)
    assert [n.code for n in store.goals().notes] == ["no-goals"]
    assert [r["goal_target"] for r in store.goal_versions().to_dicts()] == [None, D(700), D(500)]
    assert [a["action"] for a in store.audit(action="goal").to_dicts()] == ["goal.remove", "goal.set", "goal.set"]


def test_commission_is_paid_on_what_lasted(store: Store) -> None:
    """Lee's 200 lost 100 within 30 days: 10 % of half of 100 is 5. Kim's 100 would be 5 too; a cap of 3 cuts both."""
    asked = {"start": "2026-Q2", "end": "2026-Q2"}
    told = {str(r["owner"]): r for r in store.commission(0.1, 0.5, **asked).to_dicts()}  # type: ignore[arg-type]
    lee = told["Lee"]
    assert (lee["uplift"], lee["clawed_back"], lee["durable_uplift"]) == (D(200), D(-100), D(100))
    assert {o: r["commission"] for o, r in told.items()} == {"Kim": D(5), "Lee": D(5)}
    assert lee["is_settled"] is False  # 90 days are not over
    capped = store.commission(0.1, 0.5, D(3), 10, **asked).to_dicts()  # type: ignore[arg-type]
    assert {str(r["owner"]): r["commission"] for r in capped} == {"Kim": D(3), "Lee": D(3)}
    owners = store.commission(0.1, 0.5, by_owner=True, **asked).to_dicts()  # type: ignore[arg-type]
    assert {str(r["owner"]): (r["made"], r["commission"]) for r in owners} == {"Kim": (1, D(5)), "Lee": (1, D(5))}
    assert len(store.commission(0.1, limit=1, skip=1, **asked)) == 1  # type: ignore[arg-type]
    assert next(r["clawed_back"] for r in capped if r["owner"] == "Lee") == 0  # the loss came after 10 days
    assert sum(D(str(r["uplift"])) for r in capped) == store.expansion(by="quarter", **asked).to_dicts()[0]["expansion"]  # type: ignore[arg-type]


def test_what_is_no_goal_is_refused(store: Store) -> None:
    for code, call in {
        "bad-goal": lambda: store.set_goal(ANN, "ndr", "2026", D(-1)),
        "bad-period": lambda: store.set_goal(ANN, "ndr", "soon", D(1)),
        "unknown-option": lambda: store.set_goal(ANN, "happiness", "2026", D(1)),
        "bad-terms": lambda: store.commission(1.5),
    }.items():
        with pytest.raises(Misuse) as caught:
            call()
        assert caught.value.code == code


def test_a_goal_that_cannot_be_asked_for_leaves_the_others(store: Store) -> None:
    """It is refused when it is set; one that was kept before, or whose attribute has gone, has no figure."""
    with pytest.raises(Misuse, match="unknown-currency"):
        store.set_goal(ANN, "expansion", "2026-Q2", D(600), currency="ZZZ")
    store.state.goals.set(ANN, "expansion", "2026-Q2", D(600), "", "", "ZZZ")
    store.set_goal(ANN, "expansion", "2026-Q2", D(600))
    told = {str(r["currency"]): r["actual_mrr"] for r in store.goals().to_dicts()}
    assert told == {"ZZZ": None, "USD": D(300)}
    store.set_goal(ANN, "expansion", "2026-Q2", None, currency="ZZZ")
    assert [r["currency"] for r in store.goals().to_dicts()] == ["USD"]


def test_commission_is_split_by_owner_only(store: Store) -> None:
    with pytest.raises(Misuse, match="unknown-option"):
        store.commission(0.1, segment="plan_tier")


def test_without_owners_commission_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
        "a,s,p,2026-01-01,2026-03-01,100,USD\na,s,p,2026-03-01,,150,USD\n", encoding="utf-8",
    )  # fmt: skip
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv", coverage="2026-01-01..2026-07-01")
    (row,) = store.commission(D("0.1"), by_owner=True).to_dicts()
    assert (row["owner"], row["made"], row["commission"]) == ("unknown", 1, D(5))


def test_without_a_rate_nothing_is_told(tmp_path: Path) -> None:
    """50 of USD, 100 of EUR whose rate of March nobody told: no goal and no sum of commission has a figure."""
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
        "a,s,p,2026-01-01,2026-03-01,100,USD\na,s,p,2026-03-01,,150,USD\n"
        "b,t,p,2026-01-01,2026-03-01,100,EUR\nb,t,p,2026-03-01,,200,EUR\n", encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "fx.csv").write_text("date,currency,rate\n2026-06-30,EUR,1.1\n", encoding="utf-8")
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv", coverage="2026-01-01..2026-07-01")
    store.import_(tmp_path / "fx.csv", currency="USD")
    table = store.commission(D("0.1"), currency="USD")
    assert {r["account_id"]: (r["uplift"], r["commission"]) for r in table.to_dicts()} == {
        "a": (D(50), D(5)), "b": (None, None),
    }  # fmt: skip
    assert "missing-rates" in [n.code for n in table.notes]
    (row,) = store.commission(D("0.1"), by_owner=True, currency="USD").to_dicts()
    assert (row["made"], row["uplift"], row["commission"]) == (2, None, None)
    store.set_goal(ANN, "expansion", "2026-Q1", D(100), currency="USD")
    told = store.goals()
    (goal,) = told.to_dicts()
    assert (goal["actual_mrr"], goal["attainment"], goal["on_pace"]) == (None, None, None)
    assert "missing-rates" in [n.code for n in told.notes]
