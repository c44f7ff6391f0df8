"""What stands out: findings ranked by the MRR at stake, each with its size, interval, and the question behind it.

Comes in: a Build and what was asked. Goes out: a Table. A finding is a figure of another answer that differs from what
it is held against by more than chance; groups under 20 accounts are none. What goes together is told, never why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from rollforward import periods, text
from rollforward.answers import durability, figures, pricing, segments
from rollforward.answers.currency import NATIVE
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.cut import Cut
from rollforward.errors import Misuse
from rollforward.schema import DRIVERS
from rollforward.stats import proportion
from rollforward.text import figures as shown
from rollforward.text.findings import FINDINGS

COLUMNS = (
    "finding", "currency", "subject", "accounts", "value", "low", "high", "reference", "mrr", "sentence_en",
    "sentence_th", "asked_by",
)  # fmt: skip
DIMENSIONS = ("size_band", "plan_tier", "lifecycle_stage")
MOST_VALUES = 25
"""Values of an attribute from which on it tells accounts apart and not groups."""

_PERSONAL = frozenset(("name", "email", "owner"))


@dataclass(frozen=True)
class Finding:
    """One thing that stands out; `mrr` at stake in minor units, None where a rate is missing; `asked_by` the command
    that shows it."""

    kind: str
    subject: str
    accounts: int
    value: float
    low: float | None
    high: float | None
    reference: float | None
    mrr: int | None
    asked_by: str
    share: float | None = None


def findings(build: Build, asked: Asked) -> Table:
    """All findings, those with the most MRR at stake first. Misuse `no-cut-here`."""
    if asked.cut.dimensions:
        raise Misuse("no-cut-here", dimension=asked.cut.dimensions[0])
    rows: list[tuple[object, ...]] = []
    looked, gaps = 0, list[Note]()
    codes = figures.currencies(build, asked)
    # a code asked for by name is answered in, so rows of one currency are those of all, taken apart
    one = replace(asked, currency=asked.currency if build.conversion.currency else NATIVE, minor=True)
    for code in codes:
        kept, groups = _segments(build, one, code)
        looked += groups
        found = [*kept, *_causes(build, one, code, gaps), *_concentration(build, one, code, gaps),
                 *_crossings(build, one, code), *_unsustainable(build, one, code), *_downgrades(build, one, code),
                 *_rising(build, one, code)]  # fmt: skip
        for f in sorted(found, key=lambda f: (-(f.mrr or 0), f.kind, f.subject)):
            told = (_sentence(f, "en"), _sentence(f, "th"), f.asked_by)
            rows.append((f.kind, code, f.subject, f.accounts, f.value, f.low, f.high, f.reference, f.mrr, *told))
    build.cut(Cut())
    notes = [Note("by-chance", {"groups": str(looked), "chance": str(round(looked / 20))})] if looked else []
    notes += gaps
    return figures.finish(build, asked, COLUMNS, rows, notes if rows else [*notes, Note("nothing-stands-out")])


def _sentence(f: Finding, lang: str) -> str:
    def share(value: float | None) -> str:
        return shown.percent(value) if value is not None else shown.NONE

    return text.fill(
        FINDINGS[f.kind],
        {
            "subject": f.subject, "value": share(f.value), "low": share(f.low), "high": share(f.high),
            "reference": share(f.reference), "share": share(f.share), "size": shown.number(f.accounts),
        },
        lang,
    )  # fmt: skip


def _segments(build: Build, asked: Asked, code: str) -> tuple[list[Finding], int]:
    """Groups whose NDR over twelve months has an interval that all accounts' NDR is not in."""
    end = build.complete_to().replace(day=1)
    window = replace(asked, by="month", start=periods.add_months(end, -1), end=end)
    whole = _at(figures.retention(build, window, 12), code, end)
    if not whole or whole[0]["ndr"] is None:
        return [], 0
    total, found, groups = float(whole[0]["ndr"]), list[Finding](), 0
    for dimension in [*_attributes(build), *DIMENSIONS]:
        for row in _at(figures.retention(build, replace(window, cut=Cut(dimension)), 12), code, end):
            groups += not row["is_small"]
            if row["is_small"] or row["ndr_low"] is None or row["ndr_low"] <= total <= row["ndr_high"]:
                continue
            below, value = row["ndr"] < total, str(row["segment"])
            found.append(
                Finding(
                    "segment_below" if below else "segment_above", f"{dimension} = {value}", row["accounts_opening"],
                    row["ndr"], row["ndr_low"], row["ndr_high"], total,
                    round(abs(row["ndr"] - total) * row["opening"]),
                    f"rollforward retention --segment {dimension} --from {window.start:%Y-%m}",
                    row["opening"] / whole[0]["opening"],
                )
            )  # fmt: skip
    return found, groups


