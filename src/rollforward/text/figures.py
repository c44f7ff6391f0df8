"""Numbers, money, percentages and dates as a person reads them.

English and Thai write numbers alike (1,234.50), so they are formatted here without Babel, whose import costs start-up;
`tests/test_text.py` holds them against Babel. Only Thai month names come from Babel.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from rollforward.text import _, era, language

NONE = "–"
"""An empty ratio."""

BY = ("day", "week", "month", "quarter", "year")


def number(value: int | Decimal | None) -> str:
    """All digits of `value` with thousands separators; losses with a minus."""
    return NONE if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,f}"


def scaled(value: int | Decimal | None, power: int) -> str:
    """`value` in units of 10**power, half up to a whole one: scaled(1234567, 3) is 1,235."""
    if value is None:
        return NONE
    units = Decimal(value).scaleb(-power).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{units + 0:,f}"


def money(value: int | Decimal, currency: str) -> str:
    """An amount in major units with its currency behind: 1,234.50 EUR."""
    return f"{number(value)} {currency}"


def signed(value: int | Decimal) -> str:
    """Like `number`, with a plus before a gain."""
    return ("+" if value > 0 else "") + number(value)


def percent(ratio: float | Decimal | None, places: int = 1) -> str:
    """A fraction as a percentage, half up: percent(0.94737, 2) is 94.74%."""
    if ratio is None:
        return NONE
    # repr, because the binary tail of a float would decide what is half
    hundredfold = Decimal(repr(ratio) if isinstance(ratio, float) else ratio).scaleb(2)
    return f"{hundredfold.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0:,f}%"


def decimal(ratio: float | Decimal | None, places: int = 2) -> str:
    """A plain ratio, such as the quick ratio."""
    return NONE if ratio is None else f"{ratio:,.{places}f}"


def day(value: date) -> str:
    """2026-03-05; in Thai 5 มี.ค. 2026, or 5 มี.ค. 2569 in Buddhist-era years."""
    if language() == "en":
        return value.isoformat()[:10]
    return f"{_babel_date(value, 'd MMM')} {value.year + era()}"


def month_name(month: int) -> str:
    """The name of a month, 1…12, in full: April; เมษายน."""
    from babel.dates import get_month_names

    return str(get_month_names("wide", "stand-alone", locale=language())[month])


def key(on: date, by: str, week_start: int = 0, year_start: int = 1) -> str:
    """The period that holds `on` as questions name it: 2026-03, 2026-Q1, 2026-W12, 2026-03-05 or 2026.

    Weeks begin on `week_start` (0 = Monday; week 1 holds 4 January), years in the month `year_start` and are called by
    the calendar year in which they begin.
    """
    if by in ("day", "month"):
        return on.isoformat()[: 10 if by == "day" else 7]
    year, number = _numbered(on, by, week_start, year_start)
    return f"{year}-W{number:02d}" if by == "week" else f"{year}-Q{number}" if by == "quarter" else str(year)


def period(on: date, by: str, week_start: int = 0, year_start: int = 1) -> str:
    """The label of the period that holds `on`, in English as `key` has it."""
    if by == "day":
        return day(on)
    if by == "month":
        return key(on, by) if language() == "en" else f"{_babel_date(on, 'MMM')} {on.year + era()}"
    year, number = _numbered(on, by, week_start, year_start)
    if by == "week":
        return _("{year}-W{week:02d}").format(year=year + era(), week=number)
    if by == "quarter":
        return _("{year}-Q{quarter}").format(year=year + era(), quarter=number)
    return str(year + era())


def _numbered(on: date, by: str, week_start: int, year_start: int) -> tuple[int, int]:
    """Year and number of the week or quarter."""
    if by == "week":
        start = on - timedelta(days=(on.weekday() - week_start) % 7)
        year = (start + timedelta(days=3)).year
        fourth = date(year, 1, 4)
        first = fourth - timedelta(days=(fourth.weekday() - week_start) % 7)
        return year, (start - first).days // 7 + 1
    return on.year - (on.month < year_start), (on.month - year_start) % 12 // 3 + 1


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: Thai vowels and tone marks stand above or below and take none."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _babel_date(value: date, pattern: str) -> str:
    from babel.dates import format_date

    return format_date(value, pattern, locale=language())
