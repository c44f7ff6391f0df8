"""Runs every case under tests/cases against the plain-Python reference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from casefile import Case, Expected, load, load_all
from reference import (
    DRIVERS,
    OPEN_END,
    Books,
    Policy,
    books,
    currencies,
    expansion,
    logo_churn,
    major,
    moment,
    movements,
    policy_of,
    retention,
    roll_forward,
    to_catalogue,
    to_charges,
    to_coverage,
    to_events,
    to_links,
    to_states,
)
from segmentcase import by_reference, is_segmented

CASES = load_all()
Record = dict[str, str]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_case(case: Case) -> None:
    for expected in case.expected:
        as_of = moment(expected.options["as_of"]) if "as_of" in expected.options else OPEN_END
        policy = policy_of(case.policy)
        told = books(
            to_states(case.files),
            to_events(case.files),
            to_catalogue(case.files),
            policy,
            as_of,
            to_coverage(case.files),
            to_charges(case.files),
            to_links(case.files),
        )
        if "currency" in expected.options and is_segmented(expected):
            continue  # calculated by hand: the reference has no segments in a reporting currency
        if "currency" in expected.options:
            actual = reported(expected, case, told, policy)
        elif is_segmented(expected):
            actual = segmented(expected, case, told)
        else:
            actual = answer(expected, told, policy)
        hidden = {column for row in actual for column in row if column.startswith("by_")} - set(expected.columns)
        for row in actual:
            assert all(Decimal(row[column]) == 0 for column in hidden), (case.rule, row)
        shown = [[normal(row[column]) for column in expected.columns] for row in actual]
        wanted = [[normal(row[column]) for column in expected.columns] for row in expected.rows]
        assert sorted(shown) == sorted(wanted), case.rule


def segmented(expected: Expected, case: Case, told: Books) -> list[Record]:
    """The answers of tests/segmentcase.py over the periods shown; cohorts up to the oldest age."""
    by = expected.options.get("by", "month")
    if expected.table == "retention":
        return by_reference(expected, case, told, [])
    shown = sorted(date.fromisoformat(row.get("period") or row["cohort"]) for row in expected.rows)
    last = shown[-1]
    if expected.table == "cohorts":
        last = max(_aged(date.fromisoformat(row["cohort"]), int(row["age"])) for row in expected.rows)
    periods = []
    start = shown[0]
    while start <= last:
        periods.append((start, after(start, by)))
        start = after(start, by)
    return by_reference(expected, case, told, periods)


def _aged(start: date, age: int) -> date:
    for _ in range(age):
        start = after(start, "month")
    return start


def test_there_are_cases_for_every_rule_and_movement() -> None:
    shown = {row.get("rule") for c in CASES for e in c.expected for row in e.rows}
    assert shown >= {"start", "end", "change", "swap", "pause", "gap", "currency", "opening", "event"}
    kinds = {row.get("movement") for c in CASES for e in c.expected for row in e.rows}
    assert kinds >= {"new", "reactivation", "expansion", "contraction", "churn", "transfer"}


@pytest.mark.parametrize(
    "text",
    [
        "[subscriptions]\naccount_id\na\n",
        "-- r\na, b\n",
        "-- r\n[nothing]\na\n1\n",
        "-- r\n[plans]\na, b\n1\n",
        "-- r\n[policy]\na b\n",
    ],
)
def test_a_malformed_case_is_refused(tmp_path, text: str) -> None:
    path = tmp_path / "bad.case"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"bad\.case"):
        load(path)


def normal(text: str) -> str:
    """Numbers compare as numbers (100 and 100.00), all else as text."""
    try:
        return str(Decimal(text).normalize() + 0)
    except ArithmeticError:
        return text


def answer(expected: Expected, told: Books, policy: Policy) -> list[Record]:
    """The reference's table under the contract's column names, as text."""
    rows, held = told.rows, told.held
    if expected.table == "ledger":
        return [
            {
                "on_date": str(r.on_date),
                "account_id": r.account,
                "subscription_id": r.subscription_id,
                "item_id": r.item_id,
                "product_id": r.product,
                "plan_id": r.plan,
                "currency": r.currency,
                "delta": major(r.delta, r.currency),
                "rule": r.rule,
                **by_driver(r.drivers, r.currency),
            }
            for r in rows
        ]
    if expected.table == "movements":
        return [
            {
                "on_date": str(m.on_date),
                "account_id": m.account,
                "currency": m.currency,
                "movement": m.movement,
                "amount": major(m.amount, m.currency),
                "before": major(m.before, m.currency),
                "after": major(m.after, m.currency),
                **by_driver(m.drivers, m.currency),
            }
            for m in movements(rows, policy, held)
        ]
    if expected.table == "retention":
        windows = sorted({(row["window_start"], row["window_end"]) for row in expected.rows})
        spans = [(date.fromisoformat(s), date.fromisoformat(e)) for s, e in windows]
        return [record(r) for s, e in spans for r in retention(rows, s, e, policy, held, told.acquired)]
    periods = spread(expected)
    if expected.table == "metrics":
        churn = logo_churn(rows, periods, policy, held).items()
        return [{"period": str(p), "currency": c, "logo_churn": ratio(value)} for (p, c), value in churn]
    table = {"mrr": roll_forward, "expansion": expansion}[expected.table]
    return [record(r) for r in table(rows, periods, policy, held)]


def reported(expected: Expected, case: Case, told: Books, policy: Policy) -> list[Record]:
    """The same in the reporting currency `currency=`; an empty cell is '-'."""
    fx = [row for file in case.files if file.kind == "fx" for row in file.rows]
    rates = currencies.rates_of(fx, expected.options["currency"], policy, date.today())
    if expected.table == "retention":
        windows = sorted({(row["window_start"], row["window_end"]) for row in expected.rows})
        spans = [(date.fromisoformat(s), date.fromisoformat(e)) for s, e in windows]
        rows = [currencies.retention(told.rows, s, e, rates, policy) for s, e in spans]
    else:
        spans = spread(expected)
        ask = {"mrr": currencies.roll_forward, "expansion": currencies.expansion}[expected.table]
        rows = ask(told.rows, spans, rates, policy)
    return [{name: cell(name, value, expected.options["currency"]) for name, value in row.items()} for row in rows]


def cell(name: str, value: object, currency: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, Fraction):
        return ratio(value)
    return major(value, currency) if isinstance(value, int) and not name.startswith("accounts_") else str(value)


def spread(expected: Expected) -> list[tuple[date, date]]:
    """The periods from the first to the last one shown."""
    by = expected.options.get("by", "month")
    shown = [date.fromisoformat(row["period"]) for row in expected.rows]
    periods = []
    start = min(shown)
    while start <= max(shown):
        periods.append((start, after(start, by)))
        start = after(start, by)
    return periods


def after(start: date, by: str) -> date:
    """The first day of the period after the one that begins at `start`."""
    if by in ("day", "week"):
        return start + timedelta(days={"day": 1, "week": 7}[by])
    month = start.month - 1 + {"month": 1, "quarter": 3, "year": 12}[by]
    return start.replace(year=start.year + month // 12, month=month % 12 + 1)


def ratio(value: Fraction | None) -> str:
    return "-" if value is None else f"{float(value):.4f}"


def by_driver(drivers: Sequence[int], currency: str) -> Record:
    return {f"by_{name}": major(amount, currency) for name, amount in zip(DRIVERS, drivers, strict=True)}


def record(row: object) -> Record:
    """A metric's row as text: money in major units, counts as they are, ratios with four decimals."""
    values = vars(row)
    result: Record = {}
    for name, value in values.items():
        if name == "drivers":
            result |= by_driver(value, values["currency"])
        elif name in ("ndr", "grr", "logo_retention", "expansion_rate"):
            result[name] = ratio(value)
        elif isinstance(value, int) and not name.startswith("accounts_"):
            result[name] = major(value, values["currency"])
        else:
            result[name] = str(value)
    return result
