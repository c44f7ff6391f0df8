"""The company's own figures beside published ones, in the same definition and within a year of them, or not at all.

Comes in: a Build, what was asked, whom to compare with. Goes out: a Table. A row that cannot be compared says why;
where nothing is published for what was asked, the answer says so and does not fall back to something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from rollforward import periods, published
from rollforward.answers import figures
from rollforward.answers.currency import NATIVE
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.errors import Misuse
from rollforward.published import Benchmark

COLUMNS = (
    "metric", "currency", "segment_type", "peer_segment", "publisher", "year", "statistic", "unit", "published", "own",
    "own_low", "own_high", "difference_share", "standing", "sample", "n", "population", "report", "source", "trust",
    "note", "own_period",
)  # fmt: skip
STANDINGS = ("above", "inside", "below", "other year", "other definition", "no own figure")
"""above, below: the published figure lies outside the 95 % interval of one's own; inside: in it."""

OWN = {
    "NRR": "ndr", "GRR": "grr", "gross_dollar_churn": "churned_share", "new_customer_CAC_ratio": "cac_new",
    "expansion_CAC_ratio": "cac_expansion", "blended_CAC_ratio": "cac_blended",
    "expansion_share_of_new_ARR": "expansion_of_new",
}  # fmt: skip
"""Published metrics that have a figure of ours in the same definition: over twelve months, costs per 1 of ARR."""

STANDING, COMPARED = COLUMNS.index("standing"), STANDINGS[:3]

YEARS = 1
"""How many years apart data may lie."""


@dataclass(frozen=True)
class Peers:
    """With whom to compare: a metric ('' all), values of segment types (`model`, `pricing`, …), a file, all rows."""

    metric: str = ""
    like: tuple[tuple[str, str], ...] = ()
    file: str = ""
    is_all: bool = False


@dataclass(frozen=True)
class Mine:
    """One's own figures over the twelve months up to `end` (exclusive) in one currency, and the bands they are in."""

    end: date
    values: dict[str, tuple[float | None, float | None, float | None]]
    arr: float
    acv: float


def benchmarks(build: Build, asked: Asked, peers: Peers) -> Table:
    """Rows of all companies and of one's own bands, those of `like`, or all. Misuse `unknown-option`."""
    from pathlib import Path

    rows = published.shipped() + (published.told(Path(peers.file)) if peers.file else [])
    known = sorted({b.metric for b in rows})
    if peers.metric and peers.metric not in known:
        raise Misuse("unknown-option", option="--metric", value=peers.metric, known=", ".join(known))
    types = sorted({b.segment_type for b in rows})
    if wrong := next((t for t, _ in peers.like if t not in types), ""):
        raise Misuse("unknown-option", option="--like", value=wrong, known=", ".join(types))
    if asked.cut.dimensions:
        raise Misuse("no-cut-here", dimension=asked.cut.dimensions[0])
    rows = [b for b in rows if peers.metric in ("", b.metric)]
    told: list[tuple[object, ...]] = []
    notes: list[Note] = []
    codes = figures.currencies(build, asked)
    # a code asked for by name is answered in, so rows of one currency are those of all, taken apart
    one = replace(asked, currency=asked.currency if build.conversion.currency else NATIVE, minor=True)
    for currency in codes:
        mine = _mine(build, one, currency)
        shown = [b for b in rows if peers.is_all or _is_peer(b, mine, currency, peers)]
        mine_beside = [_row(b, mine, currency) for b in sorted(shown, key=_order)]
        told += sorted(mine_beside, key=lambda row: row[STANDING] not in COMPARED)
        if currency != "USD" and not peers.like and not peers.is_all:
            notes.append(Note("bands-in-dollars", {"currency": currency}))
    for kind, value in peers.like:
        if not any(b.segment_type == kind and b.segment.lower() == value.lower() for b in rows):
            notes.append(Note("nothing-published", {"kind": kind, "value": value}))
    return figures.finish(build, replace(asked, minor=False), COLUMNS, told, notes)


def _order(b: Benchmark) -> tuple[Any, ...]:
    names = list(OWN)
    return (
        names.index(b.metric) if b.metric in names else len(names),
        b.metric,
        -b.year,
        b.publisher,
        b.segment,
        b.value,
    )


