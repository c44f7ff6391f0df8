"""Linked accounts as tables that models join (decision 0013): whose everything is at which time, and what was acquired.

Comes in: rows of `account_link`. Goes out: tables by name, as `made` makes them. Only linked accounts are in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from rollforward import zones
from rollforward.made import Tables, columns

LINKS = (
    "select l.from_key, l.to_key, l.valid_from, l.removed, l.source_id, l.line, y.as_of from account_link l "
    "cross join policy y order by l.from_key, l.rank, l.recorded_at, l.commit_id, l.source_id, l.line"
)
"""What `owners` takes: the last row of an account counts."""

ACQUIRED = "select a.from_key, a.to_key, a.at from acquired a"
"""What `merged` takes."""

_BEGINNING, _OPEN_END = datetime(1, 1, 1), datetime(9999, 12, 31)

Link = tuple[int, int, datetime]


def owners(rows: Iterable[Sequence[object]], zone: str) -> Tables:
    """`owner_span`: [from_at, to_at) in which all of account_key is owner_key's; `acquired`: what goes over, and when.

    `rows` as LINKS gives them; a link after the as-of moment (local) is scheduled. Midnight is a plain date and stays.
    """
    links: dict[int, tuple[int, datetime, object, object]] = {}
    for source, target, since, removed, file, line, as_of in rows:
        assert isinstance(source, int) and isinstance(target, int) and isinstance(since, datetime)
        assert isinstance(as_of, datetime)
        links.pop(source, None)
        at = since if since.time() == time() else zones.local(since, zone)
        if not removed and at <= as_of:
            links[source] = (target, at, file, line)
    spans: list[tuple[object, ...]] = []
    taken: list[tuple[object, ...]] = []
    for account in sorted(links):
        owner, since = account, _BEGINNING
        while owner in links:
            target, at, file, line = links[owner]
            if at > since:
                spans.append((account, owner, since, at))
                since = at
            owner = target
        spans.append((account, owner, since, _OPEN_END))
        mine = [span for span in spans if span[0] == account]
        if mine[0][1] == account and len(mine) > 1:
            taken.append((account, mine[1][1], mine[0][3], *links[account][2:]))
    return {
        "owner_span": (
            columns("account_key owner_key from_at to_at", spans),
            "BIGINT BIGINT TIMESTAMP TIMESTAMP",
        ),
        "acquired": (
            columns("from_key to_key at source_id line", taken),
            "BIGINT BIGINT TIMESTAMP BIGINT BIGINT",
        ),
    }


def merged(links: Iterable[Sequence[object]], ends: Sequence[tuple[date, date, bool]]) -> Tables:
    """`merged_window`: the windows [seq_from, seq_to) in which account_key counts as into_key: s <= D < e."""
    onward: dict[int, tuple[int, date]] = {}
    for source, target, at in links:
        assert isinstance(source, int) and isinstance(target, int) and isinstance(at, datetime)
        onward[source] = (target, at.date())
    found: list[tuple[object, ...]] = []
    for account in sorted(onward):
        last: tuple[int, int] | None = None
        for seq, (start, end, _) in enumerate(ends, start=1):
            into = account
            while into in onward and start <= onward[into][1] < end:
                into = onward[into][0]
            if into != account:
                if last == (into, seq):
                    found[-1] = (*found[-1][:3], seq + 1)
                else:
                    found.append((account, into, seq, seq + 1))
                last = (into, seq + 1)
    return {
        "merged_window": (
            columns("account_key into_key seq_from seq_to", found),
            "BIGINT BIGINT BIGINT BIGINT",
        )
    }
