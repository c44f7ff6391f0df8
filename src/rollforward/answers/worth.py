"""What an account's own use is worth to it, by unit values that the user defines: no use, no claim.

Comes in: TOML as people write it; a Build and an account's key. Goes out: Values; rows in money of the value.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.errors import Misuse
from rollforward.money import exponent, to_minor
from rollforward.periods import add_months

COLUMNS = (
    "account_id", "period", "metric", "used_quantity", "unit_worth", "currency", "worth", "words_en", "words_th",
    "worth_source",
)  # fmt: skip
_KEYS = {"metric", "per_unit", "currency", "en", "th", "source"}


@dataclass(frozen=True)
class Value:
    """What one unit of a metric is worth: `per_unit` in major units of `currency`; how it is said; who says so."""

    metric: str
    per_unit: Decimal
    currency: str
    en: str
    th: str
    source: str


def parsed(text: str) -> tuple[Value, ...]:
    """The `[[value]]` tables of a TOML text. Misuse `bad-values`, `bad-currency`."""
    try:
        told = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Misuse("bad-values", detail=str(error)) from error
    rows = told.get("value", [])
    if set(told) - {"value"} or not isinstance(rows, list):
        raise Misuse("bad-values", detail=", ".join(sorted(set(told) - {"value"})) or "value")
    found = [_value(row) for row in rows]
    if twice := sorted({v.metric for v in found if [w.metric for w in found].count(v.metric) > 1}):
        raise Misuse("bad-values", detail=f"metric = {twice[0]}")
    return tuple(found)


def _value(row: object) -> Value:
    if not isinstance(row, dict):
        raise Misuse("bad-values", detail="value")
    if unknown := set(row) - _KEYS:
        raise Misuse("bad-values", detail=", ".join(sorted(unknown)))
    texts = {key: str(row.get(key) or "").strip() for key in ("metric", "currency", "en", "th", "source")}
    if lacking := next((k for k in ("metric", "currency", "en", "source") if not texts[k]), ""):
        raise Misuse("bad-values", detail=lacking)
    try:
        worth = Decimal(str(row.get("per_unit")))
    except InvalidOperation:
        raise Misuse("bad-values", detail=f"per_unit = {row.get('per_unit')}") from None
    if isinstance(row.get("per_unit"), bool) or not 0 < worth < 10**9:
        raise Misuse("bad-values", detail=f"per_unit = {row.get('per_unit')}")
    exponent(texts["currency"])
    return Value(texts["metric"], worth, texts["currency"], texts["en"], texts["th"] or texts["en"], texts["source"])


def statement(build: Build, key: int, account_id: str, values: Sequence[Value], minor: bool = False) -> Table:
    """A row a metric that was used in the last whole month and has a unit value; none without use."""
    if not values:
        return Table(COLUMNS, [], [Note("no-unit-values")])
    build.need(["usage_month", "lookback"])
    month = add_months(build.range().known_to.replace(day=1), -1)
    rows = build.engine.run(
        f"select metric, quantity from usage_month where account_key = {key} and month = date '{month}' "
        "and quantity > 0"
    )
    used = {str(metric): Decimal(repr(float(str(quantity)))) for metric, quantity in rows}
    told = [_row(account_id, month, value, used[value.metric]) for value in values if value.metric in used]
    notes = [Note("own-unit-values")] if told else [Note("no-claim", {"month": f"{month:%Y-%m}"})]
    return Table.of_money(COLUMNS, told, frozenset(("worth",)), minor, notes)


def _row(account_id: str, month: date, value: Value, used: Decimal) -> tuple[object, ...]:
    whole = used == used.to_integral_value()
    quantity = int(used) if whole else used.normalize()
    worth = to_minor(used * value.per_unit, value.currency, round_half_up=True)
    return (account_id, month, value.metric, quantity, value.per_unit, value.currency, worth, value.en, value.th,
            value.source)  # fmt: skip
