"""Local time of zones, against what the zone database itself says and the rule for an hour that comes twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rollforward import zones

MICRO = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("zone", "utc", "local"),
    [
        ("UTC", "2026-10-25T01:30", "2026-10-25T01:30"),
        ("Asia/Bangkok", "2026-03-31T17:00", "2026-04-01T00:00"),
        ("Asia/Kathmandu", "2026-03-31T18:15", "2026-04-01T00:00"),
        ("America/New_York", "2026-01-01T04:59:59", "2025-12-31T23:59:59"),
        # Berlin, 2026: 02:00 becomes 03:00 on 29 March, 03:00 becomes 02:00 on 25 October, both at 01:00 UTC.
        ("Europe/Berlin", "2026-03-29T00:59:59", "2026-03-29T01:59:59"),
        ("Europe/Berlin", "2026-03-29T01:00", "2026-03-29T03:00"),
        ("Europe/Berlin", "2026-10-25T00:30", "2026-10-25T02:30"),
        ("Europe/Berlin", "2026-10-25T01:00", "2026-10-25T02:59:59.999999"),
        ("Europe/Berlin", "2026-10-25T01:59:59", "2026-10-25T02:59:59.999999"),
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T03:00"),
        # Half an hour goes back on Lord Howe Island: 02:00 becomes 01:30.
        ("Australia/Lord_Howe", "2026-04-04T15:15", "2026-04-05T01:59:59.999999"),
        ("Australia/Lord_Howe", "2026-04-04T15:30", "2026-04-05T02:00"),
    ],
)
def test_local_time(zone: str, utc: str, local: str) -> None:
    assert zones.local(datetime.fromisoformat(utc), zone) == datetime.fromisoformat(local)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia"])
def test_the_rows_cover_the_years_and_never_turn_back(zone: str) -> None:
    rows = list(zones.shifts(zone, 2009, 2020))
    assert (rows[0].utc_from, rows[-1].utc_to) == (datetime(2009, 1, 1), datetime(2021, 1, 1))
    assert all(a.utc_to == b.utc_from for a, b in pairwise(rows))
    last = datetime(1, 1, 1)
    for shift in rows:
        for moment in (shift.utc_from, shift.utc_to - MICRO):
            told = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
            plain = moment + timedelta(seconds=shift.shift_seconds)
            assert plain == told.replace(tzinfo=None)
            assert (shift.clamp_to != zones.NO_CLAMP) == bool(told.fold)
            local = shift.clamp_to if told.fold else plain
            assert local >= last
            last = local


def test_a_clock_that_goes_back_to_stay_and_utc() -> None:
    # Russia: clocks went back to stay on 2014-10-26, from 02:00 to 01:00 (22:00 UTC the day before).
    rows = list(zones.shifts("Europe/Moscow", 2014, 2014))
    assert [r.clamp_to for r in rows if r.clamp_to != zones.NO_CLAMP] == [datetime(2014, 10, 26, 2) - MICRO]
    assert list(zones.shifts("UTC", 2014, 2014)) == []


@pytest.mark.parametrize(("name", "known"), [("UTC", True), ("Asia/Bangkok", True), ("Mars/Base", False), ("", False)])
def test_only_zones_of_the_database_are_known(name: str, known: bool) -> None:
    assert zones.is_zone(name) is known
