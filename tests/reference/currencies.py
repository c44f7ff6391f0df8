"""Answers in a reporting currency (definitions.md section 4 "Currencies", section 5; decision 0010).

Money is exact in 10^-10 minor units of the reporting currency; only what is shown is rounded, half away from zero.
Windows are days here. None is a cell whose rate is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from reference.facts import DRIVERS
from reference.files import DECIMALS
from reference.ledger import LedgerRow
from reference.movements import balances, movements
from reference.policy import DEFAULT, Policy

SCALE = 10**10
KINDS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer", "adjustment")
UNSURE = {"expansion": "unsure", "contraction": "unsure"}
"""Classes between which only a rate that is missing could tell: both cells are empty."""
DAY = timedelta(days=1)

Published = Mapping[tuple[str, date], Decimal]
"""(currency, day) -> units of the reporting currency for one unit."""


class Rates:
    """The rate of a currency on a day under a policy, in 10^-10 minor units for one minor unit; None if missing."""

    def __init__(self, to: str, published: Published, policy: Policy, today: date) -> None:
        self.to, self.published, self.today = to, published, today
        self.mode, _, on = policy.fx.partition(":")
        self.on, self.lag = date.fromisoformat(on) if on else today, timedelta(days=policy.fx_lag_days)

    def __call__(self, currency: str, day: date) -> int | None:
        if currency == self.to:
            return SCALE
        if self.mode == "constant":
            return self._last(currency, self.on, 7)
        if self.mode != "month_end":
            return self._last(currency, min(day, self.today), 7)
        end = (day.replace(day=1) + timedelta(days=31)).replace(day=1) - DAY
        if end <= self.today:
            return self._last(currency, end, 7)
        month_before = self.today.replace(day=1) - DAY
        return self._last(currency, self.today, (self.today - month_before).days + 7)

    def _last(self, currency: str, day: date, within: int) -> int | None:
        for back in range(within + 1):
            rate = self.published.get((currency, day - self.lag - timedelta(days=back)))
            if rate is not None:
                decimals = DECIMALS.get(self.to, 2) - DECIMALS.get(currency, 2) + 10
                return int(rate.scaleb(decimals).quantize(Decimal(1), ROUND_HALF_UP))
        return None


@dataclass(frozen=True)
class Part:
    """One currency of one account on one day: native amount, converted amount and drivers. `carried`: the worth of the
    balance after it under at_change, not known from an amount without a rate until the balance is 0."""

    account: str
    currency: str
    on_date: date
    movement: str
    native: int
    worth: int | None
    drivers: tuple[int, ...] | None
    carried: int | None


@dataclass(frozen=True)
class Day:
    """What happened to one account on one day, all its currencies together; `change`: accounts gained less lost."""

    account: str
    on_date: date
    movement: str
    amount: int | None
    drivers: tuple[int, ...] | None
    change: int


def shown(exact: int | None) -> int | None:
    """Whole minor units, half away from zero."""
    if exact is None:
        return None
    size = (2 * abs(exact) + SCALE) // (2 * SCALE)
    return size if exact >= 0 else -size


def parts(rows: Sequence[LedgerRow], rates: Rates, policy: Policy = DEFAULT) -> list[Part]:
    """Native movements and opening balances, converted."""
    held: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    carried: dict[tuple[str, str], int | None] = {}
    told = [
        (r.on_date, 0, r.account, r.currency, "opening", r.delta, r.drivers) for r in rows if r.rule == "opening"
    ] + [(m.on_date, 1, m.account, m.currency, m.movement, m.amount, m.drivers) for m in movements(rows, policy)]
    found = []
    for day, _, account, currency, movement, amount, drivers in sorted(told, key=lambda t: (t[2], t[0], t[1], t[3])):
        on = day - DAY if movement == "opening" else day
        before = held[account][currency]
        held[account][currency] += amount
        rate = rates(currency, on)
        worth = None if rate is None else amount * rate
        made = None if rate is None else tuple(d * rate for d in drivers)
        was = carried.get((account, currency), 0)
        if rates.mode == "at_change" and currency != rates.to and amount < 0:
            worth, made = _decrease(was, before, amount, drivers)
        now = _sum([was, worth]) if held[account][currency] else 0
        carried[account, currency] = now
        found.append(Part(account, currency, on, movement, amount, worth, made, now))
    return found


def _decrease(
    carried: int | None, before: int, amount: int, drivers: Sequence[int]
) -> tuple[int | None, tuple[int, ...] | None]:
    """The share of what is carried that leaves; drivers alike, the rest to the largest."""
    if carried is None:
        return None, None
    worth = -((2 * carried * -amount + before) // (2 * before))
    scaled = []
    for driver in drivers:
        exact = Fraction(worth * driver, amount)
        size = int(abs(exact) + Fraction(1, 2))
        scaled.append(size if exact >= 0 else -size)
    sizes = [abs(d) for d in drivers]
    scaled[sizes.index(max(sizes))] += worth - sum(scaled)
    return worth, tuple(scaled)


def days(rows: Sequence[LedgerRow], rates: Rates, policy: Policy = DEFAULT) -> list[Day]:
    """Each account's days, judged on the converted sum of its currencies."""
    grouped: dict[tuple[str, date], list[Part]] = defaultdict(list)
    for part in parts(rows, rates, policy):
        grouped[part.account, part.on_date].append(part)
    active: dict[str, bool] = defaultdict(bool)
    held: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for (account, on), of in sorted(grouped.items(), key=lambda g: (g[0][1], g[0][0])):
        for part in of:
            held[account, part.currency] += part.native
        now = any(amount > 0 for (a, _), amount in held.items() if a == account)
        amount = _sum(p.worth for p in of)
        kinds = {p.movement for p in of}
        told = [k for k in ("opening", "new", "reactivation", "churn") if k in kinds]
        if told:
            kind = told[0]
        elif len(kinds) == 1 and "transfer" not in kinds:
            kind = min(kinds)
        else:
            kind = (
                "unsure" if amount is None else "none" if not amount else "expansion" if amount > 0 else "contraction"
            )
        made = None
        if all(p.drivers is not None for p in of):
            made = tuple(sum((p.drivers or ())[i] for p in of) for i in range(len(DRIVERS)))
        if kind != "none":
            found.append(Day(account, on, kind, amount, made, now - active[account]))
        active[account] = now
    return found


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def worth_of(held: Mapping[tuple[str, str], int], rates: Rates, day: date) -> int | None:
    """Balances at the rates of a day."""
    return _sum(
        None if (rate := rates(currency, day)) is None else amount * rate for (_, currency), amount in held.items()
    )


