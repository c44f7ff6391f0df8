"""The overview of a store: what a founder wants to know at a glance.

Comes in: a Build. Goes out: balances, the last six months, retention and expansion of each currency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from rollforward import periods
from rollforward.answers import figures
from rollforward.answers.currency import NATIVE
from rollforward.answers.figures import Asked
from rollforward.answers.table import Table
from rollforward.build import Build

MONTHS_SHOWN = 6


@dataclass(frozen=True)
class CurrencyOverview:
    """One currency; `mrr_change` is that of the last complete month."""

    currency: str
    mrr: Decimal
    arr: Decimal
    mrr_change: Decimal
    accounts: int
    roll_forward: Table
    retention: Table
    expansion: Table
    net_negative_months: int


@dataclass(frozen=True)
class Overview:
    """A store at a glance; `violations` of its invariants, 0 where it ties."""

    as_of: date
    version: int
    ties: bool
    violations: int
    accounts: int
    currencies: list[CurrencyOverview]


def overview(build: Build, asked: Asked, violations: int) -> Overview:
    """The overview of the last complete months."""
    complete = build.complete_to()
    month = build.policy.calendar.start_of("month", complete)
    asked = replace(asked, by="month", end=month)
    first = periods.add_months(month, -MONTHS_SHOWN)
    metrics = figures.metrics(build, asked).to_dicts()
    if build.conversion.currency and any(m["mrr"] is None for m in metrics[-1:]):
        return overview(build, replace(asked, currency=NATIVE), violations)  # rates are missing
    rolled = figures.mrr(build, replace(asked, start=first))
    expanded = figures.expansion(build, replace(asked, start=periods.add_months(month, -3)))
    retained = figures.retention(build, replace(asked, start=periods.add_months(month, -1)), 12)
    parts = []
    for currency in figures.currencies(build, asked):
        last = next((m for m in reversed(metrics) if m["currency"] == currency), None)
        if last is None:
            continue
        parts.append(
            CurrencyOverview(
                currency,
                Decimal(str(last["mrr"])),
                Decimal(str(last["arr"])),
                Decimal(str(last["net_new"])),
                int(str(last["accounts"])),
                _of(rolled, currency),
                _of(retained, currency),
                _of(expanded, currency),
                int(str(last["net_negative_streak"])),
            )
        )
    parts.sort(key=lambda p: -p.mrr)
    shown = complete - timedelta(days=1)
    return Overview(shown, build.version, violations == 0, violations, sum(p.accounts for p in parts), parts)


def _of(table: Table, currency: str) -> Table:
    at = table.columns.index("currency")
    return Table(table.columns, [r for r in table.rows if r[at] == currency], table.notes)
