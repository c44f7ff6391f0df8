"""How one value of an answer reads, by the meaning of its column: on a terminal, on a page, in a chart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from rollforward.text import N_, _, figures, language
from rollforward.text.columns import LABELS, MONEY, RATIO
from rollforward.text.signals import CLAIMS, subject, title
from rollforward.text.words import CODED, DIMENSIONS, WORDS

Value = object
Money = Callable[[int | Decimal | None], str]

_PUBLISHED = ("published", "own", "own_low", "own_high", "difference_share")
"""Columns that are percent or not as the row's unit says."""

NOT_OVER = N_("* not over yet or not fully covered: not comparable with whole periods.")

PLACE = 22
"""Columns that file:line may take in a table."""


def cell(name: str, record: dict[str, Value], by: str, money: Money = figures.number) -> str:
    """One value as text, by the meaning of its column."""
    if name in ("lift_interval", "auc_interval", "within_interval", "over_rule_interval"):
        ends = (name.replace("interval", end) for end in ("low", "high"))
        return "–".join(figures.decimal(v) if isinstance(v := record.get(n), float) else "" for n in ends)
    if name.endswith("_interval"):
        low, high = (record.get(name.replace("_interval", end)) for end in ("_low", "_high"))
        if name.removesuffix("_interval") in MONEY:
            return figures.NONE if low is None else f"{_amount(low, money)} – {_amount(high, money)}"
        between = " – " if isinstance(low, float) and low < 0 else "–"
        return figures.NONE if low is None else f"{_percent(low, 1)[:-1]}{between}{_percent(high, 1)}"
    if name == "drivers":
        return _made_of(record, money)
    if name in ("sentence", "reasons", "words"):
        return printable(str(record.get(f"{name}_{language()}") or ""))
    value = record.get(name)
    if name == "signal" and isinstance(value, str):
        return title(value)
    if name == "used_metric":
        return printable(subject("", value)) or figures.NONE
    if name == "covariate" and str(value).startswith("plan: "):
        return f"{dimension('plan')}: {printable(str(value)[6:])}"
    if name == "claim" and value in CLAIMS:
        return _(CLAIMS[str(value)])
    if name == "period" and isinstance(value, date):
        return _label(value, by, record) + ("" if record.get("is_complete", True) else "*")
    if name == "window_end" and isinstance(value, date):
        # exclusive: the window belongs to the period of its last day, which names month, quarter and year alike
        label = _label(value - timedelta(days=1), by, record)
        return label + ("" if record.get("is_complete", True) else "*")
    if name in CODED and isinstance(value, str):
        return _(WORDS[value]) if value in CODED[name] else printable(value) or figures.NONE
    if name in ("source_ref", "ref"):
        return _place(str(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        at_midnight = value.hour == value.minute == value.second == 0
        return figures.day(value.date()) + ("" if at_midnight else f" {value:%H:%M}")
    if isinstance(value, date):
        return figures.day(value)
    if name == "year":
        return str(value)
    if name in _PUBLISHED and record.get("unit") != "percent":
        return figures.decimal(value) if isinstance(value, float) else figures.NONE
    if name.startswith(("ndr", "grr")) or name in RATIO:
        return _percent(value, 2 if name.startswith(("ndr", "grr")) else 1)
    if name in MONEY and isinstance(value, int | Decimal):
        return money(value)
    if isinstance(value, float):
        return figures.decimal(value)
    if isinstance(value, int | Decimal):
        return figures.number(value)
    return figures.NONE if value is None else printable(str(value))


def _amount(value: Value, money: Money) -> str:
    return money(value) if isinstance(value, int | Decimal) else figures.NONE


def heading(name: str) -> str:
    """The heading of a column on one line; a name without one stands for itself.

    Headings are broken for narrow terminals: English ones also inside words, with a hyphen; Thai ones between words.
    """
    first, *rest = (_(LABELS[name]) if name in LABELS else name).split("\n")
    for part in rest:
        # Thai writes no blanks between its words, but beside Latin letters it does
        gap = "" if _is_thai(first[-1]) and _is_thai(part[0]) else " "
        first = first[:-1] + part if first.endswith("-") else first + gap + part
    return first


def dimension(name: str) -> str:
    """What a dimension is called: one of our own in the language in force, a column of the user's as it is headed."""
    return _(DIMENSIONS[name]) if name in DIMENSIONS else name


def _is_thai(letter: str) -> bool:
    return "\u0e00" <= letter <= "\u0e7f"


def _label(on: date, by: str, record: dict[str, Value]) -> str:
    calendar = record.get("calendar")
    return figures.period(on, by, *calendar) if isinstance(calendar, tuple) else figures.period(on, by)


def _place(ref: str) -> str:
    # of a file and its line the line matters most, so a long one loses its beginning
    return ref if len(ref) <= PLACE else "…" + ref[1 - PLACE :]


def _made_of(record: dict[str, Value], money: Money) -> str:
    """The drivers that are not 0, with their amounts where there are several."""
    found = [(n, v) for n, v in record.items() if n.startswith("by_") and isinstance(v, int | Decimal) and v]
    if len(found) == 1:
        return _(LABELS[found[0][0]])
    return ", ".join(f"{_(LABELS[name])} {money(value)}" for name, value in found)


def printable(text: str) -> str:
    """The user's own text on one line, without anything that could steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def _percent(value: Value, places: int) -> str:
    return figures.percent(value if isinstance(value, float | Decimal) else None, places)
