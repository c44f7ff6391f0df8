"""From the ledger to movements, the roll-forward, expansion and retention, one row per native currency
(definitions.md sections 4 and 5, decision 0007). The netting window is the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from reference.facts import DRIVERS
from reference.ledger import LedgerRow

Period = tuple[date, date]
"""First day and the first day after it."""

Balances = dict[tuple[str, str], int]
"""(account, currency) -> MRR in minor units; only what is not 0."""


@dataclass(frozen=True)
class Movement:
    """What happened to one account's MRR in one currency on one day; before and after are in that currency."""

    account: str
    currency: str
    on_date: date
    movement: str
    amount: int
    before: int
    after: int
    drivers: tuple[int, ...]


def movements(rows: Iterable[LedgerRow]) -> list[Movement]:
    """By account, day and currency. Opening balances are none; a day on which nothing is left over has none."""
    accounts: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        accounts[row.account].append(row)
    return [m for account in sorted(accounts) for m in _of_account(account, accounts[account])]


def _of_account(account: str, rows: list[LedgerRow]) -> list[Movement]:
    held: dict[str, int] = defaultdict(int)
    paid_before = False
    result = []
    for day in sorted({r.on_date for r in rows}):
        today = [r for r in rows if r.on_date == day]
        for row in today:
            if row.rule == "opening":
                held[row.currency] += row.delta
        sums: dict[str, list[LedgerRow]] = defaultdict(list)
        for row in today:
            if row.rule != "opening":
                sums[row.currency].append(row)
        before = dict(held)
        for currency, moved in sums.items():
            held[currency] += sum(r.delta for r in moved)
        for currency, moved in sorted(sums.items()):
            old, new = before.get(currency, 0), held[currency]
            if old != new:
                drivers = tuple(sum(r.drivers[i] for r in moved) for i in range(len(DRIVERS)))
                kind = _kind(before, held, currency, paid_before)
                result.append(Movement(account, currency, day, kind, new - old, old, new, drivers))
        paid_before = paid_before or _pays(before) or _pays(held)
    return result


def _pays(held: dict[str, int]) -> bool:
    return any(amount > 0 for amount in held.values())


def _kind(before: dict[str, int], after: dict[str, int], currency: str, paid_before: bool) -> str:
    """The class comes from all currencies of the account together; a switch of currency is a transfer."""
    if not _pays(before):
        return "reactivation" if paid_before else "new"
    if not _pays(after):
        return "churn"
    old, new = before.get(currency, 0), after.get(currency, 0)
    left = any(amount > 0 and after.get(c, 0) == 0 for c, amount in before.items())
    came = any(amount > 0 and before.get(c, 0) == 0 for c, amount in after.items())
    if left and came and 0 in (old, new):
        return "transfer"
    return "expansion" if new > old else "contraction"


def balances(rows: Iterable[LedgerRow], moment: date) -> Balances:
    """MRR at the first instant of a day, before anything of that day; what coverage finds there already stood."""
    held: Balances = defaultdict(int)
    for row in rows:
        if row.on_date < moment or (row.rule == "opening" and row.on_date == moment):
            held[row.account, row.currency] += row.delta
    return {key: amount for key, amount in held.items() if amount}


@dataclass(frozen=True)
class RollForward:
    """One period and currency. Losses are negative; counts are not, but accounts_transfer is entered less left."""

    period: date
    currency: str
    opening: int
    new: int
    reactivation: int
    expansion: int
    contraction: int
    churn: int
    transfer: int
    closing: int
    accounts_opening: int
    accounts_new: int
    accounts_reactivated: int
    accounts_expanded: int
    accounts_contracted: int
    accounts_churned: int
    accounts_transfer: int
    accounts_closing: int


