from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollforward import money
from rollforward.errors import Misuse


@pytest.mark.parametrize(
    ("currency", "digits"),
    # ISO 4217, list one; where CLDR prints another number of decimals (IQD, LAK, RSD, HUF), ISO's counts
    [("USD", 2), ("JPY", 0), ("KWD", 3), ("THB", 2), ("CLF", 4), ("IQD", 3), ("LAK", 2), ("RSD", 2), ("HUF", 2),
     ("ISK", 0), ("HRK", 2)],
)  # fmt: skip
def test_exponent_is_iso_4217s(currency: str, digits: int) -> None:
    assert money.exponent(currency) == digits


@pytest.mark.parametrize("code", ["USX", "usd", "", "XAU", "XXX", "US"])
def test_no_currency(code: str) -> None:
    with pytest.raises(Misuse, match="bad-currency"):
        money.exponent(code)


def test_too_fine_is_refused_or_rounded_half_up() -> None:
    with pytest.raises(Misuse, match="amount-too-fine"):
        money.to_minor(Decimal("0.005"), "USD")
    assert money.to_minor(Decimal("0.005"), "USD", round_half_up=True) == 1
    assert money.to_minor(Decimal("-0.005"), "USD", round_half_up=True) == -1
    assert money.to_minor(Decimal("0.0049"), "USD", round_half_up=True) == 0


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_round_trip_is_exact(minor: int, currency: str) -> None:
    assert money.to_minor(money.to_major(minor, currency), currency) == minor
