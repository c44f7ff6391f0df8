"""Usage and linked accounts in the reference, worked by hand from decisions 0009.7 and 0013."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reference import Charge, Link, Policy, State, books, ledger, movements, policy_of, retention, roll_forward
from test_reference import drivers, state
from test_reference_policy import Shown, at, shown


def charge(month: int, amount: int, days: str = "", **more: object) -> Charge:
    """Use of one month of 2026, billed on the 5th of the next."""
    start, end = (days or f"2026-0{month}-01..2026-0{month + 1}-01").split("..")
    return Charge("s", "", "A", "app", "pro", "USD", "calls", at(start), at(end), amount, at("2026-01-01"),
                  invoiced_at=at(f"2026-0{month + 1}-05"), **more)  # type: ignore[arg-type]  # fmt: skip


THREE = [charge(1, 3_000), charge(2, 6_000), charge(3, 0)]


def used(mode: str, charges: list[Charge], states: Sequence[State] = (), as_of: str = "2026-04-30") -> Shown:
    policy = policy_of({"usage": mode})
    return shown(books(states, policy=policy, charges=charges, as_of=at(as_of)), policy)


def test_review_16_usage_modes() -> None:
    assert used("exclude", THREE) == []
    assert used("billed_month", THREE) == [("2026-02-01", "new", 3_000), ("2026-03-01", "expansion", 3_000)]
    assert used("service_month", THREE) == [
        ("2026-01-01", "new", 3_000),
        ("2026-02-01", "expansion", 3_000),
        ("2026-03-01", "churn", -6_000),
    ]
    # 30, (30 + 60) / 2 = 45, (30 + 60 + 0) / 3 = 30
    assert used("trailing_3_months", THREE) == [
        ("2026-01-01", "new", 3_000),
        ("2026-02-01", "expansion", 1_500),
        ("2026-03-01", "contraction", -1_500),
    ]
    assert used("service_month", THREE, as_of="2026-03-15") == [
        ("2026-01-01", "new", 3_000),
        ("2026-02-01", "expansion", 3_000),
    ]


def test_usage_by_days_and_its_driver() -> None:
    """31 days from 16 January: 16 in January, 15 in February; 1,000 cents are 516 and 484."""
    licensed = state("A", "1", "2025-12-01", "", 10_000)
    policy = policy_of({"usage": "service_month"})
    rows = ledger(
        [licensed], policy=policy, charges=[charge(1, 1_000, "2026-01-16..2026-02-16")], as_of=at("2026-06-30")
    )
    assert [(str(r.on_date), r.delta, drivers(r)) for r in rows] == [
        ("2025-12-01", 10_000, {"other": 10_000}),
        ("2026-01-01", 516, {"usage": 516}),
        ("2026-02-01", -32, {"usage": -32}),
    ]


def test_what_is_carried_ends_with_the_subscription() -> None:
    base = State(**{**vars(state("A", "1", "2025-12-01", "2026-05-10", 10_000)), "subscription_id": "s"})
    two = [charge(1, 3_000), charge(2, 6_000)]
    carried = used("service_month", two, [base], "2026-06-30")
    assert carried[-1] == ("2026-05-10", "churn", -16_000)


def test_review_22_same_and_acquired() -> None:
    a, b = state("A", "1", "2026-01-01", "", 10_000), state("B", "1", "2026-01-01", "", 5_000)
    one = books([a, b], links=[Link("B", "A", "same", at("2026-01-01"))])
    assert shown(one, Policy()) == [("2026-01-01", "new", 15_000)]
    link = Link("B", "A", "acquired", at("2026-01-01"), at("2026-04-01"))
    two = books([a, b], links=[link])
    assert [(m.account, m.movement, m.amount) for m in movements(two.rows)] == [
        *(("A", "new", 10_000), ("A", "transfer", 5_000)),
        *(("B", "new", 5_000), ("B", "transfer", -5_000)),
    ]
    (window,) = retention(two.rows, date(2026, 3, 1), date(2026, 5, 1), acquired=two.acquired)
    assert (window.opening, window.ndr, window.grr, window.accounts_opening) == (15_000, 1, 1, 2 - 1)
    (april,) = roll_forward(two.rows, [(date(2026, 4, 1), date(2026, 5, 1))])
    assert (april.transfer, april.churn, april.expansion, april.accounts_transfer, april.accounts_closing) == (
        0,
        0,
        0,
        -1,
        1,
    )
