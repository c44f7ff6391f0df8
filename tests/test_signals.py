"""Signals know nothing that was recorded later; backtests refuse where nothing was; trends and lifts."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rollforward as rf
from product import store_of
from reference import File
from rollforward import signals
from rollforward.errors import Misuse
from rollforward.state import Actor
from rollforward.stats.lift import lift
from rollforward.stats.trend import of_series, slopes

T = datetime(2024, 6, 30, 23, 59, 59)
PLANS = ({"plan_id": "pro", "product_id": "app", "tier": "1", "amount": "10.00", "currency": "USD", "interval": "month",
          "limit:seats": "20"},)  # fmt: skip
BY = Actor("tester", "cli")


def subscription(account: str, start: str, end: str = "", quantity: int = 20, status: str = "active") -> dict[str, str]:
    return {"account_id": account, "subscription_id": f"{account}-s", "product": "app", "plan": "pro",
            "start_date": start,
            "end_date": end, "amount": f"{quantity * 10}.00", "currency": "USD", "quantity": str(quantity),
            "status": status}  # fmt: skip


def told(store: rf.Store) -> list[tuple[object, ...]]:
    """Every signal as of T, whatever is switched off."""
    found = store.signals(is_all=True, as_of=T, currency="native")
    at = [found.columns.index(c) for c in found.columns if c not in ("store_version",)]
    return sorted(tuple(str(row[i]) for i in at) for row in found.rows)


later = st.fixed_dictionaries(
    {
        "usage": st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(0, 300), st.integers(0, 40), st.sampled_from(["", "x", "y"])),
            max_size=8,
        ),
        "ends": st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 250)), max_size=2, unique_by=lambda e: e[0]),
        "events": st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300)), max_size=3),
        "contracts": st.lists(st.tuples(st.sampled_from("abc"), st.integers(150, 400)), max_size=2),
        "limit": st.sampled_from([None, 5, 19, 1000]),
        "owner": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A store that was told facts of half a year, and what it says of them; who tells it more copies it."""
    folder = tmp_path_factory.mktemp("known")
    known = datetime(2024, 6, 1)
    months = [date(2024, m, 15) for m in range(1, 7)]
    usage = [
        {"account_id": a, "metric": "seats", "at": str(on), "quantity": str(n + 3 * on.month), "feature": ""}
        for a, n in (("a", 1), ("b", 9))
        for on in months
    ]
    subscriptions = (subscription("a", "2024-01-01"), subscription("b", "2024-01-01"), subscription("c", "2023-07-20"))
    first = [
        File("plans", PLANS, known), File("subscriptions", subscriptions, known), File("usage", tuple(usage), known),
        File("events", ({"account_id": "c", "at": "2024-04-01", "kind": "ticket"},), known),
    ]  # fmt: skip
    store = store_of(first, folder)
    before = told(store)
    assert before, "the store shows something"
    return store.path, before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(more=later)