def roll_forward(rows: Sequence[LedgerRow], periods: Iterable[Period]) -> list[RollForward]:
    """By currency and period. An opening balance that coverage finds inside a period is part of its opening."""
    result = []
    moved = movements(rows)
    for currency in _currencies(rows):
        for start, end in periods:
            inside = [m for m in moved if m.currency == currency and start <= m.on_date < end]
            opening = _in(currency, _opening_of(rows, start, end))
            closing = _in(currency, balances([r for r in rows if not _opens_at(r, end)], end))
            amount = {kind: sum(m.amount for m in inside if m.movement == kind) for kind in _KINDS}
            count = {kind: sum(m.movement == kind for m in inside) for kind in _KINDS}
            distinct = {kind: len({m.account for m in inside if m.movement == kind}) for kind in _KINDS}
            # An account that pays in another currency too enters or leaves this one without being new or lost.
            crossed = [
                (m.before <= 0 < m.after) - (m.before > 0 >= m.after)
                for m in inside
                if m.movement in ("transfer", "expansion", "contraction")
            ]
            result.append(
                RollForward(
                    start,
                    currency,
                    sum(opening.values()),
                    amount["new"],
                    amount["reactivation"],
                    amount["expansion"],
                    amount["contraction"],
                    amount["churn"],
                    amount["transfer"],
                    sum(closing.values()),
                    len(opening),
                    count["new"],
                    count["reactivation"],
                    distinct["expansion"],
                    distinct["contraction"],
                    count["churn"],
                    sum(crossed),
                    len(closing),
                )
            )
    return result


_KINDS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer")


def _currencies(rows: Iterable[LedgerRow]) -> list[str]:
    return sorted({r.currency for r in rows})


def _opens_at(row: LedgerRow, moment: date) -> bool:
    return row.rule == "opening" and row.on_date == moment


def _opening_of(rows: Iterable[LedgerRow], start: date, end: date) -> Balances:
    return balances([r for r in rows if r.on_date < start or (r.rule == "opening" and r.on_date < end)], end)


def _in(currency: str, held: Balances) -> dict[str, int]:
    return {account: amount for (account, c), amount in held.items() if c == currency}


@dataclass(frozen=True)
class Expansion:
    """Expansion of movements and what it is made of; `drivers` in the order of DRIVERS sum to `expansion`."""

    period: date
    currency: str
    expansion: int
    drivers: tuple[int, ...]
    from_opening: int
    from_newcomers: int
    reactivation: int
    opening: int
    expansion_rate: Fraction | None
    accounts_expanded: int


def expansion(rows: Sequence[LedgerRow], periods: Iterable[Period]) -> list[Expansion]:
    """By currency and period; `from_opening` is the part of accounts that paid, in any currency, at the opening."""
    periods = list(periods)
    moved = movements(rows)
    result = []
    for roll in roll_forward(rows, periods):
        end = next(e for s, e in periods if s == roll.period)
        paid = {account for (account, _), mrr in _opening_of(rows, roll.period, end).items() if mrr > 0}
        inside = [m for m in moved if m.currency == roll.currency and roll.period <= m.on_date < end]
        up = [m for m in inside if m.movement == "expansion"]
        of_opening = sum(m.amount for m in up if m.account in paid)
        result.append(
            Expansion(
                roll.period,
                roll.currency,
                roll.expansion,
                tuple(sum(m.drivers[i] for m in up) for i in range(len(DRIVERS))),
                of_opening,
                roll.expansion - of_opening,
                roll.reactivation,
                roll.opening,
                Fraction(of_opening, roll.opening) if roll.opening else None,
                roll.accounts_expanded,
            )
        )
    return result


@dataclass(frozen=True)
class Retention:
    """Point to point over [window_start, window_end); ratios are exact, None where nothing was open at the start."""

    window_start: date
    window_end: date
    currency: str
    opening: int
    expansion: int
    contraction: int
    churn: int
    closing: int
    ndr: Fraction | None
    grr: Fraction | None
    logo_retention: Fraction | None
    accounts_opening: int
    accounts_lost: int


def retention(rows: Sequence[LedgerRow], s: date, e: date) -> list[Retention]:
    """By currency: accounts with MRR in it at s. One that pays only in another currency at e is contraction."""
    at_s, at_e = balances(rows, s), balances(rows, e)
    paying = {account for (account, _), amount in at_e.items() if amount > 0}
    result = []
    for currency in _currencies(rows):
        o = {account: amount for account, amount in _in(currency, at_s).items() if amount > 0}
        c = {account: _in(currency, at_e).get(account, 0) for account in o}
        lost = {a for a in o if a not in paying}
        up = sum(max(c[a] - o[a], 0) for a in o)
        down = -sum(max(o[a] - c[a], 0) for a in o if a not in lost)
        gone = -sum(o[a] for a in lost)
        opening = sum(o.values())
        result.append(
            Retention(
                s,
                e,
                currency,
                opening,
                up,
                down,
                gone,
                sum(c.values()),
                Fraction(sum(c.values()), opening) if opening else None,
                Fraction(sum(min(o[a], c[a]) for a in o), opening) if opening else None,
                Fraction(len(o) - len(lost), len(o)) if o else None,
                len(o),
                len(lost),
            )
        )
    return result
