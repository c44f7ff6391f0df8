"""Time zones: from instants in UTC to the local time of a zone, as rows that models join.

Comes in: the name of a zone in the IANA database and years. Goes out: stretches of UTC in which the zone's clock is one
number of seconds ahead. Where the clock goes back an hour comes twice; all of its second pass stands at the last
microsecond before the clock went back, so what came later never stands earlier.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

YEARS = (1970, 2099)
"""Years in which models turn instants to local time; one outside stays in UTC."""

NO_CLAMP = datetime(9999, 12, 31)

_DAY, _SECOND, _TICK = timedelta(days=1), timedelta(seconds=1), timedelta(microseconds=1)


@dataclass(frozen=True)
class Shift:
    """From `utc_from` to before `utc_to` local time is UTC + `shift_seconds`, or `clamp_to` where that is not NO_CLAMP.

    All naive; `clamp_to` is local, the others UTC.
    """

    utc_from: datetime
    utc_to: datetime
    shift_seconds: int
    clamp_to: datetime = NO_CLAMP


def is_zone(name: str) -> bool:
    """Whether the zone database of this Python knows `name`; UTC is known without one."""
    if name == "UTC":
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def shifts(zone: str, first_year: int, last_year: int) -> Iterator[Shift]:
    """The stretches that together cover those years of UTC, in order; none for UTC itself."""
    if zone == "UTC":
        return
    info = ZoneInfo(zone)
    start = datetime(max(first_year, 2), 1, 1)
    end = datetime(min(last_year, 9997) + 1, 1, 1)
    offset = _offset(info, start - _DAY)  # a clock that went back just before the first year still counts
    since, at = start, start - _DAY
    while at < end:
        following = min(at + _DAY, end)
        if _offset(info, following) == offset:
            at = following
            continue
        turn = _turn(info, at, following)
        later = _offset(info, turn)
        if turn > since:
            yield Shift(since, min(turn, end), offset)
        since = max(since, turn)
        if later < offset:
            again = turn + timedelta(seconds=offset - later)
            if again > since:
                yield Shift(since, again, later, turn + timedelta(seconds=offset) - _TICK)
                since = again
        offset, at = later, turn
    if since < end:
        yield Shift(since, end, offset)


def columns(zone: str) -> dict[str, list[object]]:
    """The rows of all years in YEARS as the columns of the table `zone_shift`."""
    rows = list(shifts(zone, *YEARS))
    return {f.name: [getattr(row, f.name) for row in rows] for f in fields(Shift)}


def local(moment: datetime, zone: str) -> datetime:
    """The local time of a naive UTC moment in a zone, by the same rows."""
    for shift in shifts(zone, moment.year, moment.year):
        if shift.utc_from <= moment < shift.utc_to:
            return moment + timedelta(seconds=shift.shift_seconds) if shift.clamp_to == NO_CLAMP else shift.clamp_to
    return moment


def _offset(info: ZoneInfo, moment: datetime) -> int:
    """Seconds that the zone is ahead of UTC at a naive UTC moment."""
    ahead = moment.replace(tzinfo=UTC).astimezone(info).utcoffset() or timedelta()
    return round(ahead.total_seconds())


def _turn(info: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """First second after `before` with the offset of `after`."""
    target = _offset(info, after)
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        before, after = (before, middle) if _offset(info, middle) == target else (middle, after)
    return after
