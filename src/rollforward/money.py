"""Minor units: how many decimals a currency has, and exact conversion between major and minor units.

Decimals are ISO 4217's. Babel's list of codes is used, not its number of decimals: CLDR shows what people print
(0 for IQD, LAK or RSD), ISO 4217 what the unit is.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from rollforward.errors import Misuse

MAX_MINOR = 10**15
"""Largest accepted amount of one row, in minor units (docs/decisions/0006)."""

_ZERO = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF", "ADP", "BYR", "ESP", "ITL", "LUF", "MGF", "TRL",
)  # fmt: skip
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_EXPONENT = {**dict.fromkeys(_ZERO, 0), **dict.fromkeys(_THREE, 3), "CLF": 4, "UYW": 4}
_NOT_MONEY = frozenset((
    "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX", "XFO", "XFU", "XRE",
))  # fmt: skip
_COMMON = (
    "USD", "EUR", "GBP", "JPY", "THB", "AUD", "CAD", "CHF", "CNY", "INR", "SEK", "NOK", "DKK", "SGD", "HKD", "NZD",
    "BRL", "MXN", "PLN", "CZK", "ZAR", "KRW",
)  # fmt: skip


@lru_cache(maxsize=1)
def currencies() -> tuple[str, ...]:
    """All codes accepted: ISO 4217 with the withdrawn ones (old data has them), the most used first."""
    from babel.core import get_global

    known = set(get_global("all_currencies")) - _NOT_MONEY | set(_EXPONENT)
    return (*_COMMON, *sorted(known - set(_COMMON)))


def exponent(currency: str) -> int:
    """Decimals of the currency (USD 2, JPY 0, KWD 3). `bad-currency` for a code that ISO 4217 does not have."""
    if currency not in currencies():
        raise Misuse("bad-currency", value=currency)
    return _EXPONENT.get(currency, 2)


def to_minor(amount: Decimal, currency: str, round_half_up: bool = False) -> int:
    """Minor units of an amount in major units.

    `amount-too-fine` if it is finer than the minor unit, unless `round_half_up` (away from zero at the half).
    """
    digits = exponent(currency)
    scaled = amount.scaleb(digits)
    whole = scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    if whole != scaled and not round_half_up:
        raise Misuse("amount-too-fine", value=str(amount), currency=currency)
    return int(whole)


def to_major(minor: int, currency: str) -> Decimal:
    """Major units with the currency's own decimals: 1050 USD → Decimal("10.50"), 1050 JPY → Decimal("1050")."""
    return Decimal(minor).scaleb(-exponent(currency))
