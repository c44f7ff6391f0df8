"""Care and voice, counted by hand: coverage, milestones, the landmark without immortal time, themes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.api import Store
from rollforward.errors import Misuse

END = date(2025, 1, 1)
"""First day that is not known."""


def on(days: int) -> date:
    return date(2024, 1, 1) + timedelta(days=days)


def made(folder: Path, subscriptions: list[str], events: list[str], accounts: list[str]) -> Store:
    store = rf.open(folder / "store")
    for name, head, rows in (
        ("subscriptions", "account_id,subscription_id,plan,start_date,end_date,amount,currency", subscriptions),
        ("events", "account_id,at,kind,tag,outcome,outcome_at,text", events),
        ("accounts", "account_id,owner", accounts),
    ):
        if rows:
            (folder / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
            coverage = f"2024-01-01..{END}" if name == "subscriptions" else None
            store.import_(folder / f"{name}.csv", coverage=coverage)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """a, b, c, d, e begin on 2024-01-02. b leaves on day 10, c on day 100. a reaches `live` on day 5, c on day 20, d on
    day 60, b never; e reached it before it paid."""
    begin = on(1)
    subscriptions = [
        f"a,a1,p,{begin},,100,USD", f"b,b1,p,{begin},{on(11)},100,USD", f"c,c1,p,{begin},{on(101)},100,USD",
        f"d,d1,p,{begin},,300,USD", f"e,e1,p,{begin},,50,USD",
    ]  # fmt: skip
    events = [
        f"a,{on(6)},milestone,live,,,", f"c,{on(21)},milestone,live,,,", f"d,{on(61)},milestone,live,,,",
        "e,2023-12-01,milestone,live,,,", f"a,{END - timedelta(days=91)},touch,,,,",
        f"d,{END - timedelta(days=30)},touch,,,,", f"d,{END - timedelta(days=10)},touch,,,,",
        f"c,{on(90)},ticket,slow,done,{on(94)},", f"c,{on(95)},ticket,slow,,,",
        f"a,{on(40)},ticket,slow,done,{on(42)},", f"a,{on(50)},feedback,,,,It is fine",
    ]  # fmt: skip
    return made(tmp_path_factory.mktemp("voice"), subscriptions, events, ["a,Ann", "d,Ann"])


def test_who_looks_after_whom(store: Store) -> None:
    rows = {r["account_owner"]: r for r in store.voice("coverage").to_dicts()}
    ann, nobody = rows["Ann"], rows[""]
    # the last known day is 31 December: a's touch is 90 days before it and no longer inside, d's two are
    assert (ann["accounts"], ann["mrr"], ann["touched"], ann["touched_mrr_share"]) == (2, D("400.00"), 1, 0.75)
    assert ann["last_touch_days"] == 49.5  # 90 and 9 days ago
    assert (nobody["accounts"], nobody["mrr"], nobody["touched"]) == (1, D("50.00"), 0)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """20 of each of a to e of `store`, as far as milestones go."""
    ends, reached = {"b": on(11), "c": on(101)}, {"a": on(6), "c": on(21), "d": on(61), "e": date(2023, 12, 1)}
    subscriptions = [f"{a}{n},{a}{n},p,{on(1)},{ends.get(a, '')},100,USD" for a in "abcde" for n in range(20)]
    events = [f"{a}{n},{day},milestone,live,,," for a, day in reached.items() for n in range(20)]
    return made(tmp_path_factory.mktemp("many"), subscriptions, events, [])


def test_shares_of_few_are_not_told(store: Store) -> None:
    (row,) = store.voice("milestones").to_dicts()
    assert (row["accounts"], row["is_small"]) == (5, True)
    assert {row[c] for c in ("within_7", "within_30", "within_90", "left_before", "median_days")} == {None}
    for row in store.voice("landmark", 30).to_dicts():
        assert row["is_small"] and {row[c] for c in ("stayed_3", "stayed_6", "stayed_12", "stayed_12_low")} == {None}


def test_milestones_with_leaving_as_the_other_end(many: Store) -> None:
    (row,) = many.voice("milestones").to_dicts()
    # reached: e day 0, a day 5, c day 20, d day 60; b left on day 10
    assert (row["accounts"], row["within_7"], row["within_30"], row["within_90"]) == (
        100,
        pytest.approx(0.4),
        pytest.approx(0.6),
        pytest.approx(0.8),
    )
    assert (row["left_before"], row["median_days"], row["is_small"]) == (pytest.approx(0.2), 20, False)


def test_the_landmark_makes_nobody_immortal(many: Store) -> None:
    rows = {r["has_reached"]: r for r in many.voice("landmark", 30).to_dicts()}
    # b left before day 30 and is in neither group; d reached it after day 30 and is with those that had not
    assert (rows[True]["accounts"], rows[False]["accounts"]) == (60, 20)
    # c leaves 70 days after the landmark: two of three stay 3 months (91 days)
    assert (rows[True]["stayed_3"], rows[False]["stayed_3"]) == (pytest.approx(2 / 3), 1.0)
    later = {r["has_reached"]: r["accounts"] for r in many.voice("landmark", 60).to_dicts()}
    assert later == {True: 80}


def test_themes_count_each_account_once(store: Store) -> None:
    rows = {(r["event_kind"], r["theme"]): r for r in store.voice("themes").to_dicts()}
    slow = rows["ticket", "slow"]
    # c said it twice, first on day 90, and left 11 days later; a once
    assert (slow["accounts"], slow["times"], slow["open"], slow["judged"]) == (2, 3, 1, 2)
    assert slow["mrr"] == D("100.00"), "c pays nothing now"
    assert slow["days_to_outcome"] == 3.0 and slow["left_share"] is None, "a share of two accounts is not told"
    assert rows["feedback", "It is fine"]["accounts"] == 1


def test_a_share_is_told_from_twenty_accounts_on(tmp_path: Path) -> None:
    subscriptions = [f"a{n},s{n},p,{on(1)},{on(100) if n < 5 else ''},10,USD" for n in range(20)]
    events = [f"a{n},{on(30)},ticket,slow,,," for n in range(20)]
    (row,) = made(tmp_path, subscriptions, events, []).voice("themes").to_dicts()
    assert (row["left_share"], row["judged"], row["mrr"]) == (0.25, 20, D("150.00"))


def test_themes_stand_in_each_currency_by_itself(tmp_path: Path) -> None:
    """No sum is over two currencies; who pays in both stands in both, who left in the one it paid in last."""
    subscriptions = [
        f"a,a1,p,{on(1)},,100,USD", f"b,b1,p,{on(1)},,70,EUR", f"both,c1,p,{on(1)},,5,USD", f"both,c2,p,{on(1)},,3,EUR",
        f"left,d1,p,{on(1)},{on(50)},9,EUR",
    ]  # fmt: skip
    who = ("a", "b", "both", "left", "never")
    events = [f"{account},{on(30)},ticket,slow,,," for account in who] + [f"a,{on(31)},survey,nps,,,"]
    accounts = [f"{account},Ann" for account in who]
    rows = made(tmp_path, subscriptions, events, accounts).voice("themes", currency="native").to_dicts()
    told = {(r["currency"], r["event_kind"]): (r["accounts"], r["mrr"], r["open"]) for r in rows}
    assert told == {
        ("USD", "ticket"): (2, D("105.00"), 2), ("EUR", "ticket"): (3, D("73.00"), 3), ("", "ticket"): (1, D(0), 1),
        ("USD", "survey"): (1, D("100.00"), None),
    }  # fmt: skip


def test_nothing_told_says_what_to_import(tmp_path: Path) -> None:
    store = made(tmp_path, [f"a,s,p,{on(1)},,10,USD"], [], [])
    for view, code in (("milestones", "no-milestones"), ("landmark", "no-milestones"), ("themes", "nothing-said"),
                       ("adoption", "no-use")):  # fmt: skip
        table = store.voice(view)
        assert (table.rows, code in [n.code for n in table.notes]) == ([], True), view


def test_what_cannot_be_asked(store: Store) -> None:
    for wrong in ({"view": "mood"}, {"landmark": 0}, {"segment": "cohort"}, {"view": "themes", "start": "2024-03"}):
        with pytest.raises(Misuse):
            store.voice(**wrong)  # type: ignore[arg-type]