def _held(of: Iterable[Part], before: date) -> dict[tuple[str, str], int]:
    held: dict[tuple[str, str], int] = defaultdict(int)
    for part in of:
        if part.on_date < before:
            held[part.account, part.currency] += part.native
    return {key: amount for key, amount in held.items() if amount}


def roll_forward(
    rows: Sequence[LedgerRow], periods: Iterable[tuple[date, date]], rates: Rates, policy: Policy = DEFAULT
) -> list[dict[str, object]]:
    """One row a period, as the contract names the columns."""
    of, judged = parts(rows, rates, policy), days(rows, rates, policy)
    found = []
    for start, end in periods:
        inside = [d for d in judged if start <= d.on_date < end]
        begun = _sum(d.amount for d in inside if d.movement == "opening")
        balance = [_balance(of, rates, day) for day in (start, end)]
        opening, closing = _sum([balance[0], begun]), balance[1]
        flows = {kind: _sum(d.amount for d in inside if d.movement in (kind, UNSURE.get(kind))) for kind in KINDS}
        row: dict[str, object] = {"period": start, "currency": rates.to, "opening": shown(opening)}
        row |= {kind: shown(amount) for kind, amount in flows.items()}
        row["closing"] = shown(closing)
        rest = _sum([shown(opening), *(shown(a) for a in flows.values())])
        whole = row["closing"]
        row["fx"] = whole - rest if isinstance(whole, int) and rest is not None else None
        exact = _sum([opening, *flows.values()])
        if closing is not None and exact is not None and rates.mode != "at_change":
            fx = _fx(of, rates, start, end)
            assert fx is None or exact + fx == closing, (start, exact, fx, closing)
        if closing is not None and exact is not None and rates.mode in ("constant", "at_change"):
            assert exact == closing
        for kind, name in (("new", "new"), ("reactivation", "reactivated"), ("churn", "churned")):
            row[f"accounts_{name}"] = sum(d.movement == kind for d in inside)
        for kind, name in (("expansion", "expanded"), ("contraction", "contracted")):
            row[f"accounts_{name}"] = len({d.account for d in inside if d.movement == kind})
        stood = [d for d in judged if d.on_date < start] + [d for d in inside if d.movement == "opening"]
        row["accounts_opening"] = sum(d.change for d in stood)
        row["accounts_closing"] = sum(d.change for d in judged if d.on_date < end)
        found.append(row)
    return found


def _balance(of: Sequence[Part], rates: Rates, before: date) -> int | None:
    if rates.mode != "at_change":
        return worth_of(_held(of, before), rates, before - DAY)
    return _sum({(p.account, p.currency): p.carried for p in of if p.on_date < before}.values())


def _fx(of: Sequence[Part], rates: Rates, start: date, end: date) -> int | None:
    """Day by day: balance before × change of the rate."""
    total = 0
    day = start
    while day < end:
        for (_, currency), amount in _held(of, day).items():
            now, before = rates(currency, day), rates(currency, day - DAY)
            if now is None or before is None:
                return None
            total += amount * (now - before)
        day += DAY
    return total


