"""How long things last: Kaplan–Meier, cumulative incidences of several ends, and the same by money.

Days are whole numbers ≥ 0. What is watched for d days and has not ended by then is at risk on days ≤ d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

DRAWS, BLOCKS, SEED = 500, 256, 20_261_122
_Z = 1.959963984540054

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Curve:
    """Shares after each of the days asked for.

    held, low, high: not ended, with 95 % log-log limits (Greenwood's variance; NaN before the first end and where
    nothing is left). incidence: by cause 1 … k, the share that ended so; with held they sum to 1. at_risk: watched
    for longer than that and not ended. Beyond the longest watch all are NaN, unless all have ended.
    """

    held: Floats
    low: Floats
    high: Floats
    incidence: Floats
    at_risk: Ints


def curve(days: Ints, cause: Ints, causes: int, after: Ints) -> Curve:
    """Kaplan–Meier (1958) and Aalen–Johansen (1978) of what ended after `days` by `cause`; 0 = still watched then.

    Shapes: days, cause (n), after (m); incidence (causes, m). Of one day ends come before ends of the watch.
    """
    last = int(days.max()) if len(days) else -1
    ended = np.zeros((causes + 1, last + 2))
    np.add.at(ended, (cause, days), 1)
    leaving = ended.sum(axis=0)
    at_risk = leaving[::-1].cumsum()[::-1]
    ends = ended[1:].sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(at_risk > 0, 1 - ends / at_risk, 1.0)
        held = kept.cumprod()
        before = np.concatenate([[1.0], held[:-1]])
        incidence = np.where(at_risk > 0, before * ended[1:] / at_risk, 0.0).cumsum(axis=1)
        greenwood = np.where(ends > 0, ends / (at_risk * (at_risk - ends)), 0.0).cumsum()
        spread = _Z * np.sqrt(greenwood) / np.abs(np.log(held))
        low, high = held ** np.exp(spread), held ** np.exp(-spread)
    at = np.minimum(after, last + 1)
    over = len(days) > 0 and bool(held[last + 1] <= 0)  # all have ended: nothing more can
    known = ((after <= last) | over) & (len(days) > 0)

    def shown(values: Floats) -> Floats:
        return np.where(known, values[..., at], np.nan)

    limits = np.isfinite(low) & (held > 0) & (held < 1)
    left = np.concatenate([at_risk[1:], [0.0]])  # watched for longer than that day, and not ended on it
    return Curve(
        shown(held), shown(np.where(limits, low, np.nan)), shown(np.where(limits, high, np.nan)),
        shown(incidence), np.where(known, left[at], 0).astype(np.int64),
    )  # fmt: skip


@dataclass(frozen=True)
class Money:
    """By money: the share still held after each of the days asked for, with 95 % percentile limits."""

    held: Floats
    low: Floats
    high: Floats


def money(
    amount: Floats, watched: Ints, owner: Ints, lost: Floats, lost_of: Ints, lost_after: Ints, after: Ints
) -> Money:
    """The product over days of 1 − what was lost / what was at risk of it.

    amount, watched, owner (n): what there was, for how many days it is watched, whose it is (any number). lost,
    lost_of, lost_after (l): an amount lost of the i-th after so many days, within its watch. Limits: owners are dealt
    into blocks and drawn with Poisson(1) weights.
    """
    last = int(watched.max()) if len(watched) else -1
    block = owner % BLOCKS
    losses = np.zeros((BLOCKS, last + 2))
    np.add.at(losses, (block[lost_of], lost_after), lost)
    risk = np.zeros((BLOCKS, last + 2))
    np.add.at(risk, (block, np.zeros_like(watched)), amount)
    np.add.at(risk, (block[lost_of], lost_after + 1), -lost)
    gone = np.zeros(len(amount))
    np.add.at(gone, lost_of, lost)
    np.add.at(risk, (block, watched + 1), -(amount - gone))
    risk = risk.cumsum(axis=1)
    weights = _weights(BLOCKS)
    found = _product(losses.sum(axis=0), risk.sum(axis=0))
    drawn = _product(weights @ losses, weights @ risk)
    at = np.minimum(after, last + 1)
    known = (after <= last) & (len(watched) > 0)
    low, high = np.nanquantile(drawn[:, at], (0.025, 0.975), axis=0)
    return Money(*(np.where(known, v, np.nan) for v in (found[at], low, high)))


def _product(losses: Floats, risk: Floats) -> Floats:
    kept = 1 - np.divide(losses, risk, out=np.zeros_like(losses), where=risk > 0.5)
    found: Floats = np.clip(kept, 0.0, 1.0).cumprod(axis=-1)
    return found


def _weights(blocks: int) -> Floats:
    draw: Any = np.random.default_rng(SEED)
    found: Floats = draw.poisson(1.0, (DRAWS, blocks)).astype(np.float64)
    return found


def days_after(months: int) -> int:
    """Days that count as so many months: n × 365/12, rounded down."""
    return math.floor(months * 365 / 12)