def _is_peer(b: Benchmark, mine: Mine, currency: str, peers: Peers) -> bool:
    if peers.like:
        return any(b.segment_type == kind and b.segment.lower() == value.lower() for kind, value in peers.like)
    if b.segment_type == "all":
        return True
    amount = {"ARR": mine.arr, "ACV": mine.acv, "ARPA": mine.acv / 12}.get(b.segment_type)
    return amount is not None and currency == "USD" and b.holds(amount)


def _row(b: Benchmark, mine: Mine, currency: str) -> tuple[object, ...]:
    own, low, high = mine.values.get(OWN.get(b.metric, ""), (None, None, None))
    year = (mine.end - timedelta(days=1)).year
    standing = "inside"
    if b.metric not in OWN or b.sample == "filing":
        standing = "other definition"
    elif own is None:
        standing = "no own figure"
    elif abs(b.year - year) > YEARS:
        standing = "other year"
    elif (low if low is not None else own) > b.value:
        standing = "above"
    elif (high if high is not None else own) < b.value:
        standing = "below"
    compared = own - b.value if own is not None and standing in ("above", "inside", "below") else None
    period = f"{periods.add_months(mine.end, -12):%Y-%m}..{mine.end - timedelta(days=1):%Y-%m}"
    return (
        b.metric, currency, b.segment_type, b.segment, b.publisher, b.year, b.statistic, b.unit, b.value, own, low,
        high, compared, standing, b.sample, b.n, b.population, b.report, b.source, b.trust, b.note, period,
    )  # fmt: skip


def _mine(build: Build, asked: Asked, currency: str) -> Mine:
    """One's own figures: of the twelve months that end with the last whole month of the question."""
    end = (asked.end or build.complete_to()).replace(day=1)
    whole = replace(asked, by="month", start=periods.add_months(end, -12), end=end)
    kept = [
        r
        for r in figures.retention(build, whole, 12).to_dicts()
        if r["currency"] == currency and r["window_end"] == end
    ]
    flows = [r for r in figures.mrr(build, whole).to_dicts() if r["currency"] == currency]
    values: dict[str, tuple[float | None, float | None, float | None]] = {}
    if kept and len(flows) == 12:
        r = kept[-1]
        values["ndr"] = (_f(r["ndr"]), _f(r["ndr_low"]), _f(r["ndr_high"]))
        values["grr"] = (_f(r["grr"]), _f(r["grr_low"]), _f(r["grr_high"]))
        if r["grr"] is not None:
            turned = [None if v is None else 1 - float(str(v)) for v in (r["grr"], r["grr_high"], r["grr_low"])]
            values["churned_share"] = (turned[0], turned[1], turned[2])
    won: dict[str, int] = {name: sum(int(str(r[name] or 0)) for r in flows) for name in ("new", "expansion")}
    if sum(won.values()):
        values["expansion_of_new"] = (won["expansion"] / sum(won.values()), None, None)
    for name, ratio in _costs(build, whole, currency, won).items():
        values[name] = (ratio, None, None)
    arr = 12 * int(str(flows[-1]["closing"] or 0)) / 100 if flows else 0.0
    accounts = int(str(flows[-1]["accounts_closing"] or 0)) if flows else 0
    return Mine(end, values, arr, arr / accounts if accounts else 0.0)


def _costs(build: Build, whole: Asked, currency: str, won: dict[str, int]) -> dict[str, float]:
    """Spend over twelve months per 1 of ARR won; only where every month says what was spent."""
    from rollforward.answers import economics

    rows = [r for r in economics.economics(build, whole).to_dicts() if r["currency"] == currency]
    spent: dict[str, int] = {}
    for name in ("new", "expansion"):
        told = [r[f"spend_{name}"] for r in rows]
        if len(told) == 12 and all(v is not None for v in told):
            spent[name] = sum(int(str(v)) for v in told)
    found = {f"cac_{n}": spent[n] / (12 * won[n]) for n in spent if won[n]}
    if len(spent) == 2 and any(won.values()):
        found["cac_blended"] = sum(list(spent.values())) / (12 * (won["new"] + won["expansion"]))
    return found


def _f(value: object) -> float | None:
    return value if isinstance(value, float) else None


def likes(told: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """`type=value` as people write it. Misuse `bad-where`."""
    found = []
    for text in told:
        kind, equals, value = text.partition("=")
        if not equals or not kind.strip() or not value.strip():
            raise Misuse("bad-where", value=text)
        found.append((kind.strip(), value.strip()))
    return tuple(found)
