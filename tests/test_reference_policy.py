"""The reference under each policy setting, worked by hand from decision 0009. Number in a name = number in the review
cases. What stands as text in tests/cases/policy is not repeated; here are the awkward edges.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest

from reference import (
    Books,
    Discount,
    Policy,
    State,
    books,
    expansion,
    item_mrr,
    ledger,
    logo_churn,
    movements,
    policy_of,
    retention,
    roll_forward,
)
from test_reference import drivers, state

Shown = list[tuple[str, str, int]]


def shown(told: Books, policy: Policy) -> Shown:
    """(day, movement, amount) of all movements of one account."""
    return [(str(m.on_date), m.movement, m.amount) for m in movements(told.rows, policy, told.held)]


def moved(states: list[State], settings: dict[str, object], as_of: str = "9999-12-31") -> Shown:
    policy = policy_of(settings)
    return shown(books(states, policy=policy, as_of=datetime.fromisoformat(as_of)), policy)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# -- past due, discounts, requests, payments -------------------------------------------------------------------------

SPELL = [
    state("A", "1", "2026-01-01", "2026-03-01", 10_000),
    state("A", "1", "2026-03-01", "2026-03-10", 10_000, status="past_due"),
    state("A", "1", "2026-03-10", "2026-04-20", 15_000, status="past_due"),
    state("A", "1", "2026-04-20", "", 15_000),
]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("counts", [("2026-03-10", "expansion", 5_000)]),
        ("does_not_count", [("2026-03-01", "churn", -10_000), ("2026-04-20", "reactivation", 15_000)]),
        (0, [("2026-03-01", "churn", -10_000), ("2026-04-20", "reactivation", 15_000)]),
        (9, [("2026-03-10", "churn", -10_000), ("2026-04-20", "reactivation", 15_000)]),
        # A plan change inside does not begin the spell again: day 30 is 31 March and counts no more.
        (30, [("2026-03-10", "expansion", 5_000), ("2026-03-31", "churn", -15_000)]),
        (49, [("2026-03-10", "expansion", 5_000), ("2026-04-19", "churn", -15_000)]),
        (50, [("2026-03-10", "expansion", 5_000)]),
    ],
)
def test_review_14_past_due_days(setting: int | str, expected: Shown) -> None:
    after_that = [("2026-04-20", "reactivation", 15_000)] if setting in (30, 49) else []
    assert moved(SPELL, {"past_due": setting})[1:] == expected + after_that


def test_past_due_days_that_are_not_over_by_the_as_of_moment() -> None:
    before = moved(SPELL, {"past_due": 30}, "2026-06-30T00:00:00")
    assert ("2026-03-31", "churn", -15_000) in before
    told = [state("A", "1", "2026-03-01", "", 10_000, status="past_due", recorded_at=at("2026-03-01"))]
    assert moved(told, {"past_due": 30}, "2026-03-30T23:59:59") == [("2026-03-01", "new", 10_000)]
    assert moved(told, {"past_due": 30}, "2026-03-31T00:00:00")[1:] == [("2026-03-31", "churn", -10_000)]


def test_once_discounts_count_until_they_end() -> None:
    half = (Discount(ppm=500_000, kind="once", until=at("2026-02-01")),)
    told = [state("A", "1", "2026-01-01", "", 10_000, discounts=half)]
    assert moved(told, {}) == [("2026-01-01", "new", 10_000)]
    once = {"discounts": {"once": True}}
    assert moved(told, once) == [("2026-01-01", "new", 5_000), ("2026-02-01", "expansion", 5_000)]
    endless = [state("A", "1", "2026-01-01", "", 10_000, discounts=(Discount(ppm=500_000, kind="once"),))]
    assert moved(endless, once) == [("2026-01-01", "new", 5_000)]
    assert moved(told, {"discounts": {"forever": False, "repeating": False}}) == [("2026-01-01", "new", 10_000)]


def test_review_05_request_that_is_undone_by_a_later_row() -> None:
    asked = state("A", "1", "2026-01-01", "2026-04-01", 10_000, cancel_requested_at=at("2026-03-01"))
    again = state("A", "1", "2026-03-20", "", 10_000, commit=2)
    expected = [
        ("2026-01-01", "new", 10_000),
        ("2026-03-01", "churn", -10_000),
        ("2026-03-20", "reactivation", 10_000),
    ]
    assert moved([asked, again], {"churn_on": "requested"}) == expected
    never = state("A", "1", "2026-01-01", "", 10_000, commit=2)
    assert moved([asked, never], {"churn_on": "requested"}) == [("2026-01-01", "new", 10_000)]
    assert moved([asked], {"churn_on": "ended"})[1:] == [("2026-04-01", "churn", -10_000)]


def test_request_before_the_start_or_after_the_as_of_moment() -> None:
    told = [
        state("A", "1", "2026-02-01", "", 10_000, cancel_requested_at=at("2026-01-15"), recorded_at=at("2026-01-01"))
    ]
    assert moved(told, {"churn_on": "requested"}) == []
    later = [state("A", "1", "2026-02-01", "", 100, cancel_requested_at=at("2026-05-01"), recorded_at=at("2026-01-01"))]
    assert moved(later, {"churn_on": "requested"}, "2026-04-30T00:00:00") == [("2026-02-01", "new", 100)]


def test_review_20_paid_through() -> None:
    ended = state("A", "1", "2026-01-01", "2026-03-10", 10_000, paid_through=at("2026-04-01"))
    policy = {"churn_on": "period_end"}
    assert moved([ended], {})[1:] == [("2026-03-10", "churn", -10_000)]
    assert moved([ended], policy)[1:] == [("2026-04-01", "churn", -10_000)]
    back = state("A", "1", "2026-03-20", "", 12_000)
    assert moved([ended, back], policy)[1:] == [("2026-03-20", "expansion", 2_000)]
    canceled = state("A", "1", "2026-03-10", "", 10_000, status="canceled")
    assert moved([ended, canceled], policy)[1:] == [("2026-04-01", "churn", -10_000)]
    paused = state("A", "1", "2026-03-10", "", 10_000, status="paused")
    assert moved([ended, paused], policy)[1:] == [("2026-03-10", "churn", -10_000)]
    told = State(**{**vars(ended), "recorded_at": at("2026-03-10")})
    assert moved([told], policy, "2026-03-31T12:00:00") == [("2026-01-01", "new", 10_000)]


def test_review_20_first_payment() -> None:
    told = [state("A", "1", "2026-01-01", "", 10_000, first_paid_at=at("2026-01-15"))]
    assert moved(told, {"active_from": "first_payment"}) == [("2026-01-15", "new", 10_000)]
    assert moved(told, {}) == [("2026-01-01", "new", 10_000)]
    unsaid = [state("A", "1", "2026-01-01", "", 10_000)]
    assert moved(unsaid, {"active_from": "first_payment"}) == [("2026-01-01", "new", 10_000)]
    early = [state("A", "1", "2026-01-01", "", 10_000, first_paid_at=at("2025-12-20"))]
    assert moved(early, {"active_from": "first_payment"}) == [("2026-01-01", "new", 10_000)]


# -- activity ---------------------------------------------------------------------------------------------------------

PAUSED = [
    state("A", "1", "2026-01-01", "2026-02-01", 10_000),
    state("A", "1", "2026-02-01", "2026-03-01", 10_000, status="paused"),
    state("A", "1", "2026-03-01", "", 10_000),
]


def test_review_13_pause() -> None:
    new = ("2026-01-01", "new", 10_000)
    left, back = ("2026-02-01", -10_000), ("2026-03-01", 10_000)
    assert moved(PAUSED, {}) == [new, (left[0], "churn", left[1]), (back[0], "reactivation", back[1])]
    active = {"paused": "active"}
    assert moved(PAUSED, active) == [new, (left[0], "contraction", left[1]), (back[0], "expansion", back[1])]
    assert moved(PAUSED, {"paused": "counts"}) == [new]
    policy = policy_of(active)
    told = books(PAUSED, policy=policy)
    spring = [(date(2026, 2, 1), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 4, 1))]
    february, march = roll_forward(told.rows, spring, policy, told.held)
    assert (february.accounts_opening, february.accounts_churned, february.accounts_closing) == (1, 0, 1)
    assert (march.accounts_opening, march.accounts_transfer, march.accounts_closing) == (1, 0, 1)
    (window,) = retention(told.rows, date(2026, 1, 15), date(2026, 2, 15), policy, told.held)
    assert (window.contraction, window.churn, window.grr, window.logo_retention) == (-10_000, 0, 0, 1)


def test_review_13_free_account() -> None:
    free = {"free_account": "active"}
    coupon = (Discount(ppm=1_000_000),)
    told = [
        state("A", "1", "2026-01-01", "2026-02-01", 0),
        state("A", "1", "2026-02-01", "2026-03-01", 5_000),
        state("A", "1", "2026-03-01", "2026-04-01", 5_000, discounts=coupon),
    ]
    assert moved(told, free) == [
        ("2026-01-01", "new", 0),
        ("2026-02-01", "expansion", 5_000),
        ("2026-03-01", "contraction", -5_000),
        ("2026-04-01", "churn", 0),
    ]
    assert [kind for _, kind, _ in moved(told, {})] == ["new", "churn"]
    trial = [state("A", "1", "2026-01-01", "2026-02-01", 0, status="trialing"), told[1]]
    assert moved(trial, free) == [("2026-02-01", "new", 5_000), ("2026-03-01", "churn", -5_000)]
    policy = policy_of(free)
    book = books(told, policy=policy)
    january, *_, april = roll_forward(
        book.rows, [(date(2026, m, 1), date(2026, m + 1, 1)) for m in range(1, 5)], policy, book.held
    )
    assert (january.accounts_new, january.accounts_closing, january.closing) == (1, 1, 0)
    assert (april.accounts_opening, april.accounts_churned, april.accounts_closing) == (1, 1, 0)


def test_review_13_minor_movement_is_not_churn() -> None:
    told = [
        state("A", "1", "2026-01-01", "2026-02-01", 10_000),
        state("A", "1", "2026-02-01", "2026-03-01", 10_099),
        state("A", "1", "2026-03-01", "2026-04-01", 10_199),
        state("B", "1", "2026-01-01", "2026-02-01", 80),
    ]
    policy = policy_of({"minor_movement": 100})
    assert [m.movement for m in movements(ledger(told, policy=policy), policy)] == [
        *("new", "adjustment", "expansion", "churn"),
        *("new", "churn"),
    ]
    (february,) = roll_forward(ledger(told, policy=policy), [(date(2026, 2, 1), date(2026, 3, 1))], policy)
    assert (february.adjustment, february.churn, february.accounts_expanded, february.closing) == (99, -80, 0, 10_099)


# -- windows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "netting", "expected"),
    [
        ("2026-06-01T10:55:00", "minutes:60", [("new", 8_000)]),
        ("2026-06-01T11:05:00", "minutes:60", [("new", 5_000), ("expansion", 3_000)]),
        ("2026-06-01T11:05:00", "day", [("new", 8_000)]),
        ("2026-06-01T10:00:00.5", "second", [("new", 8_000)]),
        ("2026-06-01T10:00:01", "second", [("new", 5_000), ("expansion", 3_000)]),
        ("2026-06-30T23:59:59", "month", [("new", 8_000)]),
        ("2026-07-01T00:00:00", "month", [("new", 5_000), ("expansion", 3_000)]),
    ],
)
def test_review_10_windows(second: str, netting: str, expected: list[tuple[str, int]]) -> None:
    first = "2026-06-01T10:00:00"
    told = [state("A", "1", first, second, 5_000), state("A", "1", second, "", 8_000)]
    assert [m[1:] for m in moved(told, {"netting": netting})] == expected


def test_review_10_windows_are_cut_at_midnight() -> None:
    told = [
        state("A", "1", "2026-03-31T23:30:00", "2026-04-01T00:10:00", 5_000),
        state("A", "1", "2026-04-01T00:10:00", "", 8_000),
    ]
    assert moved(told, {"netting": "minutes:60"}) == [("2026-03-31", "new", 5_000), ("2026-04-01", "expansion", 3_000)]


def test_a_swap_needs_one_window() -> None:
    told = [
        state("A", "1", "2026-01-01", "2026-02-01T10:00:00", 5_000, plan="basic"),
        state("A", "2", "2026-02-01T10:30:00", "", 8_000),
        state("A", "3", "2026-01-01", "", 1_000, product="desk"),
    ]
    together = ledger(told, policy=policy_of({"netting": "minutes:60"}))[2:]
    assert [drivers(r) for r in together] == [{"plan": -5_000}, {"plan": 8_000}]
    apart = ledger(told, policy=policy_of({"netting": "second"}))[2:]
    assert [(drivers(r), r.rule) for r in apart] == [({"product": -5_000}, "end"), ({"product": 8_000}, "start")]


# -- gaps, returns, same month ----------------------------------------------------------------------------------------


def test_review_14_gap_days() -> None:
    ended = state("A", "1", "2026-01-01", "2026-03-30", 10_000)
    back = state("A", "2", "2026-04-03", "", 12_000)
    five = {"gap_days": 5}
    assert moved([ended, back], five)[1:] == [("2026-04-03", "expansion", 2_000)]
    assert moved([ended], five)[1:] == [("2026-04-04", "churn", -10_000)]
    assert moved([ended, state("A", "2", "2026-04-04", "", 12_000)], five)[1:] == [("2026-04-04", "expansion", 2_000)]
    assert moved([ended, state("A", "2", "2026-04-05", "", 12_000)], five)[1:] == [
        ("2026-04-04", "churn", -10_000),
        ("2026-04-05", "reactivation", 12_000),
    ]
    asked = state("A", "1", "2026-01-01", "2026-03-30", 10_000, cancel_requested_at=at("2026-03-01"))
    assert moved([asked, back], five)[1:] == [("2026-03-30", "churn", -10_000), ("2026-04-03", "reactivation", 12_000)]
    paused = [ended, state("A", "1", "2026-03-30", "", 10_000, status="paused")]
    assert moved(paused, five)[1:] == [("2026-03-30", "churn", -10_000)]


def test_gap_is_the_account_s_and_holds_only_what_ended_last() -> None:
    told = [
        state("A", "1", "2026-01-01", "2026-03-30", 10_000),
        state("A", "2", "2026-01-01", "2026-03-20", 3_000),
        state("A", "3", "2026-01-01", "2026-03-30", 4_000),
    ]
    assert moved(told, {"gap_days": 5})[1:] == [("2026-03-20", "contraction", -3_000), ("2026-04-04", "churn", -14_000)]


def test_gap_that_is_open_at_the_as_of_moment_is_never_taken_back() -> None:
    ended = state("A", "1", "2026-01-01", "2026-03-30", 10_000, recorded_at=at("2026-01-01"))
    assert moved([ended], {"gap_days": 5}, "2026-04-03T23:00:00") == [("2026-01-01", "new", 10_000)]
    assert moved([ended], {"gap_days": 5}, "2026-04-04T00:00:00")[1:] == [("2026-04-04", "churn", -10_000)]


LEFT = [state("A", "1", "2026-01-01", "2026-01-31", 10_000), state("A", "2", "2026-02-15", "2026-02-20", 10_000)]
AGAIN = state("A", "3", "2026-02-25", "", 10_000)


def test_review_14_month_end_at_zero() -> None:
    inside = {"reactivation_needs_month_end_at_zero": True}
    assert [kind for _, kind, _ in moved([*LEFT, AGAIN], inside)] == [
        *("new", "churn", "reactivation", "contraction", "expansion"),
    ]
    policy = policy_of(inside)
    rows = ledger([*LEFT, AGAIN], policy=policy)
    (february,) = roll_forward(rows, [(date(2026, 2, 1), date(2026, 3, 1))], policy)
    assert (february.reactivation, february.expansion, february.contraction, february.churn) == (
        10_000,
        10_000,
        -10_000,
        0,
    )
    assert (february.accounts_reactivated, february.accounts_churned, february.accounts_transfer) == (1, 0, 0)


@pytest.mark.parametrize(("days", "kind"), [("any", "reactivation"), (15, "reactivation"), (14, "new")])
def test_review_14_reactivation_days(days: int | str, kind: str) -> None:
    assert moved(LEFT, {"reactivation_days": days})[2] == ("2026-02-15", kind, 10_000)


def test_reactivation_as_and_in_expansion() -> None:
    february = [(date(2026, 2, 1), date(2026, 3, 1))]
    back = [LEFT[0], state("A", "2", "2026-02-15", "", 10_000)]
    entered = policy_of({"reactivation_as": "expansion"})
    (rolled,) = roll_forward(ledger(back, policy=entered), february, entered)
    assert (rolled.expansion, rolled.accounts_transfer, rolled.accounts_closing, rolled.reactivation) == (
        10_000,
        1,
        1,
        0,
    )
    assert moved(back, {"reactivation_as": "new"})[2] == ("2026-02-15", "new", 10_000)
    counted = policy_of({"reactivation_in_expansion": True})
    rows = ledger([*back, state("B", "1", "2026-01-01", "", 10_000)], policy=counted)
    (rolled,) = roll_forward(rows, february, counted)
    (expanded,) = expansion(rows, february, counted)
    assert (rolled.expansion, rolled.reactivation) == (0, 10_000)
    assert (expanded.expansion, expanded.reactivation, sum(expanded.drivers)) == (10_000, 10_000, 10_000)
    (window,) = retention(rows, date(2026, 2, 1), date(2026, 3, 1), counted)
    assert (window.ndr, window.grr, window.expansion, window.closing) == (2, 1, 10_000, 20_000)


def test_review_15_new_and_churn_in_one_month() -> None:
    neither = {"same_month_new_and_churn": "neither"}
    inside = state("A", "1", "2026-03-03", "2026-03-27", 2_000)
    assert moved([inside], neither) == []
    assert moved([inside, state("A", "2", "2026-05-10", "", 2_000)], neither) == [("2026-05-10", "new", 2_000)]
    over = state("A", "1", "2026-03-03", "2026-04-01", 2_000)
    assert [m[1] for m in moved([over], neither)] == ["new", "churn"]
    long = [state("A", "1", "2026-01-10", "2026-03-05", 2_000), state("A", "2", "2026-03-10", "2026-03-20", 2_000)]
    assert [m[1] for m in moved(long, neither)] == ["new", "churn", "reactivation", "churn"]
    assert moved([state("A", "1", "2026-03-03", "", 2_000)], neither) == [("2026-03-03", "new", 2_000)]


def test_logo_churn_bases() -> None:
    told = [
        state("A", "1", "2026-01-01", "2026-02-10", 1_000),
        state("B", "1", "2026-01-01", "", 1_000),
        state("C", "1", "2026-02-05", "2026-02-15", 1_000),
        state("D", "1", "2026-01-01", "2026-01-20", 1_000),
        state("D", "2", "2026-02-07", "2026-02-25", 1_000),
        state("E", "1", "2026-02-07", "", 1_000),
    ]
    bases = {"opening": Fraction(3, 2), "opening_plus_new": Fraction(3, 5), "excluding_joiners": Fraction(1, 2)}
    for base, expected in bases.items():
        policy = policy_of({"logo_churn_base": base})
        rows = ledger(told, policy=policy)
        assert logo_churn(rows, [(date(2026, 2, 1), date(2026, 3, 1))], policy) == {(date(2026, 2, 1), "USD"): expected}


# -- time and factors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", "2024-04-01"), ("America/Los_Angeles", "2024-03-31"), ("Australia/Sydney", "2024-04-01")],
)
def test_review_18_instants_and_dates(zone: str, day: str) -> None:
    instant = state("A", "1", "2024-04-01T05:00:00", "", 10_000, dated=False)
    assert moved([instant], {"time_zone": zone}) == [(day, "new", 10_000)]
    plain = state("A", "1", "2024-03-01", "", 10_000)
    assert moved([plain], {"time_zone": zone}) == [("2024-03-01", "new", 10_000)]


def test_the_hour_that_comes_twice() -> None:
    policy = Policy(time_zone="America/Los_Angeles")
    assert policy.local(at("2024-11-03T08:30:00")) == at("2024-11-03T01:30:00")
    assert policy.local(at("2024-11-03T09:00:00")) == at("2024-11-03T01:59:59.999999")
    assert policy.local(at("2024-11-03T09:59:59")) == at("2024-11-03T01:59:59.999999")
    assert policy.local(at("2024-11-03T10:00:00")) == at("2024-11-03T02:00:00")
    assert policy.local(at("2024-03-10T10:00:00")) == at("2024-03-10T03:00:00")


def test_factors() -> None:
    weekly, daily = (state("A", "1", "2026-01-01", "", 500, interval=i) for i in ("week", "day"))
    four = policy_of({"week_factor": "4/1", "day_factor": "30/1"})
    assert [s.mrr for s in item_mrr([weekly])] == [2_167]
    assert [s.mrr for s in item_mrr([weekly], four)] == [2_000]
    assert [s.mrr for s in item_mrr([daily], four)] == [15_000]
