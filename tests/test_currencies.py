"""Answers in a reporting currency: the product says what the plain-Python reference says, whatever the rates and mode.

One example is a crowd, as in test_properties.py; `make test-long` draws more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import rollforward
from agreement import same
from casefile import CASES, load
from crowd import Question, difference, together
from product import policy_file, store_of
from reference import File, LedgerRow, currencies, policy_of
from rollforward.answers import check, figures, segments
from rollforward.answers.figures import Asked
from rollforward.answers.table import Table
from rollforward.api import Store
from rollforward.periods import add_months
from rollforward.policy import find
from strategies import GRID, History, random_catalogue, random_history
from test_cases_reference import after

EXAMPLES = int(os.environ.get("ROLLFORWARD_EXAMPLES", "0"))
few = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=list(HealthCheck))
FIRST, LAST = GRID[0].date() - timedelta(days=10), GRID[-1].date() + timedelta(days=40)
GRAINS = ("month", "month", "quarter", "day")
MODES = ("month_end", "daily", "at_change", f"constant:{FIRST + timedelta(days=40)}")


def published(draw: Random) -> File:
    """Rates of euros and yen in dollars: of some days or of the ends of months; perhaps with a hole."""
    rows = []
    for currency, about in (("EUR", 11_000), ("JPY", 67)):
        days = [FIRST + timedelta(days=d) for d in range((LAST - FIRST).days)]
        step = draw.choice([0, 1, 2, 6, 9])
        days = days[::step] if step else [d for d in days if (d + timedelta(days=1)).day == 1]
        at, hole = draw.choice(days), draw.choice([0, 0, 0, 12, 40])
        for day in days:
            if not at <= day < at + timedelta(days=hole):
                rate = Decimal(about * draw.randint(100, 1900)) / Decimal(10_000_000)
                rows.append({"date": f"{day}", "currency": currency, "rate": f"{rate}"})
    return File("fx", tuple(rows), GRID[0])


@pytest.mark.slow
@settings(few, max_examples=EXAMPLES or 1)
@given(seed=st.integers(0, 2**32))
def test_product_is_the_reference(seed: int) -> None:
    differing = found(seed, 40)
    assert not differing, differing


@pytest.mark.long
@settings(few, max_examples=EXAMPLES or 5)
@given(seed=st.integers(0, 2**32))
def test_product_is_the_reference_long(seed: int) -> None:
    differing = found(seed, 100)
    assert not differing, differing


@cache  # Hypothesis runs once more what failed
def found(seed: int, count: int) -> str:
    """One crowd (tests/crowd.py) under every mode."""
    draw = Random(seed)
    told = [random_history(draw, instants=True, coverage=False, max_files=2) for _ in range(count)]
    asked = [
        {"fx": mode, "fx_lag_days": draw.choice([0, 0, 1]), "by": draw.choice(GRAINS), "window": draw.choice([1, 3])}
        for mode in MODES
    ]
    return difference(together(told, common=[*random_catalogue(draw), published(draw)]), asked, says_the_same)


def says_the_same(store: Store, history: History, question: Question, folder: Path) -> None:
    rows = history.books().rows
    rules = {name: value for name, value in question.items() if name.startswith("fx")}
    by, window = question.get("by", "month"), question.get("window", 1)
    policy = policy_of(rules)
    fx = [row for file in history.files if file.kind == "fx" for row in file.rows]
    told = currencies.rates_of(fx, "USD", policy, date.today())
    build = store._new_build(find(policy_file(rules, folder / f"rules_{len(list(folder.glob('*.toml')))}.toml")), None)
    spans = periods(rows, by)
    asked = Asked(by, spans[0][0], spans[-1][1], "USD", minor=True)
    agree(figures.mrr(build, asked), currencies.roll_forward(rows, spans, told, policy), "period")
    agree(figures.expansion(build, asked), currencies.expansion(rows, spans, told, policy), "period")
    _, reads, text = check.checks()["fx_ties"]
    assert build.need(reads).run(text) == []
    ends = [end for _, end in periods(rows, "month")]
    expected = [currencies.retention(rows, add_months(e, -window), e, told, policy) for e in ends]
    asked = Asked("month", ends[0] - timedelta(days=1), ends[-1], "USD", minor=True)
    agree(figures.retention(build, asked, window), expected, "window_end")
    by = "quarter" if by == "quarter" else "month"
    begun = currencies.cohorts(rows, periods(rows, by), told, policy)
    agree(segments.cohorts(build, Asked(by, currency="USD", minor=True)), begun, "cohort", "age")


def periods(rows: Sequence[LedgerRow], by: str) -> list[tuple[date, date]]:
    """Periods from the first row to the last and one more month."""
    first, last = min(r.on_date for r in rows), max(r.on_date for r in rows)
    start = first if by == "day" else first.replace(day=1)
    start = start.replace(month=(start.month - 1) // 3 * 3 + 1) if by == "quarter" else start
    found = []
    while start <= last + timedelta(days=31):
        found.append((start, after(start, by)))
        start = after(start, by)
    return found


def agree(found: Table, expected: list[dict[str, Any]], *key: str) -> None:
    """The rows of the reference, in its columns."""
    by_key = {tuple(row[k] for k in key): row for row in found.to_dicts()}
    mine = [by_key[tuple(row[k] for k in key)] for row in expected]
    same(" ".join(key), *([tuple((n, _rounded(r[n])) for n in expected[0]) for r in rows] for rows in (mine, expected)))


def _rounded(value: object) -> object:
    return round(float(value), 9) if isinstance(value, Fraction | float) else value


def test_damaged_remembered_rates_are_read_again(tmp_path: Path) -> None:
    case = load(CASES / "currencies" / "review_06_month_end.case")
    store = store_of(case.files, tmp_path)
    before = store.mrr(currency="USD").to_dicts()
    assert any(r["fx"] for r in before)
    for damage in ("", "{}", "[1]", '{"to": "GBP", "rates": {}}'):
        (path,) = (store.path / "built").rglob("rates-USD.json")
        path.write_text(damage)
        again = rollforward.open(store.path).mrr(currency="USD").to_dicts()
        assert [{**r, "as_of": ""} for r in again] == [{**r, "as_of": ""} for r in before]
