"""Which days are closed: what the table `closing` says, read in order (decision 0012).

Comes in: a FactStore, a policy's name, an as-of moment. Goes out: spans of closed days, each with the commit that holds
them. Days before the first span that nobody closed do not exist: closing a period closes the open ones before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from rollforward.rates import Run
from rollforward.store import FactStore

FOREVER = date(9999, 12, 31)

COLUMNS = (
    "commit_id", "kind", "policy", "policy_version", "policy_row", "from_on", "to_on", "facts_version", "model",
    "release", "closed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Closing:
    """One row of `closing`: a close or a reopen of the days [from_on, to_on) under a policy."""

    commit_id: int
    kind: str
    policy: str
    policy_version: int
    policy_row: str
    from_on: date
    to_on: date
    facts_version: int
    model: str
    release: str
    closed_at: datetime


@dataclass(frozen=True)
class Span:
    """Closed days [from_on, to_on) and the closing that holds them."""

    closing: Closing
    from_on: date
    to_on: date


def history(store: FactStore, policy: str | None = None, as_of: datetime | None = None) -> list[Closing]:
    """Closings and reopenings made up to `as_of`, oldest first; of one policy if it is named."""
    rows = [Closing(*row) for row in store.rows("closing", COLUMNS)]  # type: ignore[arg-type]
    return sorted(
        (c for c in rows if policy in (None, c.policy) and (as_of is None or c.closed_at <= as_of)),
        key=lambda c: c.commit_id,
    )


def spans(told: list[Closing]) -> list[Span]:
    """The spans of days that are closed after all that was `told` of one policy, in order of time."""
    closed: list[Span] = []
    for closing in told:
        if closing.kind == "close":
            closed.append(Span(closing, closing.from_on, closing.to_on))
        else:
            closed = [replace(s, to_on=min(s.to_on, closing.from_on)) for s in closed if s.from_on < closing.from_on]
    return closed


def rates(rows: Sequence[Sequence[object]], closed: Sequence[Span], currency: str) -> list[Run]:
    """Rows of `closed_rate` that count, as runs of days to `currency`, in order; those of reopened days are cut off."""
    found = []
    for commit, to, code, first, last, rate, known in rows:
        for span in closed:
            if to == currency and commit == span.closing.commit_id:
                assert isinstance(first, date) and isinstance(last, date) and isinstance(rate, int)
                end = min(last, span.to_on - timedelta(days=1))
                if first <= end:
                    found.append(Run(str(code), first, end, rate, bool(known)))
    return sorted(found, key=lambda r: (r.currency, r.first))


def open_from(closed: list[Span]) -> date:
    """The first day that is open; 0001-01-01 if nothing is closed."""
    return closed[-1].to_on if closed else date.min
