"""What growth costs and brings: the cost of 1 of new and of expansion MRR, payback, and what accounts have been worth.

Comes in: a Build and what was asked. Goes out: a Table. The sums are the models'; the gross margin is the user's word.
"""

from __future__ import annotations

from collections.abc import Sequence

from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse

GRAINS = ("month", "quarter", "year")

ECONOMICS = (
    "period", "currency", "spend_new", "spend_expansion", "spend_retention", "new_mrr", "expansion_mrr", "cost_new",
    "cost_expansion", "cost_blended", "payback_new", "payback_expansion", "cost_account", "accounts_new",
    "is_complete",
)  # fmt: skip
LIFETIME = ("horizon_months", "currency", "cohorts", "accounts", "lifetime_value", "lifetime_without", "expansion_part")


def _checked(asked: Asked, margin: float) -> None:
    if not 0 < margin <= 1:
        raise Misuse("unknown-option", option="--margin", value=f"{margin:g}", known="0 < … ≤ 1")
    if asked.cut.dimensions:
        raise Misuse("spend-not-split", dimension=asked.cut.dimensions[0])


def economics(build: Build, asked: Asked, margin: float = 1.0) -> Table:
    """What 1 of new and of expansion MRR cost by period; payback in months = cost / gross margin."""
    _checked(asked, margin)
    if asked.by not in GRAINS:
        raise Misuse("unknown-option", option="--by", value=asked.by, known=", ".join(GRAINS))
    codes = figures.currencies(build, asked)
    build.cut(asked.cut)
    build.calendar(asked.by)
    build.need(["unit_cost"], asked.progress)
    bounds = [f"currency in ({', '.join(map(quote, codes))})"]
    bounds += [f"period >= date '{asked.start}'"] if asked.start else []
    bounds += [f"period < date '{asked.end}'"] if asked.end else []
    rows = build.engine.run(
        "select period, currency, spend_new, spend_expansion, spend_retention, new_mrr, expansion_mrr, cost_new, "
        "cost_expansion, cost_blended, cost_new, cost_expansion, cost_account, accounts_new, is_complete "
        f"from unit_cost where {' and '.join(bounds)} order by currency, period"
    )
    at = [ECONOMICS.index(f"payback_{kind}") for kind in ("new", "expansion")]
    paid = [tuple(_over(v, margin) if i in at else v for i, v in enumerate(row)) for row in rows]
    return figures.finish(build, asked, ECONOMICS, paid, _notes(build, codes, bool(rows)))


def lifetime(build: Build, asked: Asked, margin: float = 1.0) -> Table:
    """What accounts have been worth within 12, 24 and 36 months of their first MRR, before and without their growth."""
    _checked(asked, margin)
    codes = figures.currencies(build, asked)
    build.cut(asked.cut)
    build.calendar("month")
    build.need(["lifetime"], asked.progress)
    rows = build.engine.run(
        "select months, currency, cohorts, accounts, value, value_without, expansion_part from lifetime "
        f"where currency in ({', '.join(map(quote, codes))}) order by currency, months"
    )
    worth = [(*r[:4], *(_times(v, margin) for v in r[4:6]), r[6]) for r in rows]
    return figures.finish(build, asked, LIFETIME, worth)


def _over(value: object, margin: float) -> float | None:
    return value / margin if isinstance(value, float) else None


def _times(value: object, margin: float) -> float | None:
    return value * margin if isinstance(value, float) else None


def _notes(build: Build, codes: Sequence[str], found: bool) -> list[Note]:
    """That nothing is said of spend, or only in currencies in which the question is not answered."""
    told = [str(r[0]) for r in build.need(["spend"]).run("select distinct currency from spend order by 1")]
    if not told:
        return [Note("no-spend")]
    if not build.conversion.currency and set(codes) - set(told):
        without = ", ".join(sorted(set(codes) - set(told)))
        return [Note("spend-elsewhere", {"currencies": ", ".join(told), "others": without})]
    return [] if found else [Note("no-spend")]
