"""The kinds that become several tables: attributes of accounts, tiers and limits of plans."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from rollforward import money
from rollforward.errors import Misuse
from rollforward.sources import problems
from rollforward.sources.convert import lit
from rollforward.sources.mapping import Mapping
from rollforward.sources.plan import Plan
from rollforward.sources.shapes import Shape

_NO_END = 10**9
_TIER = {
    "line": "BIGINT", "first_unit": "BIGINT", "last_unit": "BIGINT", "unit_amount": "BIGINT", "flat_amount": "BIGINT",
}  # fmt: skip
Fault = tuple[int, str, dict[str, str]]


def attributes(view: str, base: str, plan: Plan, shape: Shape) -> str:
    """The view of an accounts file: one row an account and dimension; empty values say nothing and give no row."""
    names = ", ".join(lit(name) for name, _ in plan.layout.extras) or "''"
    values = ", ".join(f"x_attribute_{n}" for n in range(len(plan.layout.extras))) or "''"
    columns = ", ".join(f"{sql} as {name}" for name, sql in shape.columns)
    return (
        f"create or replace temp view {view} as select * from (select line, v_recorded_at as recorded_at, {columns}, "
        f"unnest([{names}]) as dimension, unnest([{values}]) as value from {base} where ok) where value <> ''"
    )


def limits(view: str, base: str, plan: Plan) -> str:
    """The view of a plans file's limits: one row a plan and limit; an empty cell is no limit said, 0 is a limit."""
    extras = plan.layout.extras
    names = ", ".join(lit(name) for name, _ in extras) or "''"
    values = (
        ", ".join(f"case when x_limit_{n} <> '' then v_limit_{n} end" for n in range(len(extras)))
        or "cast(null as bigint)"
    )
    return (
        f"create or replace temp view {view}_limit as select * from (select line, v_recorded_at as recorded_at, "
        f"x_plan_id as plan_id, unnest([{names}]) as name, unnest([{values}]) as quantity from {base} where ok) "
        "where quantity is not null"
    )


def tiers(view: str, base: str) -> str:
    """The view of a plans file's price steps."""
    return (
        f"create or replace temp view {view}_tier as select t.line, v_recorded_at as recorded_at, "
        f"x_plan_id as plan_id, first_unit, last_unit, unit_amount, flat_amount from {base} b "
        f"join {view}_tiers t on t.line = b.line where ok"
    )


def read_tiers(con: duckdb.DuckDBPyConnection, base: str, view: str, mapping: Mapping, folder: Path) -> list[Fault]:
    """Make the table `<view>_tiers` from the JSON in the column `tiers` of the sound rows; returns the bad ones.

    A price list has few rows, so this is Python: [{"up_to": 10, "unit_amount": "5.00", "flat_amount": "0"}, …], up_to
    growing, null last.
    """
    faults: list[Fault] = []
    steps: list[dict[str, object]] = []
    for line, text, currency in con.execute(
        f"select line, x_tiers, x_currency from {base} where ok and x_tiers <> '' order by line"
    ).fetchall():
        try:
            steps += [{"line": line, **step} for step in _steps(str(text), str(currency), mapping.round)]
        except (ValueError, Misuse) as error:
            code = error.code if isinstance(error, Misuse) else "bad-tiers"
            faults.append((int(line), code, {"column": "tiers", "value": str(text)[:400], "detail": str(error)}))
    problems.load(con, f"{view}_tiers", _TIER, steps, folder)
    return faults


def _steps(text: str, currency: str, round_half_up: bool) -> list[dict[str, int]]:
    data = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(data, list) or not data or not all(isinstance(step, dict) for step in data):
        raise ValueError("a list of steps is needed")
    steps, first = [], 1
    for n, step in enumerate(data, 1):
        if unknown := set(step) - {"up_to", "unit_amount", "flat_amount"}:
            raise ValueError(f"step {n}: unknown {', '.join(sorted(unknown))}")
        end = step.get("up_to")
        if (end is None) != (n == len(data)):
            raise ValueError(f"step {n}: up_to is null in the last step and only there")
        last = _NO_END if end is None else _whole(end, n)
        if last < first:
            raise ValueError(f"step {n}: up_to must grow")
        amounts = {k: _amount(step.get(k), currency, n, round_half_up) for k in ("unit_amount", "flat_amount")}
        steps.append({"first_unit": first, "last_unit": last, **amounts})
        first = last + 1
    return steps


def _whole(value: object, step: int) -> int:
    if not re.fullmatch(r"\d{1,9}", str(value)):
        raise ValueError(f"step {step}: up_to must be a whole number")
    return int(str(value))


def _amount(value: object, currency: str, step: int, round_half_up: bool) -> int:
    try:
        amount = Decimal(str(value if value not in (None, "") else "0"))
    except InvalidOperation as error:
        raise ValueError(f"step {step}: an amount is no number") from error
    if not amount.is_finite() or amount < 0 or amount > money.MAX_MINOR:
        raise ValueError(f"step {step}: an amount is negative or too large")
    return money.to_minor(amount, currency, round_half_up)
