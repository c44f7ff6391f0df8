"""Carried values of the mode `at_change` (docs/decisions/0010.6): what each account's money was worth when it came.

Comes in: changes of accounts in order. Goes out: each change in 10^-10 minor units of the reporting currency. Python's
integers, because the products do not fit into 128 bits in general.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_FINE = 10**10
"""Parts of a minor unit in which `unknown` counts."""


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


def unknown(changes: Iterable[tuple[object, int, int, int]]) -> Iterator[int]:
    """How much of each change has no known worth; changes as for `carry`, with 1 where the rate is missing, else 0.

    The size is a measure of its own: 0 where all is known, else of the sign of the change, and a line's sum is 0 again
    when its balance is. A decrease takes a part of what is unknown and leaves one.

    >>> list(unknown([("a", 0, 9, 0), ("a", 9, 1, 1), ("a", 10, -9, 0), ("a", 1, -1, 0)]))
    [0, 10000000000, -9000000000, -1000000000]
    """
    line: object = None
    held = 0
    for key, before, delta, is_missing in changes:
        if key != line:
            line, held = key, 0
        if before + delta <= 0 < before:
            part = -held
        elif delta >= 0 or before <= 0:
            part = delta * is_missing * _FINE
        else:
            part = -min(max(held * -delta // before, 1), held - 1) if held > 1 else 0
        if before + delta == 0:
            part = -held
        held += part
        yield part


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
