"""Late renewals: what ends without a request keeps counting for some days (decision 0009.9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from reference.counting import ABSENT, Stretch
from reference.facts import ADDED, OPEN_END, LineKey
from reference.policy import Policy

Items = dict[LineKey, list[Stretch]]


def held_over_gaps(items: Items, policy: Policy, as_of: datetime) -> Items:
    """When an account is left without MRR, what ended on that day goes on for `gap_days`, or until something counted
    starts, be it free.

    Ready-made changes and usage have ends of their own and are not held.
    """
    if not policy.gap_days:
        return items
    paying: dict[str, list[Stretch]] = defaultdict(list)
    starts: dict[str, list[datetime]] = defaultdict(list)
    for stretches in items.values():
        for s in stretches:
            if s.mrr > 0:
                paying[s.state.account].append(s)
            if s.counted:
                starts[s.state.account].append(s.valid_from)
    longer: dict[Stretch, datetime] = {}
    for account, held in paying.items():
        for at in sorted({s.valid_to for s in held if s.valid_to < OPEN_END}):
            if any(s.valid_from <= at < s.valid_to for s in held):
                continue
            returns = min((start for start in starts[account] if start >= at), default=OPEN_END)
            for stretches in items.values():
                ended = _ended(stretches, account, at, as_of)
                if ended:
                    end = min(ended.valid_to + timedelta(days=policy.gap_days), returns, _goes_on(stretches, ended))
                    longer[ended] = end if end <= as_of else OPEN_END
    return {item: _stretched(stretches, longer) for item, stretches in items.items()}


def _ended(stretches: Sequence[Stretch], account: str, at: datetime, as_of: datetime) -> Stretch | None:
    """The item's paying stretch that ended last by `at`, on that day, into nothing and without a known request."""
    for n in range(len(stretches) - 1, -1, -1):
        s = stretches[n]
        if s.mrr > 0 and s.valid_to <= at:
            following = stretches[n + 1] if n + 1 < len(stretches) else None
            into_nothing = following is None or following.valid_from > s.valid_to or following.status in ABSENT
            if following and into_nothing and following.valid_from == s.valid_to:
                into_nothing = following.status != "canceled" or following.state.status in ABSENT  # else by a request
            fits = s.state.account == account and s.valid_to.date() == at.date() and into_nothing
            known = s.state.cancel_requested_at <= as_of and s.state.cancel_requested_at < OPEN_END
            return s if fits and not known and s.state.source_kind not in ADDED else None
    return None


def _goes_on(stretches: Sequence[Stretch], ended: Stretch) -> datetime:
    later = [s.valid_from for s in stretches if s.valid_from >= ended.valid_to and s.status not in ABSENT]
    return min(later, default=OPEN_END)


def _stretched(stretches: Sequence[Stretch], longer: dict[Stretch, datetime]) -> list[Stretch]:
    """The item with some ends moved; what was nothing in between gives way."""
    result: list[Stretch] = []
    for s in stretches:
        if result and s.valid_from < result[-1].valid_to:
            if s.valid_to <= result[-1].valid_to:
                continue
            s = replace(s, valid_from=result[-1].valid_to)
        result.append(replace(s, valid_to=longer.get(s, s.valid_to)))
    return result
