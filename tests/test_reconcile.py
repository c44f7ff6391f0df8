"""Decision 0014: every difference between two policies has its reasons, and they add up to it.

The stores are small enough to be worked by hand; what each line should say is written beside it.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_strategies import Settings, holds_active, random_dunned_history, random_policy
from product import policy_file, store_of
from reconciling import HEAD, adds_up, book, told
from rollforward.api import Store
from rollforward.cli.run import run
from strategies import drawn

BOOK = """\
a,a,p,2026-01-05,,100.00,USD,month,active,20,once,2026-03-01,,
b,b,p,2026-01-05,2026-03-01,50.00,USD,month,active,,,,,
b,b,p,2026-03-01,,50.00,USD,month,paused,,,,,
c,c,p,2026-01-05,2026-03-20,30.00,USD,month,active,,,,2026-02-10,2026-04-05
d,d,p,2026-02-03,2026-02-20,25.00,USD,month,active,,,,,
e,e,p,2026-01-05,,40.00,USD,month,active,,,,,
f,f,p,2026-01-05,2026-02-01,100.00,USD,month,active,10,once,2027-01-01,,
f,f,p,2026-02-01,,100.00,USD,month,paused,10,once,2027-01-01,,
"""


# -- two policies ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return book(tmp_path_factory.mktemp("book"), BOOK)


def test_against_stripe_only_the_request_to_cancel_differs(store: Store) -> None:
    rows = adds_up(store, "policy:stripe", end="2026-04")
    assert told(rows) == {("02", "c", "churn_on", "30.00")}  # requested on 10 February, ended on 20 March


def test_against_chartmogul_settings_are_switched_in_the_order_of_the_definitions(store: Store) -> None:
    rows = adds_up(store, "policy:chartmogul", by_period=True, end="2026-04")
    assert told(rows) == {
        *((m, "a", "discounts", "20.00") for m in ("01", "02")),
        *((m, "b", "paused", "-50.00") for m in ("03", "04")),
        ("01", "f", "discounts", "10.00"),
        # 0 under ours, 90 under theirs: discounts come first and move nothing where nothing counts yet
        *((m, "f", "paused", "-90.00") for m in ("02", "03", "04")),
    }


def test_against_profitwell(store: Store) -> None:
    rows = adds_up(store, "policy:profitwell", end="2026-04")
    assert told(rows) == {
        *((m, "a", "discounts", "20.00") for m in ("01", "02")),
        ("01", "f", "discounts", "10.00"),
        ("03", "c", "churn_on", "-30.00"),  # paid through 5 April
    }
    # d came and went inside February: new and churn of 25.00 that ProfitWell has not
    new = adds_up(store, "policy:profitwell", measure="new", start="2026-02", end="2026-02")
    assert told(new) == {("02", "d", "same_month_new_and_churn", "25.00")}
    churn = adds_up(store, "policy:profitwell", measure="churn", start="2026-02", end="2026-04")
    assert {t for t in told(churn) if t[1] == "d"} == {("02", "d", "same_month_new_and_churn", "-25.00")}
    assert {t for t in told(churn) if t[1] == "c"} == {
        ("03", "c", "churn_on", "-30.00"),
        ("04", "c", "churn_on", "30.00"),
    }


def test_the_summary_counts_accounts_and_always_says_what_is_unexplained(store: Store) -> None:
    rows = store.reconcile("policy:chartmogul", by="period", start="2026-01", end="2026-03").to_dicts()
    assert [
        (
            f"{r['period']:%m}",
            str(r["ours"]),
            str(r["theirs"]),
            r["reason"],
            str(r["amount"]),
            r["accounts"],
            r["share"],
        )
        for r in rows
    ] == [
        ("01", "320.00", "290.00", "discounts", "30.00", 2, 1.0),
        ("01", "320.00", "290.00", "unexplained", "0.00", 0, 0.0),
        ("02", "220.00", "290.00", "discounts", "20.00", 1, pytest.approx(-2 / 7)),
        ("02", "220.00", "290.00", "paused", "-90.00", 1, pytest.approx(9 / 7)),
        ("02", "220.00", "290.00", "unexplained", "0.00", 0, 0.0),
        ("03", "140.00", "280.00", "paused", "-140.00", 2, 1.0),
        ("03", "140.00", "280.00", "unexplained", "0.00", 0, 0.0),
    ]


def test_sentences_for_an_accountant_and_exit_codes(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["reconcile", "--store", str(store.path), "--from", "2026-01", "--to", "2026-01", "--by", "period"]
    assert run([*asked, "--against", "policy:chartmogul"]) == 0
    assert capsys.readouterr().out == (
        "2026-01, USD, MRR: ours 320.00, theirs 290.00, difference 30.00: discounts 30.00 (2 accounts), "
        "unexplained 0.00\n"
    )
    assert run([*asked, "--against", "policy:stripe"]) == 0
    assert capsys.readouterr().out == "2026-01, USD, MRR: ours and theirs 320.00\n"
    (tmp_path / "peer.csv").write_text("account_id,month,mrr,currency\na,2026-01,99,USD\nb,2026-01,x,USD\n")
    assert run([*asked, "--against", str(tmp_path / "peer.csv")]) == 1
    said = capsys.readouterr()
    assert "unexplained 1.00 (1 account)" in said.out and "row not read 50.00 (1 account)" in said.out
    assert "peer.csv:3 was not read: bad-number" in said.err
    assert run([*asked, "--against", str(tmp_path / "none.csv")]) == 2


def test_a_policy_has_no_difference_to_itself(store: Store) -> None:
    assert store.reconcile("policy:default").rows == []
    assert {(r["difference"], r["reason"]) for r in store.reconcile("policy:default", by="period").to_dicts()} == {
        (Decimal(0), "unexplained")
    }


def test_what_is_closed_is_a_step_of_its_own(tmp_path: Path) -> None:
    rows = "a,a,p,2026-01-05,,100.00,USD,month,active,20,once,2026-12-01,,\n"
    store = book(tmp_path, rows, recorded_at="2026-01-06")
    store.close("2026-02")
    (tmp_path / "late.csv").write_text(
        HEAD + "b,b,p,2026-02-03,,7.00,USD,month,active,,,,,\n", encoding="utf-8"
    )  # fmt: skip
    store.import_(tmp_path / "late.csv", recorded_at="2026-04-20")
    assert told(adds_up(store, "policy:chartmogul", start="2026-02", end="2026-03")) == {
        ("02", "b", "closed periods", "-7.00"),
        ("02", "a", "discounts", "20.00"),
        ("03", "a", "discounts", "20.00"),
    }
    restated = adds_up(store, "policy:chartmogul", start="2026-02", end="2026-03", basis="restated")
    assert {t[2] for t in told(restated)} == {"discounts"}


few = settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.slow
@few
@given(st.data(), drawn(random_policy), drawn(random_policy))
def test_the_difference_by_account_is_the_difference_of_totals(
    data: st.DataObject, one: Settings, two: Settings
) -> None:
    history = data.draw(drawn(random_dunned_history, one_currency=holds_active(one) or holds_active(two)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = store_of(history.files, folder)
        ours, theirs = policy_file(one, folder / "one.toml"), policy_file(two, folder / "two.toml")
        for measure, column in (("mrr", "closing"), ("new", "new"), ("contraction", "contraction")):
            rows = adds_up(store, f"policy:{theirs}", by_period=True, measure=measure, policy=ours)
            assert "unexplained" not in {r["reason"] for r in rows}
            found: dict[tuple[object, object], Decimal] = defaultdict(Decimal)
            for row in rows:
                found[row["period"], row["currency"]] += row["amount"]
            wanted: dict[tuple[object, object], Decimal] = defaultdict(Decimal)
            for sign, rules in ((1, ours), (-1, theirs)):
                for row in store.mrr(policy=rules, currency="native", end="2100-01").to_dicts():
                    if not row["period"] > store._ask({"policy": rules})[0].range().last:
                        wanted[row["period"], row["currency"]] += sign * row[column]
            both = set(found) & set(wanted)
            assert {k: found[k] for k in both} == {k: wanted[k] for k in both}


@pytest.mark.slow
@few
@given(st.data())
def test_what_only_classes_movements_moves_no_balance(data: st.DataObject) -> None:
    """The settings that `switches` leaves out for MRR: all of them at once, and no month's end moves."""
    classes = {
        "free_account": "active", "netting": "month", "reactivation_days": 1, "reactivation_as": "new",
        "reactivation_needs_month_end_at_zero": True, "minor_movement": 5000, "reactivation_in_expansion": True,
    }  # fmt: skip
    history = data.draw(drawn(random_dunned_history, one_currency=True))
    with tempfile.TemporaryDirectory() as name:
        store = store_of(history.files, Path(name))
        assert store.reconcile(f"policy:{policy_file(classes, Path(name) / 'other.toml')}").rows == []
