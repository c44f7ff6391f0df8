"""From what was said to what is believed, and from that to each item's MRR (definitions.md section 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from math import floor

from reference.facts import BEGINNING, DEFAULT, OPEN_END, Coverage, Discount, ItemKey, Policy, State


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


@dataclass(frozen=True)
class Stretch:
    """An item state with constant MRR.

    `list_amount`, `off_amount` are exact minor units a month, `off_rate` a fraction; `mrr` is 0 unless `counted`.
    exact = list_amount x (1 - off_rate) - off_amount, and mrr is that rounded half up.
    """

    state: State
    valid_from: datetime
    valid_to: datetime
    counted: bool
    list_amount: Fraction
    off_rate: Fraction
    off_amount: Fraction
    mrr: int

    @property
    def quantity(self) -> int:
        """Quantity where a price per unit is needed: empty or 0 is 1."""
        return self.state.quantity or 1


def item_mrr(states: Iterable[State], policy: Policy = DEFAULT, as_of: datetime = OPEN_END) -> list[Stretch]:
    """Stretches of all items; a state is split where a subtracted discount ends inside it (not after `as_of`)."""
    result = []
    for state in states:
        discounts = [d for d in state.discounts if d.kind in policy.subtracted and (d.ppm or d.amount)]
        inside = {d.until for d in discounts if state.valid_from < d.until < state.valid_to and d.until <= as_of}
        edges = [state.valid_from, *sorted(inside), state.valid_to]
        for start, end in pairwise(edges):
            result.append(_stretch(state, start, end, [d for d in discounts if d.until > start], policy))
    return result


def _stretch(state: State, start: datetime, end: datetime, discounts: list[Discount], policy: Policy) -> Stretch:
    factor = policy.month_factor(state.interval, state.interval_count)
    list_amount = state.amount * factor
    kept = Fraction(1)
    for discount in discounts:  # stacked percentages: each is taken from what the one before leaves
        kept *= 1 - Fraction(discount.ppm, 1_000_000)
    off_amount = min(sum((d.amount for d in discounts), 0) * factor, list_amount * kept)
    counted = state.status in policy.counting and not state.metered
    mrr = round_half_up(list_amount * kept - off_amount) if counted else 0
    return Stretch(state, start, end, counted, list_amount, 1 - kept, off_amount, mrr)


def round_half_up(exact: Fraction) -> int:
    """Whole minor units; `exact` is not negative."""
    return floor(exact + Fraction(1, 2))