def _attributes(build: Build) -> list[str]:
    told = segments.dimensions(build).to_dicts()
    return [
        str(r["dimension"]) for r in told
        if r["kind"] == "account" and r["dimension"] not in _PERSONAL and 1 < int(str(r["values"])) <= MOST_VALUES
    ]  # fmt: skip


def _at(table: Table, code: str, end: object) -> list[dict[str, Any]]:
    return [r for r in table.to_dicts() if r["currency"] == code and r["window_end"] == end]


def _year(build: Build, asked: Asked) -> Asked:
    end = build.complete_to().replace(day=1)
    return replace(asked, by="month", start=periods.add_months(end, -12), end=end)


def _causes(build: Build, asked: Asked, code: str, gaps: list[Note]) -> Iterator[Finding]:
    """What losses are made of: contraction by driver, churn that was voluntary or not; those of a tenth or more.

    None where a rate is missing in the year; `gaps` then takes the remark.
    """
    year = _year(build, asked)
    lost: dict[str, int] = {}
    for row in figures.drivers(build, year, "contraction").to_dicts():
        if row["currency"] == code:
            for driver in DRIVERS:
                name = f"contraction: {driver}"
                lost[name] = lost.get(name, 0) - int(str(row[f"by_{driver}"] or 0))
    moved = figures.mrr(build, year)
    if any(row[c] is None for row in moved.to_dicts() if row["currency"] == code for c in ("contraction", "churn")):
        gaps += [note for note in moved.notes if note.code == "missing-rates" and note not in gaps]
        return
    for row in moved.to_dicts():
        if row["currency"] == code:
            unpaid = -int(str(row["churn_involuntary"] or 0))
            lost["churn: involuntary"] = lost.get("churn: involuntary", 0) + unpaid
            lost["churn: voluntary"] = lost.get("churn: voluntary", 0) - int(str(row["churn"] or 0)) - unpaid
    total = sum(lost.values())
    for name, amount in lost.items():
        if total > 0 and amount >= total / 10:
            command = "drivers --movement contraction" if name.startswith("contraction") else "mrr"
            yield Finding("loss_cause", name, 0, amount / total, None, None, None, amount, f"rollforward {command}")


def _concentration(build: Build, asked: Asked, code: str, gaps: list[Note]) -> Iterator[Finding]:
    """How much of expansion the tenth of expanding accounts made that grew most; none without all rates, as before."""
    build.need(["account_day", "lookback", "reporting", "rate_day"])
    rows = build.engine.run(
        "select cast(sum(cast(d.amount as double) * coalesce(r.rate, g.unsaid) / g.scale) as double), "
        "min(coalesce(r.known, g.unsaid)) from account_day d cross join lookback k cross join reporting g "
        "left join rate_day r on r.currency = d.currency and r.on_date = d.on_date "
        "where d.movement = 'expansion' and d.amount > 0 and d.on_date >= k.year_ago and d.on_date < k.known_to "
        "and case g.currency when '' then d.currency else g.currency end = ? group by d.account_key order by 1 desc",
        [code],
    )
    if not all(known for _amount, known in rows):
        told = figures.mrr(build, replace(asked, by="month", start=None, end=None))
        gaps += [note for note in told.notes if note.code == "missing-rates" and note not in gaps]
        return
    amounts = [float(str(r[0])) for r in rows]
    if len(amounts) < figures.SMALL or not sum(amounts):
        return
    top = math.ceil(len(amounts) / 10)
    share = sum(amounts[:top]) / sum(amounts)
    if share >= 0.5:
        yield Finding("concentration", "", len(amounts), share, None, None, None, round(sum(amounts[:top])),
                      "rollforward explain expansion --level accounts --period …")  # fmt: skip


