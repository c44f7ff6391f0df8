"""What texts of a column can be, by looking at them: dates in one of several forms, numbers, currencies."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from rollforward import money
from rollforward.sources.header import month_of
from rollforward.sources.words import SYMBOLS

_TESTED = 60
_ISO = re.compile(r"\d{4}[-/]\d{1,2}([-/]\d{1,2})?([T ]\d{1,2}:\d{2}.*)?|\d{4}-\d{2}")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}( \d{1,2}:\d{2}(:\d{2})?)?")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}([,. '’\u00a0\u202f]\d{3})+)([.,]\d+)?")
_CODES = "|".join(sorted(map(re.escape, SYMBOLS), key=len, reverse=True))
_SIGN = re.compile(rf"({_CODES}|[A-Z]{{3}})")
_FORMS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%d-%m-%y", "%m-%d-%y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d %Y",
    "%Y%m%d", "%Y.%m.%d", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%b %d, %Y %I:%M %p", "%b %d, %Y %H:%M", "%a %b %d %Y",
)  # fmt: skip


@dataclass(frozen=True)
class Dates:
    """`formats`: the strptime forms that every date that is not ISO has; several: only a person can tell (`example`).

    None for dates that need no saying: ISO, or slashed ones of which a day above 12 tells.
    """

    formats: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True)
class Numbers:
    """How amounts are written. `symbol` stands beside all of them."""

    decimal: str = "."
    thousands: str = ""
    symbol: str = ""


def holds(what: str, values: Sequence[str]) -> float:
    """Share of the first values that a column of this kind (see `kinds.Field`) can hold."""
    if what in ("text", "word", "tiers"):
        # ids and names are seldom dates
        return 0.4 if what == "text" and all(_is_date(v) for v in values[:50]) else 1.0
    values = values[:_TESTED]
    tests: dict[str, Callable[[str], bool]] = {
        "date": _is_date, "month": _is_month, "currency": _is_currency, "count": _is_count,
    }  # fmt: skip
    return sum(map(tests.get(what, _is_number), values)) / len(values)


def dates(columns: Sequence[Sequence[str]]) -> Dates:
    """The forms that all dates of these columns could be written in."""
    others, clear = [], True
    for values in columns:
        odd = [v for v in values if not _ISO.fullmatch(v) and not month_of(v)]
        found = [m for v in odd if (m := _SLASHED.fullmatch(v))]
        told = any(int(m[1]) > 12 for m in found) != any(int(m[2]) > 12 for m in found)
        others += odd
        clear = clear and (not odd or (len(found) == len(odd) and told))
    if clear:
        return Dates()
    formats = tuple(f for f in _FORMS if others and all(_parses(v, f) for v in others))
    return Dates(formats, others[0] if others else "")


def numbers(values: Sequence[str]) -> Numbers:
    """How these amounts are written, as far as all of them agree."""
    if not values:
        return Numbers()
    signs = {m[0] for v in values if (m := _SIGN.search(v))}
    symbol = signs.pop() if len(signs) == 1 and all(_SIGN.search(v) for v in values if v) else ""
    bare = [v.replace(symbol, "").strip() if symbol else v for v in values]
    points = {c for v in bare for c in v if not c.isdigit() and c not in "+-"}
    if points <= {"."} and not any(v.count(".") > 1 for v in bare):
        return Numbers(symbol=symbol)
    for decimal, thousands in ((".", ","), (",", "."), (",", " "), (",", "\u00a0"), (",", "\u202f"), (".", "'"),
                               (".", "’"), (".", " "), (",", "")):  # fmt: skip
        group = rf"[+-]?(\d{{1,3}}({re.escape(thousands)}\d{{3}})+|\d+)" if thousands else r"[+-]?\d+"
        shape = re.compile(rf"{group}({re.escape(decimal)}\d+)?")
        clear = thousands == "" or _is_clear(bare, decimal, thousands)
        if points <= {decimal, thousands} and clear and all(shape.fullmatch(v) for v in bare):
            return Numbers(decimal, thousands if any(thousands and thousands in v for v in bare) else "", symbol)
    return Numbers(symbol=symbol)


def _is_clear(values: list[str], decimal: str, thousands: str) -> bool:
    """Whether something tells thousands from decimals: 1,234 alone can be either, and is left as it is."""
    if thousands not in ".,":
        return True
    return any((decimal in v and thousands in v) or v.count(thousands) > 1 for v in values) or (
        not any(decimal in v for v in values) and sum(thousands in v for v in values) > 1 and thousands == ","
    )


@lru_cache(50_000)
def _is_date(value: str) -> bool:
    return value[:1].isalnum() and any(c.isdigit() for c in value) and len(value) <= 40 and _is_form(value)


def _is_form(value: str) -> bool:
    return bool(_ISO.fullmatch(value)) or any(_parses(value, form) for form in _FORMS)


def _is_month(value: str) -> bool:
    return bool(month_of(value)) or _is_date(value)


def _is_currency(value: str) -> bool:
    return value.upper() in money.currencies()


def _is_number(value: str) -> bool:
    return bool(_NUMBER.fullmatch(_SIGN.sub("", value, count=1).strip()))


def _is_count(value: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d{1,9}(\.0*)?", value))


def _parses(value: str, form: str) -> bool:
    try:
        return 1970 <= datetime.strptime(value, form).year <= 2200
    except ValueError:
        return False