def expansion(
    rows: Sequence[LedgerRow], periods: Iterable[tuple[date, date]], rates: Rates, policy: Policy = DEFAULT
) -> list[dict[str, object]]:
    """Expansion, its drivers (the rounding of a row goes to the largest), and what newcomers have of it."""
    judged = days(rows, rates, policy)
    found = []
    for start, end in periods:
        inside = [d for d in judged if start <= d.on_date < end]
        up = [d for d in inside if d.movement == "expansion"]
        paid = {a for (a, _), mrr in balances(rows, start).items() if mrr > 0}
        paid |= {d.account for d in inside if d.movement == "opening"}
        paid -= {d.account for d in inside if d.movement == "opening" and d.on_date >= start}
        total = _sum(d.amount for d in inside if d.movement in ("expansion", "unsure"))
        row: dict[str, object] = {"period": start, "currency": rates.to, "expansion": shown(total)}
        known = total is not None and all(d.drivers is not None for d in up)
        exact = [sum((d.drivers or (0,) * 8)[i] for d in up) for i in range(len(DRIVERS))]
        made = [shown(e) or 0 for e in exact]
        sizes = [abs(e) for e in exact]
        made[sizes.index(max(sizes))] += (shown(total) or 0) - sum(made)
        row |= {f"by_{name}": made[i] if known else None for i, name in enumerate(DRIVERS)}
        new = shown(_sum(d.amount for d in up if d.account not in paid))
        row["from_newcomers"] = new if known else None
        found.append(row)
    return found


def retention(rows: Sequence[LedgerRow], s: date, e: date, rates: Rates, policy: Policy = DEFAULT) -> dict[str, object]:
    """Accounts with MRR at s; both ends at the rates of the day before s."""
    of = parts(rows, rates, policy)
    at_s, at_e = _held(of, s), _held(of, e)
    accounts = {a for (a, _), mrr in at_s.items() if mrr > 0}

    def worth(held: Mapping[tuple[str, str], int], account: str, day: date) -> int | None:
        return worth_of({key: mrr for key, mrr in held.items() if key[0] == account}, rates, day)

    o = {a: worth(at_s, a, s - DAY) for a in accounts}
    c = {a: worth(at_e, a, s - DAY) for a in accounts}
    later = {a: worth(at_e, a, e - DAY) for a in accounts}
    row: dict[str, object] = {"window_start": s, "window_end": e, "currency": rates.to}
    lost = {a for a in accounts if not any(key[0] == a for key in at_e)}
    row |= {"accounts_opening": len(accounts), "accounts_lost": len(lost)}
    opening, closing = _sum(o.values()), _sum(c.values())
    names = ("opening", "expansion", "contraction", "churn", "closing", "fx", "ndr", "grr")
    if opening is None or closing is None:
        return row | dict.fromkeys(names)
    pairs = [(o[a] or 0, c[a] or 0) for a in accounts - lost]
    row["opening"] = shown(opening)
    row["expansion"] = shown(sum(max(y - x, 0) for x, y in pairs))
    row["contraction"] = shown(sum(min(y - x, 0) for x, y in pairs))
    row["churn"] = shown(-sum(o[a] or 0 for a in lost))
    row["ndr"] = Fraction(closing, opening) if opening else None
    row["grr"] = Fraction(sum(min(o[a] or 0, c[a] or 0) for a in accounts), opening) if opening else None
    end = _sum(later.values())
    row["closing"] = shown(end)
    rest = _sum(row[n] for n in names[:4])  # type: ignore[arg-type, misc]
    row["fx"] = None if end is None else (shown(end) or 0) - (rest or 0)
    return row


def cohorts(
    rows: Sequence[LedgerRow], periods: Sequence[tuple[date, date]], rates: Rates, policy: Policy = DEFAULT
) -> list[dict[str, object]]:
    """By first period and age in periods: both ends at the rates of the first period's last day (decision 0011.8)."""
    of = parts(rows, rates, policy)
    firsts: dict[str, date] = {}
    for day in sorted({p.on_date for p in of}):
        for account, _ in _held(of, day + DAY):
            firsts.setdefault(account, day)
    found = []
    for at, (start, until) in enumerate(periods):
        members = {a for a, first in firsts.items() if start <= first < until}

        def worth(end: date, members: set[str] = members, day: date = until - DAY) -> dict[str, int | None]:
            held = _held(of, end)
            return {a: worth_of({key: mrr for key, mrr in held.items() if key[0] == a}, rates, day) for a in members}

        o = worth(until)
        for age, (_, end) in enumerate(periods[at:] if members else []):
            c, left = worth(end), {a for a, _ in _held(of, end)} & members
            opening, mrr = _sum(o.values()), _sum(c.values())
            row: dict[str, object] = {"cohort": start, "age": age, "currency": rates.to}
            row |= {"accounts_start": len(members), "accounts_left": len(left), "opening": shown(opening)}
            row |= {"mrr": shown(mrr), "ndr": None, "grr": None}
            if opening and mrr is not None:
                row["ndr"] = Fraction(mrr, opening)
                row["grr"] = Fraction(sum(min(o[a] or 0, c[a] or 0) for a in members), opening)
            found.append(row)
    return found


def rates_of(rows: Iterable[Mapping[str, str]], to: str, policy: Policy, today: date) -> Rates:
    """Rates of an `fx` file's rows; the last row of a day counts."""
    published = {(r["currency"], date.fromisoformat(r["date"])): Decimal(r["rate"]) for r in rows}
    return Rates(to, published, policy, today)
