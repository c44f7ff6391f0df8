"""Answers in a reporting currency: the product says what the plain-Python reference says, whatever the rates and mode.

One example asks everything of one store, as in test_properties.py; `make test-long` draws more.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import rollforward
from casefile import CASES, load
from product import policy_file, store_of, tell_rates
from reference import LedgerRow, currencies, ledger, policy_of
from reference.currencies import Published
from rollforward.answers import check, figures, segments
from rollforward.answers.figures import Asked
from rollforward.answers.table import Table
from rollforward.periods import add_months
from rollforward.policy import find
from strategies import GRID, History, drawn, random_history
from test_cases_reference import after

few = settings(
    max_examples=int(os.environ.get("ROLLFORWARD_EXAMPLES", "8")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
many = settings(few, max_examples=int(os.environ.get("ROLLFORWARD_EXAMPLES", "500")))
FIRST, LAST = GRID[0].date() - timedelta(days=10), GRID[-1].date() + timedelta(days=40)
MODES = ("month_end", "daily", "at_change", f"constant:{FIRST + timedelta(days=40)}")


def published(seed: int) -> Published:
    """Rates of euros and yen in dollars: of some days or of the ends of months; perhaps with a hole."""
    random = Random(seed)
    found: dict[tuple[str, date], Decimal] = {}
    for currency, about in (("EUR", 11_000), ("JPY", 67)):
        days = [FIRST + timedelta(days=d) for d in range((LAST - FIRST).days)]
        step = random.choice([0, 1, 2, 6, 9])
        days = days[::step] if step else [d for d in days if (d + timedelta(days=1)).day == 1]
        at, hole = random.choice(days), random.choice([0, 0, 0, 12, 40])
        for day in days:
            if not at <= day < at + timedelta(days=hole):
                found[currency, day] = Decimal(about * random.randint(100, 1900)) / Decimal(10_000_000)
    return found


questions = st.fixed_dictionaries(
    {
        "history": drawn(random_history, instants=True, coverage=False, max_files=2),
        "rates": st.integers(0, 10**6).map(published),
        "rules": st.fixed_dictionaries({"fx": st.sampled_from(MODES), "fx_lag_days": st.sampled_from([0, 0, 1])}),
        "by": st.sampled_from(["month", "month", "quarter", "day"]),
        "window": st.sampled_from([1, 3]),
    }
)


@pytest.mark.slow
@few
@given(questions)
def test_product_is_the_reference(question: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        is_the_reference(**question, folder=Path(folder))


@pytest.mark.long
@many
@given(questions)
def test_product_is_the_reference_long(question: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        is_the_reference(**question, folder=Path(folder))


def is_the_reference(
    history: History, rates: Published, rules: dict[str, Any], by: str, window: int, folder: Path
) -> None:
    rows = ledger(history.states, catalogue=history.catalogue, coverage=history.coverage)
    assume({r.currency for r in rows} - {"USD"})
    store = store_of(history.files, folder)
    tell_rates(store, ", ".join(f"(date '{day}', '{code}', {rate})" for (code, day), rate in rates.items()))
    policy = policy_of(rules)
    told = currencies.Rates("USD", rates, policy, date.today())
    build = store._new_build(find(policy_file(rules, folder / "rules.toml")), None)
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


def periods(rows: list[LedgerRow], by: str) -> list[tuple[date, date]]:
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
    by_key = {tuple(row[k] for k in key): row for row in found.to_dicts()}
    for row in expected:
        mine = by_key[tuple(row[k] for k in key)]
        for name, value in row.items():
            if name in ("ndr", "grr"):
                assert mine[name] == (None if value is None else pytest.approx(float(value))), (name, mine, row)
            else:
                assert mine[name] == value, (name, mine, row)


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