def _crossings(build: Build, asked: Asked, code: str) -> Iterator[Finding]:
    """Whether accounts that first shrank leave more, and those that first grew less, than the others."""
    build.cut(Cut())
    build.need(["crossing"])
    told = {
        str(move): (int(str(n)), int(str(left)), None if mrr is None else int(str(mrr)))
        for move, n, left, mrr in build.engine.run(
            "select first_move, count(*), cast(sum(has_left) as bigint), case when count(case when has_left = 1 and "
            "midway is null then 1 end) = 0 then cast(sum(case when has_left = 1 then midway else 0 end) as bigint) "
            "end from crossing where currency = ? and first_move <> 'unsure' group by first_move",
            [code],
        )
    }
    for move, kind in (("contraction", "shrink_then_leave"), ("expansion", "grow_and_stay")):
        n, left, mrr = told.get(move, (0, 0, 0))
        others = sum(t[0] for m, t in told.items() if m != move)
        gone = sum(t[1] for m, t in told.items() if m != move)
        if min(n, others) < figures.SMALL:
            continue
        low, high = proportion.interval(left, n)
        if not low <= gone / others <= high:
            yield Finding(kind, "", n, left / n, low, high, gone / others, mrr,
                          "rollforward sql 'select first_move, has_left, count(*) from crossing group by 1, 2'"
                          )  # fmt: skip


def _unsustainable(build: Build, asked: Asked, code: str) -> Iterator[Finding]:
    for row in durability.unsustainable(build, replace(asked, start=None, end=None)).to_dicts():
        share = row["unsustainable_share"]
        if row["currency"] == code and isinstance(share, float) and share >= 0.01:
            yield Finding(
                "unsustainable", "", int(str(row["unsustainable"])), share, None, None, None,
                int(str(row["later_cost"])), "rollforward durability --unsustainable",
            )  # fmt: skip


def _downgrades(build: Build, asked: Asked, code: str) -> Iterator[Finding]:
    end = build.range().known_to
    year = replace(asked, start=end - timedelta(days=365), end=end)
    for row in pricing.pricing(build, year, "moves").to_dicts():
        accounts = int(str(row["accounts"]))
        if row["currency"] == code and row["direction"] == "down" and accounts >= figures.SMALL:
            pair = f"{row['from_plan']} → {row['to_plan']}"
            yield Finding("downgrades", pair, accounts, 1.0, None, None, None, _size(row["amount"]),
                          f"rollforward pricing --view moves --from {year.start}")  # fmt: skip


def _size(amount: object) -> int | None:
    return None if amount is None else abs(int(str(amount)))


def _rising(build: Build, asked: Asked, code: str) -> Iterator[Finding]:
    for row in pricing.pricing(build, replace(asked, start=None, end=None), "watch").to_dicts():
        if row["currency"] == code and row["is_alarm"]:
            pair, lately = f"{row['from_plan']} → {row['to_plan']}", int(str(row["lately"]))
            expected = max(float(str(row["expected_lately"])), 0.5)  # of a pair that was never seen
            yield Finding("downgrades_rising", pair, lately, lately / expected, None, None, 1.0,
                          _size(row["amount"]), "rollforward pricing --view watch")  # fmt: skip
