"""From what was said to what is believed (definitions.md section 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from reference.facts import BEGINNING, OPEN_END, Coverage, ItemKey, State


def by_item(states: Iterable[State]) -> dict[ItemKey, list[State]]:
    """States of each item in order of time."""
    items: dict[ItemKey, list[State]] = defaultdict(list)
    for state in states:
        items[state.item].append(state)
    return {item: sorted(rows, key=lambda s: s.valid_from) for item, rows in sorted(items.items())}


def believed(states: Iterable[State], as_of: datetime = OPEN_END) -> list[State]:
    """What counts of all that was recorded up to `as_of`: stretches of one item never overlap afterwards.

    An earlier row ends at the earliest `replaces_from` of the rows of later moments that reach beyond its start.
    A void row speaks for all time and leaves nothing.
    """
    told = [_for_all_time(s) if s.status == "void" else s for s in states if s.recorded_at <= as_of]
    result = []
    for rows in by_item(told).values():
        for old in rows:
            cuts = [new.replaces_from for new in rows if new.moment > old.moment and new.valid_to > old.valid_from]
            end = min([old.valid_to, *cuts])
            if end > old.valid_from and old.status != "void":
                result.append(replace(old, valid_to=end))
    return result


def _for_all_time(void: State) -> State:
    return replace(void, valid_from=BEGINNING, replaces_from=BEGINNING, valid_to=OPEN_END)


def covered(states: Iterable[State], coverage: Coverage) -> list[State]:
    """Decision 0005: a stretch that ends where nothing is known lasts to the next covered moment, or stays open."""
    result = []
    for rows in by_item(states).values():
        for state, following in zip(rows, [*rows[1:], None], strict=True):
            next_start = following.valid_from if following else OPEN_END
            windows = coverage.get(state.source_kind)
            end = state.valid_to
            if windows and not any(a <= end < b for a, b in windows):
                end = min([next_start, *(a for a, _ in windows if a > end)])
            result.append(replace(state, valid_to=end))
    return result


def unscheduled(states: Iterable[State], as_of: datetime) -> list[State]:
    """Leaves out what takes effect after `as_of`: later stretches are unknown and later ends have not come."""
    return [
        replace(s, valid_to=OPEN_END) if s.valid_to > as_of else s  # the end is scheduled
        for s in states
        if s.valid_from <= as_of
    ]