def test_no_signal_uses_what_was_recorded_later(
    more: dict[str, Any], known: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Facts recorded after T, also ones about days before T, change no signal as of T."""
    folder = tmp_path_factory.mktemp("later")
    path, before = known
    store = rf.open(shutil.copytree(path, folder / "store"))
    after = datetime(2024, 9, 1)

    def day(n: int) -> str:
        return str(date(2024, 1, 1) + timedelta(days=n))

    second = [
        File("usage", tuple({"account_id": a, "metric": "seats", "at": day(n), "quantity": str(q), "feature": f}
                            for a, n, q, f in more["usage"]), after),
        File("events", tuple({"account_id": a, "at": day(n), "kind": "ticket"} for a, n in more["events"]), after),
        File("contracts", tuple({"account_id": a, "contract_id": f"k{a}{n}", "start_date": "2024-01-01",
                                 "end_date": day(n), "amount": "9.00", "currency": "USD"}
                                for a, n in more["contracts"]), after),
        File("subscriptions", tuple(subscription(a, "2024-01-01" if a != "c" else "2023-07-20", day(n))
                                    for a, n in more["ends"]), after),
    ]  # fmt: skip
    if more["limit"]:
        second.append(File("plans", ({**PLANS[0], "limit:seats": str(more["limit"])},), after))
    if more["owner"]:
        second.append(File("accounts", ({"account_id": "a", "name": "A", "owner": "Priya"},), after))
    for nth, file in enumerate(f for f in second if f.rows):
        from product import import_files

        import_files(store, [file], folder / f"later-{nth}")
    assert told(store) == before


def test_of_features_the_last_word_on_a_moment_counts(tmp_path: Path) -> None:
    def used(*rows: tuple[str, str, str], at: datetime) -> File:
        return File("usage", tuple({"account_id": "a", "metric": "clicks", "feature": f, "at": on, "quantity": q}
                                   for f, on, q in rows), at)  # fmt: skip

    first, later = datetime(2024, 6, 20), datetime(2024, 6, 25)
    store = store_of(
        [
            File("subscriptions", (subscription("a", "2024-01-01"),), first),
            used(("reports", "2024-05-10", "5"), ("boards", "2024-05-10", "3"), ("wiki", "2024-06-01", "4"),
                 ("", "2024-06-02", "90"), at=first),
            used(("reports", "2024-05-10", "7"), ("reports", "2024-06-03", "6"), at=later),
        ],
        tmp_path,
    )  # fmt: skip
    build, _ = store._ask(rf.api.Question(as_of=T))
    rows = build.need(["feature_now"]).run("select feature, quantity, share from feature_now order by feature")
    assert rows == [("boards", 3, 0.15), ("reports", 13, 0.65), ("wiki", 4, 0.2)]


def test_signals_that_are_off_are_told_only_if_asked_for(tmp_path: Path) -> None:
    usage = tuple({"account_id": "a", "metric": "seats", "at": "2024-06-15", "quantity": "20"} for _ in "1")
    at = datetime(2020, 1, 1)
    store = store_of(
        [File("subscriptions", (subscription("a", "2024-01-01"),), at), File("usage", usage, at)], tmp_path
    )
    assert [r[0] for r in store.signals(as_of=T).rows] == ["seats_full"]
    assert store.switch_signals(BY, off=["seats_full"]) == ["seats_full"]
    assert store.signals(as_of=T).rows == []
    named = store.signals("seats_full", as_of=T).to_dicts()
    assert [(r["signal"], r["is_on"]) for r in named] == [("seats_full", False)]
    assert [r["is_on"] for r in store.signals(is_all=True, as_of=T).to_dicts()] == [False]
    assert store.switch_signals(BY, on=["seats_full"]) == []
    with pytest.raises(Misuse, match="unknown-option"):
        store.signals("nonsense")
    with pytest.raises(Misuse, match="unknown-option"):
        store.switch_signals(BY, off=["nonsense"])


def test_backtest_is_as_counted_by_hand(tmp_path: Path) -> None:
    """Four accounts for six months; b is full and buys more, c is full and does not, a and d are not full."""
    at = datetime(2023, 12, 31)
    rows = [subscription(x, "2023-12-01", quantity=20) for x in "acd"]
    rows += [subscription("b", "2023-12-01", "2024-05-10"), subscription("b", "2024-05-10", quantity=30)]
    usage = [
        {"account_id": x, "metric": "seats", "at": f"2024-{m:02d}-15", "quantity": q}
        for x, q in (("a", "3"), ("b", "20"), ("c", "20"), ("d", "3"))
        for m in range(1, 8)
    ]
    store = store_of(
        [
            File("subscriptions", tuple(rows), at, (datetime(1, 1, 1), datetime(2024, 8, 15))),
            File("usage", tuple(usage), at),
        ],
        tmp_path,
    )
    found = {str(r["signal"]): r for r in store.backtest(months=3).to_dicts()}["seats_full"]
    # month ends with 90 known days after them, the last three: February, March and April. b grows on 10 May:
    # within 90 days of the ends of February (70), March (40) and April (10); c never.
    # 12 seen, 3 grew, 6 shown, 3 right.
    assert (found["looks"], found["seen"], found["shown"], found["right"]) == (3, 12, 6, 3)
    assert (found["base_rate"], found["precision"], found["recall"], found["lift"]) == (0.25, 0.5, 1.0, 2.0)
    assert found["lead_days"] == 40
    assert (found["verdict"], found["is_small"]) == ("cannot tell", True)
    assert store.switch_by(store.backtest(months=3), BY) == ["seats_full"]


def test_backtest_refuses_where_nothing_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(
        "account_id,subscription_id,plan,start_date,end_date,amount,currency\na,s,p,2020-01-01,,10.00,USD\n"
    )
    store = rf.open(tmp_path / "store")
    store.import_(path)
    with pytest.raises(Misuse, match="no-history"):
        store.backtest()


def test_rules_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    for text in (
        "near = 1",
        "[limit]\nnear = 'x'",
        "[limit]\nnear = 0.5",
        "[limit]\nnaer = 1",
        "[trend]\nmonths = 3",
        "x =",
    ):
        path.write_text(text)
        with pytest.raises(Misuse, match="bad-rules"):
            signals.read(path)
    path.write_text("[limit]\nnear = 0.7\nnear_off = 0.6\n[metrics]\nseats = ['licences']")
    told = dict(signals.read(path).values)
    assert (told["limit.near"], told["metrics.seats"], told["limit.months"]) == (0.7, ("licences",), 4)
    with pytest.raises(Misuse, match="bad-rules"):
        signals.read(tmp_path / "missing.toml")


def test_flat_noise_seldom_has_a_trend() -> None:
    """expansion.md E24: of series without a trend at most 5 % are called growing, for every length."""
    rng = np.random.default_rng(7)
    for months in range(6, 14):
        for noise in (rng.normal(100, 15, (4000, months)), rng.lognormal(3, 0.6, (4000, months))):
            _, low, high = slopes(np.arange(float(months)), noise)
            assert (low > 0).mean() <= 0.05
            assert (high < 0).mean() <= 0.05


def test_theil_sen_is_as_published() -> None:
    """One wild value moves nothing: the median of 15 slopes; limits are the 2nd least and 2nd largest."""
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 60.0]])
    slope, low, high = slopes(np.arange(6.0), values)
    pairs = sorted((values[0][j] - values[0][i]) / (j - i) for i in range(6) for j in range(i + 1, 6))
    assert (slope[0], low[0], high[0]) == (pairs[7], pairs[1], pairs[13])


def test_series_of_different_months_keep_their_own() -> None:
    keys = {"account_key": np.array([1] * 6 + [2] * 7),
            "months_ago": np.array([5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1]),
            "quantity": np.array([1.0, 2, 3, 4, 5, 6, 14, 12, 10, 8, 6, 4, 2])}  # fmt: skip
    found = of_series("m", keys)
    assert found["metric"] == ["m", "m"]
    by_key = dict(
        zip(found["account_key"], zip(found["slope"], found["level"], found["months"], strict=True), strict=True)
    )
    assert by_key == {1: (1.0, 6.0, 6), 2: (-2.0, 2.0, 7)}
    assert of_series("m", {n: v[:0] for n, v in keys.items()})["slope"] == []


def test_the_interval_of_a_lift_covers() -> None:
    """Simulated accounts seen ten times, with habits of their own: the true lift is inside in 92 % of runs."""
    rng = np.random.default_rng(11)
    inside = 0
    for _ in range(300):
        likely = rng.beta(2, 6, 400)  # an account's own probability
        shown = rng.random((400, 10)) < likely[:, None]
        came = rng.random((400, 10)) < likely[:, None]
        found = lift(
            np.full(400, 10.0),
            came.sum(1).astype(float),
            shown.sum(1).astype(float),
            (shown & came).sum(1).astype(float),
        )
        true = (2 * 3 / (8 * 9)) / (2 / 8) ** 2  # E[p²] / E[p]²
        assert found.low is not None and found.high is not None
        inside += found.low <= true <= found.high
    assert inside >= 276


def test_a_lift_of_nothing_says_so() -> None:
    def ones(*told: float) -> Any:
        return np.array(told)

    assert lift(ones(), ones(), ones(), ones()).lift is None
    none = lift(ones(5, 5), ones(1, 0), ones(0, 3), ones(0, 0))
    assert (none.lift, none.low) == (0.0, 0.0)
    assert none.high is not None and none.high > 1


def test_only_what_is_lacked_and_sold_is_offered(demo: Path, tmp_path: Path) -> None:
    """On the demo: nothing that an account has, nothing of the retired line Classic, nothing in another currency."""
    store = rf.open(shutil.copytree(demo, tmp_path / "store"))
    offered = store.cross_sell(currency="native").to_dicts()
    assert {r["offered"] for r in offered} == {"service_desk", "analytics", "sso", "priority_support"}
    assert all(int(str(r["accounts"])) >= 20 for r in offered)
    has = (
        "select a.account_id, c.family, c.product_id from held_item h join account a on a.account_key = h.account_key "
    )
    owned = store.sql(f"{has} join product_current c on c.product_key = h.product_key").rows
    held = {(a, line) for a, *lines in owned for line in lines}
    assert not held & {(r["account_id"], r["offered"]) for r in offered}
    steps = store.headroom_options(currency="native").to_dicts()
    assert not [r for r in steps if str(r["plan_id"]).startswith(("classic", "automation"))]
    assert all(str(r["plan_id"]).split("_2026")[0].endswith(str(r["currency"]).lower()) for r in steps)


def test_a_sign_that_only_tells_groups_apart_has_no_lift() -> None:
    """Ten accounts of a group that always grows show it, ten that never do do not: by group, nothing is left of it."""
    many, none = np.full(20, 4.0), np.zeros(10)
    came = np.r_[np.full(10, 3.0), none + 1]
    shown = np.r_[np.full(10, 4.0), none]
    right = np.r_[np.full(10, 3.0), none]
    who, group = np.arange(20), np.array(["grows"] * 10 + ["rests"] * 10)
    blind, knowing = lift(many, came, shown, right), lift(many, came, shown, right, who, group)
    assert (blind.lift, knowing.lift) == (1.5, 1.0)
    assert (knowing.base, knowing.expected, knowing.precision) == (0.5, 0.75, 0.75)
    assert knowing.low is not None and knowing.low <= 1


def test_rules_that_are_kept_hold_for_everybody(tmp_path: Path) -> None:
    at = datetime(2020, 1, 1)
    usage = ({"account_id": "a", "metric": "seats", "at": "2024-06-15", "quantity": "15"},)
    store = store_of(
        [File("subscriptions", (subscription("a", "2024-01-01"),), at), File("usage", usage, at)], tmp_path
    )
    assert store.signals(as_of=T).rows == []
    store.keep_signal_rules("[limit]\nnear = 0.7\nnear_off = 0.6", BY)
    assert [r[0] for r in rf.open(store.path).signals(as_of=T).rows] == ["seats_full"]
    assert store.sql("select r.limit_near from signal_rule r").rows == [(0.7,)]
    with pytest.raises(Misuse, match="bad-rules"):
        store.keep_signal_rules("[limit]\nnear = 'much'", BY)
    store.keep_signal_rules("", BY)
    assert store.signals(as_of=T).rows == []


def test_looks_that_no_longer_hold_are_taken_away(tmp_path: Path) -> None:
    at = datetime(2023, 12, 31)
    rows = (subscription("a", "2023-12-01"),)
    store = store_of([File("subscriptions", rows, at, (datetime(1, 1, 1), datetime(2024, 8, 15)))], tmp_path)
    store.backtest(months=1)
    (made,) = (store.path / "looks").iterdir()
    old = made.with_name("2020-01-31-gone.parquet")
    shutil.copy(made, old)
    os.utime(old, (0, 0))
    store.backtest(months=1)
    assert list((store.path / "looks").iterdir()) == [made]
