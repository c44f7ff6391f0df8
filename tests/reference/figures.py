"""Roll-forward, expansion, retention and logo churn, one row per native currency (definitions.md sections 4 and 5,
decision 0007; settings: decision 0009.6, 11, 12 and 13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction

from reference.books import Held
from reference.facts import DRIVERS, Link
from reference.ledger import LedgerRow
from reference.movements import Balances, balances, movements
from reference.policy import DEFAULT, Policy

Period = tuple[date, date]
"""First day and the first day after it."""


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
    adjustment: int = 0


def roll_forward(
    rows: Sequence[LedgerRow], periods: Iterable[Period], policy: Policy = DEFAULT, held: Sequence[Held] = ()
) -> list[RollForward]:
    """By currency and period. An opening balance that coverage finds inside a period is part of its opening."""
    result = []
    moved = movements(rows, policy, held)
    for start, end in periods:
        opened = _opening_of(rows, start, end)
        closed = balances([r for r in rows if not _opens_at(r, end)], end)
        happened = [m for m in moved if start <= m.on_date < end]
        for currency in _currencies(rows, held):
            inside = [m for m in happened if m.currency == currency]
            opening, closing = _in(currency, opened), _in(currency, closed)
            amount = {kind: sum(m.amount for m in inside if m.movement == kind) for kind in _KINDS}
            count = {kind: sum(m.movement == kind for m in inside) for kind in _KINDS}
            distinct = {kind: len({m.account for m in inside if m.movement == kind}) for kind in _KINDS}
            # What enters or leaves without being new, back or lost: another currency, another class by the policy.
            crossed = [m.entered for m in inside if m.movement not in ("new", "reactivation", "churn")]
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
                    len(set(opening) | _held_at(held, currency, start)),
                    count["new"],
                    count["reactivation"],
                    distinct["expansion"],
                    distinct["contraction"],
                    count["churn"],
                    sum(crossed),
                    len(set(closing) | _held_at(held, currency, end)),
                    amount["adjustment"],
                )
            )
    return result


_KINDS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer", "adjustment")


def _currencies(rows: Iterable[LedgerRow], held: Iterable[Held]) -> list[str]:
    return sorted({r.currency for r in rows} | {h.currency for h in held})


def _held_at(held: Iterable[Held], currency: str, day: date) -> set[str]:
    """Accounts that an item at 0 keeps active in a currency at the first instant of a day."""
    moment = datetime.combine(day, time.min)
    return {h.account for h in held if h.currency == currency and h.just_before(moment)}


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


def expansion(
    rows: Sequence[LedgerRow], periods: Iterable[Period], policy: Policy = DEFAULT, held: Sequence[Held] = ()
) -> list[Expansion]:
    """By currency and period; `from_opening` is the part of accounts that paid, in any currency, at the opening."""
    periods = list(periods)
    moved = movements(rows, policy, held)
    kinds = ("expansion", "reactivation") if policy.reactivation_in_expansion else ("expansion",)
    result = []
    for roll in roll_forward(rows, periods, policy, held):
        end = next(e for s, e in periods if s == roll.period)
        paid = {account for (account, _), mrr in _opening_of(rows, roll.period, end).items() if mrr > 0}
        inside = [m for m in moved if m.currency == roll.currency and roll.period <= m.on_date < end]
        up = [m for m in inside if m.movement in kinds]
        total = sum(m.amount for m in up)
        of_opening = sum(m.amount for m in up if m.account in paid)
        result.append(
            Expansion(
                roll.period,
                roll.currency,
                total,
                tuple(sum(m.drivers[i] for m in up) for i in range(len(DRIVERS))),
                of_opening,
                total - of_opening,
                roll.reactivation,
                roll.opening,
                Fraction(of_opening, roll.opening) if roll.opening else None,
                len({m.account for m in up}),
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


def retention(
    rows: Sequence[LedgerRow],
    s: date,
    e: date,
    policy: Policy = DEFAULT,
    held: Sequence[Held] = (),
    acquired: Sequence[Link] = (),
) -> list[Retention]:
    """By currency: accounts with MRR in it at s. One that pays only in another currency at e is contraction.

    Accounts of which one acquired the other inside the window are one account (decision 0013.2).
    """
    at_s, at_e = (_merged(balances(rows, day), acquired, s, e) for day in (s, e))
    active = {account for (account, _), amount in at_e.items() if amount > 0}
    active |= {a for h in held for a in _held_at([h], h.currency, e)}
    paid_at_s = {account for (account, _), amount in at_s.items() if amount > 0}
    result = []
    for currency in _currencies(rows, held):
        o = {account: amount for account, amount in _in(currency, at_s).items() if amount > 0}
        c = {account: _in(currency, at_e).get(account, 0) for account in o}
        lost = {a for a in o if a not in active}
        up = sum(max(c[a] - o[a], 0) for a in o)
        down = -sum(max(o[a] - c[a], 0) for a in o if a not in lost)
        gone = -sum(o[a] for a in lost)
        back = 0
        if policy.reactivation_in_expansion:
            back = sum(
                max(amount, 0)
                for account, amount in _in(currency, at_e).items()
                if account not in paid_at_s and _paid_before(rows, account, s)
            )
        opening, closing = sum(o.values()), sum(c.values()) + back
        result.append(
            Retention(
                s,
                e,
                currency,
                opening,
                up + back,
                down,
                gone,
                closing,
                Fraction(closing, opening) if opening else None,
                Fraction(sum(min(o[a], c[a]) for a in o), opening) if opening else None,
                Fraction(len(o) - len(lost), len(o)) if o else None,
                len(o),
                len(lost),
            )
        )
    return result


def _merged(balance: Balances, acquired: Sequence[Link], s: date, e: date) -> Balances:
    inside = {x.from_account: x.to_account for x in acquired if s <= x.valid_from.date() < e}
    merged: Balances = defaultdict(int)
    for (account, currency), amount in balance.items():
        while account in inside:
            account = inside[account]
        merged[account, currency] += amount
    return merged


def _paid_before(rows: Sequence[LedgerRow], account: str, day: date) -> bool:
    """Whether the account was above 0 at the end of any day before `day`."""
    mine = [r for r in rows if r.account == account and r.on_date < day]
    held: dict[str, int] = defaultdict(int)
    for on_date in sorted({r.on_date for r in mine}):
        for row in mine:
            held[row.currency] += row.delta if row.on_date == on_date else 0
        if any(amount > 0 for amount in held.values()):
            return True
    return False


def logo_churn(
    rows: Sequence[LedgerRow], periods: Iterable[Period], policy: Policy = DEFAULT, held: Sequence[Held] = ()
) -> dict[tuple[date, str], Fraction | None]:
    """By period and currency: accounts lost as a share of those that could be (decision 0009.13)."""
    periods = list(periods)
    result = {}
    for roll in roll_forward(rows, periods, policy, held):
        end = next(e for s, e in periods if s == roll.period)
        lost, base = roll.accounts_churned, roll.accounts_opening
        if policy.logo_churn_base == "opening_plus_new":
            base += roll.accounts_new + roll.accounts_reactivated
        elif policy.logo_churn_base == "excluding_joiners":
            opened = set(_in(roll.currency, _opening_of(rows, roll.period, end)))
            opened |= _held_at(held, roll.currency, roll.period)
            closing = balances([r for r in rows if not _opens_at(r, end)], end)
            active = {account for (account, _), amount in closing.items() if amount > 0}
            active |= {a for h in held for a in _held_at([h], h.currency, end)}
            lost = len(opened - active)
        result[roll.period, roll.currency] = Fraction(lost, base) if base else None
    return result
