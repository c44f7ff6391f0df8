"""Carried values of the mode `at_change` (docs/decisions/0010.6): what each account's money was worth when it came.

Comes in: changes of accounts in order. Goes out: each change in 10^-10 minor units of the reporting currency. Python's
integers, because the products do not fit into 128 bits in general.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def carry(changes: Iterable[tuple[object, int, int, int]]) -> Iterator[int]:
    """Converted changes of (line, balance before, change, rate of its day); rows of one line in order of time.

    An increase is worth its day's rate. A decrease takes the same share of what is carried, rounded half up; with the
    last unit goes all of it. A balance that was below 0 (a fault that `check` reports) takes the day's rate.
    """
    line: object = None
    carried = 0
    for key, before, delta, rate in changes:
        if key != line:
            line, carried = key, 0
        after = before + delta
        if delta >= 0 or before <= 0:
            worth = delta * rate
        elif after <= 0:
            worth = -carried
        else:
            worth = -((2 * carried * -delta + before) // (2 * before))
        if after == 0:
            worth = -carried
        carried += worth
        yield worth


def scale(worth: int, delta: int, drivers: Sequence[int]) -> list[int]:
    """Drivers of a change `delta` in the same measure as its `worth`, half away from zero; the rest to the largest."""
    if delta == 0:
        return [0] * len(drivers)
    found = []
    for driver in drivers:
        top = worth * driver
        size = (2 * abs(top) + abs(delta)) // (2 * abs(delta))
        found.append(size if (top < 0) == (delta < 0) else -size)
    sizes = [abs(d) for d in drivers]
    found[sizes.index(max(sizes))] += worth - sum(found)
    return found
