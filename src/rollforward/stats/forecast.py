"""Months ahead from months behind: movements drawn again from their own history, scored against naive forecasts.

Amounts are in one unit; losses are negative. Nothing here knows a currency.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn")
LEAST, MOST = 12, 24
"""Months of history that are needed, and that are drawn from at most."""

PATHS, BLOCK, SEED = 2_000, 3, 20_261_122
DAMPED = 0.9
"""By how much a trend of what is newly won fades with each month."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ahead:
    """Means over paths by month: `movements` (months, 5) and `closing`; `low`, `high`: 80 % of paths lie between."""

    movements: Floats
    closing: Floats
    low: Floats
    high: Floats


def ahead(movements: Floats, opening: Floats, closing: float, months: int, least: Floats | None = None) -> Ahead:
    """The next `months` after a history of `movements` (n, 5) with the MRR at each month's start, `opening` (n).

    Expansion, contraction, churn and reactivation are drawn as shares of MRR, new as an amount with a trend (of its
    logarithm, Theil–Sen) that fades; three months in a row at a time, all movements of a month together. least
    (months, 5): what is recorded to happen already; no movement is drawn smaller than that. Needs LEAST months.
    """
    past, base = movements[-MOST:], opening[-MOST:]
    kept = base > 0
    past, base = past[kept], base[kept]
    if len(past) < LEAST:
        raise ValueError(f"{len(past)} months of history are fewer than {LEAST}")
    n = len(past)
    shares = past[:, 1:] / base[:, None]
    fit, growth = _trend(past[:, 0])
    level = np.divide(past[:, 0], fit, out=np.ones(n), where=fit > 0)
    draw = np.random.default_rng(SEED)
    starts = draw.integers(0, n, (PATHS, -(-months // BLOCK)))
    at = ((starts[:, :, None] + np.arange(BLOCK)) % n).reshape(PATHS, -1)[:, :months]
    fading = np.exp(growth * np.cumsum(DAMPED ** np.arange(1, months + 1)))
    told = np.zeros((PATHS, months, len(MOVEMENTS)))
    told[:, :, 0] = level[at] * fit[-1] * fading
    mrr = np.zeros((PATHS, months))
    now = np.full(PATHS, closing)
    for m in range(months):
        told[:, m, 1:] = shares[at[:, m]] * now[:, None]
        if least is not None:
            known = np.where(least[m] < 0, np.minimum(told[:, m], least[m]), np.maximum(told[:, m], least[m]))
            told[:, m] = np.where(least[m] == 0, told[:, m], known)
        told[:, m, 4] = np.maximum(told[:, m, 4], -now - told[:, m, :4].sum(axis=1))
        now = now + told[:, m].sum(axis=1)
        mrr[:, m] = now
    low, high = np.quantile(mrr, (0.1, 0.9), axis=0)
    return Ahead(told.mean(axis=0), mrr.mean(axis=0), low, high)


def _trend(amounts: Floats) -> tuple[Floats, float]:
    """The line through the logarithms of amounts and its slope a month; the plain mean where one is not above 0."""
    if (amounts <= 0).any():
        return np.full(len(amounts), max(float(amounts.mean()), 0.0)), 0.0
    logs, at = np.log(amounts), np.arange(len(amounts))
    i, j = np.triu_indices(len(amounts), 1)
    slope = float(np.median((logs[j] - logs[i]) / (at[j] - at[i])))
    return np.exp(np.median(logs - slope * at) + slope * at), slope


@dataclass(frozen=True)
class Score:
    """How a method did at one horizon over several origins: mean absolute error as a share of MRR (MAPE), against the
    naive one (MASE: below 1 is better), and the share of origins whose interval held what came (None: it has none).
    mape is None where nothing came at one of them, mase where the naive forecast was right at all."""

    method: str
    horizon: int
    origins: int
    mape: float | None
    mase: float | None
    covered: float | None


HORIZONS = (1, 3, 6, 12)
"""Months ahead for which past forecasts are scored."""


def scores(movements: Floats, opening: Floats, closing: Floats) -> list[Score]:
    """The drawn forecast, the last value (naive) and the mean change of the last 12 months (drift), month by month.

    Each month with LEAST months before it is an origin, as if nothing later were known.
    """
    found = []
    origins = range(LEAST, len(closing))
    drawn = {o: ahead(movements[:o], opening[:o], float(closing[o - 1]), max(HORIZONS)) for o in origins
             if (opening[:o][-MOST:] > 0).sum() >= LEAST}  # fmt: skip
    for h in HORIZONS:
        at = [o for o in drawn if o - 1 + h < len(closing)]
        if not at:
            continue
        came = np.array([closing[o - 1 + h] for o in at])
        last = np.array([closing[o - 1] for o in at])
        step = np.array([(closing[o - 1] - opening[max(0, o - 12)]) / min(o, 12) for o in at])
        told = {
            "movements": np.array([drawn[o].closing[h - 1] for o in at]), "naive": last, "drift": last + h * step,
        }  # fmt: skip
        naive = float(np.abs(came - last).mean())
        held = [drawn[o].low[h - 1] <= c <= drawn[o].high[h - 1] for o, c in zip(at, came, strict=True)]
        for method, values in told.items():
            error = np.abs(values - came)
            found.append(
                Score(
                    method, h, len(at), float((error / came).mean()) if (came > 0).all() else None,
                    float(error.mean()) / naive if naive else None,
                    float(np.mean(held)) if method == "movements" else None,
                )
            )  # fmt: skip
    return found
