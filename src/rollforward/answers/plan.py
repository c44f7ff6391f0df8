"""What a target NDR asks of churn, contraction and expansion, and which plays bring most for what they cost.

Comes in: a Build, what was asked, a target, plays with their costs. Goes out: a Table. Rates are those of the last
twelve whole months (section 5); what a play does is the user's word, and stays it.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rollforward import periods
from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.errors import Misuse
from rollforward.money import exponent

LEVERS = ("expansion", "contraction", "churn")
PLAN = (
    "lever", "currency", "opening", "now", "now_mrr", "if_alone", "part_of_gap", "planned", "planned_mrr",
    "change_mrr", "ndr_now", "ndr_target",
)  # fmt: skip
PLAYS = (
    "play", "lever", "currency", "reach", "effect_low", "effect_high", "mrr_low", "mrr_expected", "mrr_high", "cost",
    "per_cost", "per_cost_low", "per_cost_high", "cost_of_one",
)  # fmt: skip
_HEAD = ("play", "lever", "reach", "effect_low", "effect_high", "cost")


@dataclass(frozen=True)
class Play:
    """One thing to do: which lever it moves, the share of MRR it reaches, by what share of that lever's amount there
    (low, high), and what it costs in a year, in major units of the currency of the answer."""

    name: str
    lever: str
    reach: float
    low: float
    high: float
    cost: float


def plan(build: Build, asked: Asked, target: float, weights: Mapping[str, float]) -> Table:
    """One row a lever: its share of opening MRR now, what it would have to be alone, and its part of the gap.

    weights: how the gap is split over the levers (any numbers ≥ 0; default by size of the amounts). The planned shares
    make the target exactly. Misuse `unknown-option`, `no-split-here`.
    """
    if not 0 < target <= 3:
        raise Misuse("unknown-option", option="--target", value=f"{target:.4g}", known="0 < … ≤ 3")
    if wrong := next((k for k in weights if k not in LEVERS), "") or any(w < 0 for w in weights.values()):
        raise Misuse("unknown-option", option="--split", value=str(wrong or weights), known=", ".join(LEVERS))
    told: list[tuple[object, ...]] = []
    notes: list[Note] = []
    for code, row in _windows(build, asked).items():
        opening = int(str(row["opening"]))
        amounts = {lever: int(str(row[lever])) for lever in LEVERS}
        now = sum(amounts.values()) / opening + 1
        gap = target - now
        shares = _split(weights, amounts)
        for lever in LEVERS:
            share, moved = amounts[lever] / opening, gap * shares[lever]
            alone = share + gap
            told.append(
                (lever, code, opening, share, amounts[lever], alone if lever == "expansion" or alone <= 0 else None,
                 shares[lever], share + moved, round(opening * (share + moved)), round(opening * moved), now, target)
            )  # fmt: skip
            if lever != "expansion" and share + moved > 0:
                notes.append(Note("more-than-all", {"lever": lever, "currency": code}))
    return figures.finish(build, asked, PLAN, told, notes or ([] if told else [Note("no-window")]))


def plays(build: Build, asked: Asked, listed: Sequence[Play]) -> Table:
    """Plays by expected MRR a year for each 1 that they cost, the best first; intervals follow from their own low and
    high. Misuse `plays-without-costs`, `no-split-here`."""
    if free := next((p.name for p in listed if p.cost <= 0), ""):
        raise Misuse("plays-without-costs", play=free)
    told: list[tuple[object, ...]] = []
    for code, row in _windows(build, asked).items():
        digits = 10 ** exponent(code)
        ranked = []
        for p in listed:
            base = abs(int(str(row[p.lever]))) * p.reach
            low, high = base * p.low, base * p.high
            mid, cost = (low + high) / 2, p.cost * digits
            row_of = (
                p.name, p.lever, code, p.reach, p.low, p.high, round(low), round(mid), round(high), round(cost),
                mid / cost, low / cost, high / cost, cost / mid if mid else None,
            )  # fmt: skip
            ranked.append(((-mid / cost, p.name), row_of))
        told += [shown for _rank, shown in sorted(ranked, key=lambda r: r[0])]
    return figures.finish(build, asked, PLAYS, told, [] if told else [Note("no-window")])


def read(text: str) -> list[Play]:
    """Plays from CSV: play, lever, reach, effect_low, effect_high, cost; shares as fractions; none of no text. Misuse
    `bad-play`, `plays-without-costs`."""
    if not text.strip():
        return []
    rows = csv.DictReader(io.StringIO(text.strip()), skipinitialspace=True)
    names = [n.strip() for n in rows.fieldnames or ()]
    if missing := [c for c in _HEAD if c not in names]:
        raise Misuse("bad-play", line="1", detail=", ".join(missing))
    rows.fieldnames = names
    found = []
    for row in rows:
        try:
            reach, low, high, cost = (float(row[c] or "nan") for c in ("reach", "effect_low", "effect_high", "cost"))
        except (TypeError, ValueError):
            raise Misuse("bad-play", line=str(rows.line_num), detail=str(list(row.values()))) from None
        if math.isnan(cost):
            raise Misuse("plays-without-costs", play=str(row["play"]))
        lever = str(row["lever"]).strip()
        if lever not in LEVERS or not 0 <= reach <= 1 or not 0 <= low <= high <= 1 or _too_large(cost):
            raise Misuse("bad-play", line=str(rows.line_num), detail=f"{lever}, {reach}, {low}, {high}")
        found.append(Play(str(row["play"]).strip(), lever, reach, low, high, cost))
    return found


def _too_large(cost: float) -> bool:
    """Whether an amount, or what is divided by it, leaves the range in which floats say what they mean."""
    return cost > 10**13 or 0 < cost < 10**-6


def weights(text: str) -> dict[str, float]:
    """`churn=2,expansion=1` as numbers; '' is none. Misuse `unknown-option`."""
    found = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _equals, value = part.partition("=")
        try:
            found[name.strip()] = float(value)
            if not 0 <= found[name.strip()] <= 10**9:
                raise ValueError
        except ValueError:
            raise Misuse("unknown-option", option="--split", value=part, known="churn=2,expansion=1") from None
    return found


def _split(weights: Mapping[str, float], amounts: Mapping[str, int]) -> dict[str, float]:
    told = {lever: weights.get(lever, 0.0) for lever in LEVERS} if weights else {k: abs(v) for k, v in amounts.items()}
    total = sum(told.values())
    return {lever: told[lever] / total if total else 1 / len(LEVERS) for lever in LEVERS}


def _windows(build: Build, asked: Asked) -> dict[str, dict[str, object]]:
    """By currency the retention of the twelve months that end with the last whole month, in minor units."""
    if asked.cut.segment:
        raise Misuse("no-split-here", dimension=asked.cut.segment)
    end = (asked.end or build.complete_to()).replace(day=1)
    whole = replace(asked, by="month", minor=True, start=periods.add_months(end, -1), end=end)
    found = {str(r["currency"]): r for r in figures.retention(build, whole, 12).to_dicts() if r["window_end"] == end}
    return {code: r for code, r in found.items() if r["opening"] and r["churn"] is not None}
