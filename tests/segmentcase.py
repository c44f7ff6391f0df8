"""Cases about segments (options `segment=`, `where=`, `product=yes`) and cohorts: both sides' answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from casefile import Case, Expected
from product import Asked
from reference import Books, major, to_catalogue
from reference.frozen import cohorts, product_retention, segment_retention
from reference.segments import Question, World, segment_roll_forward

OPTIONS = frozenset({"segment", "where", "product"})
COUNTS = ("age", "accounts_")


def is_segmented(expected: Expected) -> bool:
    """Whether the expected table is one of those here."""
    return expected.table == "cohorts" or bool(OPTIONS & expected.options.keys())


def windows(expected: Expected) -> list[tuple[date, date]]:
    """The windows shown."""
    found = sorted({(r["window_start"], r["window_end"]) for r in expected.rows})
    return [(date.fromisoformat(s), date.fromisoformat(e)) for s, e in found]


def by_reference(
    expected: Expected, case: Case, told: Books, periods: Sequence[tuple[date, date]]
) -> list[dict[str, str]]:
    """The reference's rows as text; `periods` are those shown, or all of them for cohorts."""
    use = case.policy.get("bands", {}).get("usage_level", {})
    world = World(told.rows, told.stretches, case.files, to_catalogue(case.files), use)
    rows: list[dict[str, Any]]
    if expected.table == "cohorts":
        rows = cohorts(world, periods, question(expected))
    elif expected.options.get("product"):
        rows = [{**r, "product": r["segment"]} for s, e in windows(expected) for r in product_retention(world, s, e)]
    elif expected.table == "retention":
        rows = [r for s, e in windows(expected) for r in segment_retention(world, question(expected), s, e)]
    else:
        rows = [dict(r) for r in segment_roll_forward(world, question(expected), periods)]
    return [{name: _text(name, value, row["currency"]) for name, value in row.items()} for row in rows]


def by_product(expected: Expected, asked: Asked, ask: dict[str, Any]) -> list[dict[str, Any]]:
    """The product's rows; `ask` says which periods."""
    cut = question(expected)
    said: dict[str, Any] = {"segment": cut.segment or None, "where": [f"{d}={v}" for d, v in cut.where]}
    said["currency"] = expected.options.get("currency", "native")
    if expected.table == "cohorts":
        last = max(r["cohort"] for r in expected.rows)
        ages = max(int(r["age"]) for r in expected.rows)
        rows = asked.store.cohorts(minor=True, end=last[:7], **said).to_dicts()
        return [r for r in rows if int(str(r["age"])) <= ages - _months(expected.rows[0]["cohort"], str(r["cohort"]))]
    if expected.table == "retention":
        product = "product" in expected.options
        return [r for w in windows(expected) for r in asked.retention(w, product=product, **said)]
    ask_for = asked.expansion if expected.table == "expansion" else asked.mrr
    return ask_for(expected.options.get("by", "month"), **ask, **said)


def question(expected: Expected) -> Question:
    """What the options ask."""
    where = [tuple(w.split("=", 1)) for w in expected.options.get("where", "").split(",") if w]
    return Question(expected.options.get("segment", ""), tuple((d, v) for d, v in where))


def _months(first: str, later: str) -> int:
    return (int(later[:4]) - int(first[:4])) * 12 + int(later[5:7]) - int(first[5:7])


def _text(name: str, value: object, currency: str) -> str:
    if name in ("ndr", "grr", "logo_retention"):
        return "-" if value is None else f"{float(value):.4f}" if isinstance(value, Fraction) else str(value)
    if isinstance(value, int) and not name.startswith(COUNTS):
        return major(value, currency)
    return str(value)
