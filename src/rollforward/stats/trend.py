"""Robust trends of many short series at once: Theil–Sen slopes with 95 % intervals (Sen 1968, after Kendall's S).

Comes in: series as columns, each in order of time. Goes out: columns with a row a series. NumPy is imported only here,
when there is anything to work out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

NAMES = ("account_key", "metric", "months", "slope", "slope_low", "slope_high", "level")
TYPES = ("BIGINT", "VARCHAR", "BIGINT", "DOUBLE", "DOUBLE", "DOUBLE", "DOUBLE")

_Z = 1.959963984540054
_BATCH = 20_000


def slopes(times: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Median of all pairs' slopes and its 95 % limits, for series that share their `times` (n), as rows of `values`.

    The limits are the order statistics of the slopes that Kendall's S (normal, ties left out) leaves, each taken one
    outward where it falls between two: no narrower than 95 %.
    """
    import numpy as np

    n = len(times)
    first, second = np.triu_indices(n, 1)
    rates = np.sort((values[:, second] - values[:, first]) / (times[second] - times[first]), axis=1)
    pairs = rates.shape[1]
    reach = _Z * np.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(0, int(np.floor((pairs - reach) / 2)) - 1)
    return np.median(rates, axis=1), rates[:, low], rates[:, pairs - 1 - low]


def of_series(metric: str, columns: dict[str, Any]) -> dict[str, list[object]]:
    """`account_key`, `months_ago` and `quantity` of one metric, in that order, as one row a series whose interval does
    not hold 0: months, slope a month, its limits, and the level on the fitted line at the last month."""
    made: dict[str, list[object]] = {name: [] for name in NAMES}
    keys = columns["account_key"]
    if not len(keys):
        return made
    import numpy as np

    times, values = -columns["months_ago"].astype(float), columns["quantity"].astype(float)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    lengths = np.diff(np.r_[starts, len(keys)])
    # series with the same months are worked out together
    shapes: dict[bytes, list[int]] = {}
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        shapes.setdefault(times[start : start + length].tobytes(), []).append(start)
    for shape, places in shapes.items():
        at = np.frombuffer(shape)
        for begin in range(0, len(places), _BATCH):
            rows = np.asarray(places[begin : begin + _BATCH])
            told = values[rows[:, None] + np.arange(len(at))]
            slope, low, high = slopes(at, told)
            # what may be noise is most of it, and nothing asks for it
            (kept,) = np.nonzero((low > 0) | (high < 0))
            rows, told, slope, low, high = rows[kept], told[kept], slope[kept], low[kept], high[kept]
            level = np.median(told - slope[:, None] * (at - at[-1]), axis=1)
            made["account_key"] += keys[rows].tolist()
            made["metric"] += [metric] * len(rows)
            made["months"] += [len(at)] * len(rows)
            for name, found in (("slope", slope), ("slope_low", low), ("slope_high", high), ("level", level)):
                made[name] += found.tolist()
    return made
