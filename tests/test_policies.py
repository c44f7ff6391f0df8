"""Policies of a store: registered as facts, found by name, and two of them side by side."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.text import error, note

SUBS = """account_id,subscription_id,plan,start_date,end_date,amount,interval,currency
a,s1,pro,2026-01-05,2026-03-10,100.00,month,EUR
b,s2,pro,2026-01-31,,30.00,week,EUR
"""
WEEKS = 'name = "weeks"\nversion = {}\nweek_factor = "{}"\nfiscal_year_start = 4\n'


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "subs.csv").write_text(SUBS, encoding="utf-8")
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "subs.csv", trust_valid_time=True, coverage=(None, date(2026, 4, 1)))
    return store


def told(folder: Path, text: str) -> Path:
    path = folder / "weeks.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_registered_policy_is_a_fact_that_never_changes(store: Store, tmp_path: Path) -> None:
    before = store.version()
    rules, is_new = store.add_policy(told(tmp_path, WEEKS.format(1, "4/1")))
    assert (rules.name, rules.version, is_new) == ("weeks", 1, True)
    assert store.version() == before + 1
    assert store.imports().to_dicts()[-1]["kind"] == "policy"
    again = store.add_policy(told(tmp_path, "# said again\n" + WEEKS.format(1, "4/1")))
    assert again == (rules, False) and store.version() == before + 1
    with pytest.raises(Misuse) as err:
        store.add_policy(told(tmp_path, WEEKS.format(1, "5/1")))
    assert (err.value.code, err.value.params["following"]) == ("policy-registered", 2)
    assert "version = 2" in error(err.value)
    store.add_policy(told(tmp_path, WEEKS.format(2, "5/1")))
    # 30.00 a week: × 4 and × 5
    for name, mrr in (("weeks", "150.00"), ("weeks@2", "150.00"), ("weeks@1", "120.00")):
        row = store.mrr(policy=name, start="2026-03", end="2026-03").to_dicts()[0]
        assert (row["closing"], row["policy"]) == (Decimal(mrr), "weeks")
    with pytest.raises(Misuse) as err:
        store.add_policy(told(tmp_path, 'name = "stripe"\nversion = 9'))
    assert err.value.code == "policy-shipped"
    assert [r["policy"] for r in store.policies().to_dicts()][-2:] == ["weeks", "weeks"]
    assert store.policy_text("weeks@1") == WEEKS.format(1, "4/1")


def test_two_policies_stand_side_by_side(store: Store, tmp_path: Path) -> None:
    path = told(tmp_path, WEEKS.format(1, "4/1"))
    store.add_policy(path)
    rows = store.mrr(policy="default,weeks", start="2026-02", end="2026-03").to_dicts()
    # 30.00 × 52/12 = 130.00 beside 120.00; account a has 100.00 until 10 March
    assert [(r["policy"], r["policy_version"], r["closing"]) for r in rows] == [
        ("default", 1, Decimal("230.00")), ("default", 1, Decimal("130.00")),
        ("weeks", 1, Decimal("220.00")), ("weeks", 1, Decimal("120.00")),
    ]  # fmt: skip
    alone = [store.mrr(policy=p, start="2026-02", end="2026-03").rows for p in ("default", str(path))]
    both = store.mrr(policy=f"default,{path}", start="2026-02", end="2026-03").rows
    timeless = slice(0, -3)  # as_of is the second of the question
    assert [r[timeless] for r in both] == [r[timeless] for r in (*alone[0], *alone[1])]
    for asked in (store.metrics, store.expansion, store.drivers, store.retention):
        assert {r["policy"] for r in asked(policy="default,weeks").to_dicts()} <= {"default", "weeks"}
    assert {r["policy"] for r in store.metrics(policy="default,weeks").to_dicts()} == {"default", "weeks"}
    assert [r[timeless] for r in store.mrr(policy="default,default").rows] == [r[timeless] for r in store.mrr().rows]


def test_sql_under_two_policies_has_both_in_every_table_but_the_facts(store: Store, tmp_path: Path) -> None:
    store.add_policy(told(tmp_path, WEEKS.format(1, "4/1")))
    query = (
        "select r.policy, r.closing, p.week_num, count(*) from roll_forward r join policy p on p.policy = r.policy "
        "cross join account where r.period = date '2026-03-01' group by all order by 1"
    )
    assert store.sql(query, policy="default,weeks").rows == [("default", 13000, 52, 2), ("weeks", 12000, 4, 2)]
    both = "select policy, cast(sum(delta) as bigint) from mrr_change group by 1 order by 1"
    assert store.sql(both, policy="default,weeks").rows == [("default", 13000), ("weeks", 12000)]
    assert store.sql("select cast(sum(delta) as bigint) from mrr_change", policy="weeks").rows == [(12000,)]
    assert not list((store.path / "spill").glob("tmp*"))


def test_years_begin_where_the_policy_says(store: Store, tmp_path: Path) -> None:
    path = str(told(tmp_path, WEEKS.format(1, "4/1")))
    years = store.mrr(policy=path, by="year").to_dicts()
    assert [r["period"] for r in years] == [date(2025, 4, 1)]
    assert years[0]["is_complete"] is True and years[0]["closing"] == Decimal("120.00")
    quarter = store.mrr(policy=path, by="quarter", start="2025-Q4", end="2025-Q4").to_dicts()
    assert [(r["period"], r["new"]) for r in quarter] == [(date(2026, 1, 1), Decimal("220.00"))]


def test_a_period_shorter_than_the_netting_window_is_refused(store: Store, tmp_path: Path) -> None:
    path = str(told(tmp_path, 'name = "months"\nversion = 1\nnetting = "month"'))
    for by in ("day", "week"):
        with pytest.raises(Misuse) as err:
            store.mrr(policy=path, by=by)
        assert err.value.code == "below-netting" and by in error(err.value)
    with pytest.raises(Misuse) as err:
        store.explain("new", "2026-01-05", policy=path)
    assert err.value.code == "below-netting"
    assert store.mrr(policy=path, by="month").rows


def test_an_approximate_policy_is_called_so(store: Store) -> None:
    said = [n for n in store.mrr(policy="default,stripe").notes if n.code == "approximate-policy"]
    assert [n.params["policy"] for n in said] == ["stripe"]
    assert note(said[0].code, said[0].params).startswith("stripe is approximate")
    assert "approximate-policy" not in {n.code for n in store.mrr().notes}
    assert "approximate-policy" in {n.code for n in store.sql("select 1", policy="stripe").notes}


def test_settings_are_shown_and_compared(store: Store, tmp_path: Path) -> None:
    path = str(told(tmp_path, WEEKS.format(1, "4/1")))
    assert store.policy_diff("default", path).rows == [
        ("week_factor", "52/12", "4/1"), ("fiscal_year_start", "1", "4"),
    ]  # fmt: skip
    assert store.policy_diff("stripe", "stripe").rows == []
    shown = {r[0]: r[1:] for r in store.policy("maxio").rows}
    assert shown["reactivation_days"] == ("90", "any") and "not_reproduced.net_churn_sign" in shown
    assert 'name = "maxio"' in store.policy_text("maxio")
