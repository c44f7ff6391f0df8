"""What a question says, as values: moments, first and last days, windows; and periods that a policy cannot answer.

Comes in: text as a person writes it, or values of Python. Goes out: values, or Misuse that names the option.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TypedDict

from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.periods import Calendar
from rollforward.policy import Policy

Progress = Callable[[str, float], None]


def moment(value: object, option: str) -> datetime | None:
    """A moment in UTC, naive; one with an offset is turned. Misuse `bad-time`."""
    if value is None or isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
    try:
        told = datetime.fromisoformat(str(value))
    except ValueError:
        raise Misuse("bad-time", option=option, value=str(value)) from None
    return told.astimezone(UTC).replace(tzinfo=None) if told.tzinfo else told


class Question(TypedDict, total=False):
    """What every question takes; all of it optional.

    by: day, week, month, quarter or year. currency: ISO 4217, or native: a row for each. minor: money as whole minor
    units. start, end: first and last period (`2026-03`, `2026-Q1`, a date), inclusive; a date object for `end` is the
    first day no longer asked for. as_of: count only what was recorded up to then (ISO 8601, UTC). scheduled: also
    what is recorded to take effect later, in periods marked incomplete. policy: a name, `NAME@2`, the path of a
    .toml, or several (`a,b`): then the rows of each, told apart by the columns policy and policy_version.
    segment: a dimension whose values have rows of their own. where: `dimension=value`, all of which must hold.
    basis: `reported` shows closed periods as they were closed, `restated` everything as known now.
    limit, skip: of listings by account, how many rows behind how many.
    """

    by: str
    start: str | date | None
    end: str | date | None
    currency: str | None
    as_of: str | datetime | None
    policy: str
    minor: bool
    scheduled: bool
    basis: str
    segment: str | None
    where: Sequence[str] | None
    progress: Progress | None
    limit: int
    skip: int


BASES = ("reported", "restated")


def basis(value: object) -> str:
    """Whether closed periods are shown as closed or as known now. Misuse `unknown-option`."""
    if str(value or "reported") not in BASES:
        raise Misuse("unknown-option", option="--basis", value=str(value), known=", ".join(BASES))
    return str(value or "reported")


def bound(calendar: Calendar, value: object, option: str, side: int) -> date | None:
    """The first day (side 0) or the first day after (side 1) of a period; a date stays. Misuse `bad-period`."""
    if value is None:
        return None
    if isinstance(value, date):
        return value
    return calendar.parse(str(value), option)[side]


def check_grain(rules: Policy, by: str) -> None:
    """Refuses periods shorter than the netting window: Misuse `below-netting`."""
    if rules.netting == "month" and by in ("day", "week"):
        raise Misuse("below-netting", option="--by", value=by, policy=rules.name, netting=rules.netting)


def check_netting(rules: Policy, start: date, end: date, option: str, value: str) -> None:
    """Refuses a stretch that cuts a netting window: Misuse `below-netting`."""
    if rules.netting == "month" and (start.day != 1 or end.day != 1):
        raise Misuse("below-netting", option=option, value=value, policy=rules.name, netting=rules.netting)


def coverage(text: str) -> tuple[date | None, date | None]:
    """`A..B` as two days; an open side is None. Misuse `bad-coverage`."""
    start, dots, end = text.partition("..")
    try:
        if not dots:
            raise ValueError
        return (date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)
    except ValueError:
        raise Misuse("bad-coverage", value=text) from None


def window(window: int | str | tuple[date, date]) -> int | tuple[date, date]:
    """A retention window: months, or two days from `A..B`. Misuse `no-such-window`, `bad-coverage`."""
    if isinstance(window, str) and ".." in window:
        start, end = coverage(window)
        if start is None or end is None or start >= end:
            raise Misuse("no-such-window", window=window, known="1, 3, 12, A..B")
        return start, end
    if isinstance(window, str):
        if not is_whole(window):
            raise Misuse("no-such-window", window=window, known="1, 3, 12, A..B")
        return int(window)
    return window
