"""Which rate a day takes: edges of decision 0010.3 that a store of the past cannot show, as the day moves on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.rates import Rule, in_minor, runs
from rollforward.stats.carried import carry, scale, unknown

ENDS = [(date(2024, 2, 29), 110), (date(2024, 3, 31), 120)]


def rate(day: date, rule: Rule, published: list[tuple[date, int]]) -> int | None:
    found = [r for r in runs("EUR", published, rule, date(2024, 1, 1), date(2024, 6, 30)) if r.first <= day <= r.last]
    assert len(found) == 1
    return found[0].rate if found[0].known else None


@pytest.mark.parametrize(
    ("today", "published", "expected"),
    [
        # review 6, last row: MRR of 15 March asked on 20 March has the latest known rate: here February's
        (date(2024, 3, 20), ENDS[:1], 110),
        (date(2024, 3, 20), [*ENDS[:1], (date(2024, 3, 18), 115)], 115),
        (date(2024, 3, 20), [*ENDS[:1], (date(2024, 3, 18), 115), (date(2024, 3, 21), 999)], 115),
        (date(2024, 3, 20), [(date(2024, 2, 22), 105)], 105),  # what February takes, 7 days before its end
        (date(2024, 3, 20), [(date(2024, 2, 21), 105)], None),  # February has none either
        (date(2024, 3, 31), ENDS, 120),
        (date(2024, 5, 1), ENDS, 120),
    ],
)
def test_month_end(today: date, published: list[tuple[date, int]], expected: int | None) -> None:
    assert rate(date(2024, 3, 15), Rule("month_end", today, 0, today), published) == expected


@pytest.mark.parametrize(("day", "lag", "expected"), [(7, 0, 110), (8, 0, None), (8, 1, 110), (9, 1, None)])
def test_seven_days(day: int, lag: int, expected: int | None) -> None:
    """The rate of 29 February serves until 7 March; with a lag, a day more."""
    rule = Rule("daily", date(2024, 6, 30), lag, date(2024, 6, 30))
    assert rate(date(2024, 3, day), rule, ENDS[:1]) == expected


def test_minor_units_and_halves() -> None:
    assert in_minor(Decimal("3.25"), "KWD", "USD") == 3_250_000_000  # a fils is a thousandth of a dinar
    assert in_minor(Decimal("150"), "USD", "JPY") == 15_000_000_000
    assert in_minor(Decimal("0.00000000005"), "USD", "EUR") == 1


def test_carried_values_end_at_nothing() -> None:
    moved = [("a", 0, 3, 10), ("a", 3, 1, 25), ("a", 4, -1, 99), ("a", 3, -3, 99), ("a", 0, 2, 7)]
    assert list(carry(moved)) == [30, 25, -14, -41, 14]  # 55/4 = 13.75, half up


def test_what_is_unknown_stays_until_the_balance_is_nothing() -> None:
    # 1 of 10,001 units came without a rate; decreases of 5,000 and of 1 have a part of it, a known increase has none.
    moved = [("a", 0, 10_000, 0), ("a", 10_000, 1, 1), ("a", 10_001, -5_000, 0), ("a", 5_001, -1, 1)]
    signs = [(n > 0) - (n < 0) for n in unknown([*moved, ("a", 5_000, 7, 0), ("a", 5_007, -5_007, 0), ("a", 0, 3, 0)])]
    assert signs == [0, 1, -1, -1, 0, -1, 0]
    assert sum(unknown([*moved, ("a", 5_000, -5_000, 0)])) == 0 < sum(unknown(moved))


def test_drivers_of_a_decrease_are_scaled_alike() -> None:
    assert scale(-14, -10, [-7, -3, 0]) == [-10, -4, 0]
    assert scale(-15, -10, [-5, -5, 0]) == [-7, -8, 0]  # each -7.5 becomes -8, the first gives 1 back
    assert sum(scale(-101, -10, [5, -9, -6])) == -101


def test_the_largest_accepted_amount_is_converted_exactly(tmp_path: Path) -> None:
    store = rf.open(tmp_path / "store")
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,amount,currency\na,s,p,2026-01-05,9999999999999.99,USD\n"
    )
    (tmp_path / "fx.csv").write_text("date,currency,rate\n2026-01-31,USD,35.1234567891\n2026-02-28,USD,36.0000000001\n")
    store.import_(tmp_path / "s.csv", coverage="..2026-03-01")
    store.import_(tmp_path / "fx.csv", kind="fx", currency="THB")
    first, second = store.mrr(start="2026-01", end="2026-02").to_dicts()
    assert first["closing"] == Decimal("351234567890999.65")  # 9,999,999,999,999.99 × 35.1234567891
    assert second["closing"] == Decimal("360000000000999.64")
    assert store.check().rows == []
