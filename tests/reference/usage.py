"""MRR of metered items from charges (decision 0009.7): one amount a calendar month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from reference.counting import Stretch, round_half_up
from reference.facts import OPEN_END, RANK_FILE, Charge, Coverage, ItemKey, State
from reference.policy import Policy


def usage_stretches(
    charges: Iterable[Charge], states: Iterable[State], policy: Policy, as_of: datetime, coverage: Coverage
) -> list[list[Stretch]]:
    """Stretches of all usage items, apart by account and currency; a month at 0 has none. `states` say when a
    subscription has ended."""
    charges = list(charges)
    if policy.usage == "exclude" or not charges:
        return []
    last = _last_whole_month(charges, policy, as_of, coverage)
    alive: dict[str, datetime] = {}
    for state in states:
        if state.status != "canceled":
            alive[state.subscription_id] = max(state.valid_to, alive.get(state.subscription_id, state.valid_to))
    latest: dict[ItemKey, Charge] = {}
    lines: dict[tuple[ItemKey, str, str], list[Charge]] = defaultdict(list)
    for charge in sorted(charges, key=lambda c: (c.service_from, c.service_to, c.recorded_at)):  # keeps order as told
        latest[charge.item] = charge
        lines[charge.item, charge.account, charge.currency].append(charge)
    return [
        _of_line(rows, latest[item], policy, last, alive.get(item[0], OPEN_END)) for (item, *_), rows in lines.items()
    ]


def _of_line(charges: list[Charge], latest: Charge, policy: Policy, last: date, ends: datetime) -> list[Stretch]:
    booked: dict[date, int] = defaultdict(int)
    for charge in charges:
        for month, amount in _months(charge, policy).items():
            booked[month] += amount
    first = month = min(booked)
    values = []
    while month <= last:
        sums = [max(booked.get(m, 0), 0) for m in (month, before(month), before(before(month))) if m >= first]
        mean = round_half_up(Fraction(sum(sums), len(sums)))
        values.append((month, mean if policy.usage == "trailing_3_months" else sums[0]))
        month = after(month)
    result = []
    for month, value in values:
        start, end = midnight(month), midnight(after(month))
        if month == last and ends > end:
            end = ends  # what is carried
        if value:
            sold = replace(charges[-1], product=latest.product, plan=latest.plan)
            state = _state(sold, start, end, value)
            zero = Fraction(0)
            result.append(Stretch(state, start, end, True, Fraction(value), zero, zero, value, "active"))
    return result


def _months(charge: Charge, policy: Policy) -> dict[date, int]:
    """The charge's parts by calendar month; cumulative parts are rounded, so they add up."""
    last_day = (charge.service_to - timedelta(microseconds=1)).date()
    if policy.usage == "billed_month":
        billed = charge.invoiced_at.date() if charge.invoiced_at < OPEN_END else last_day
        return {billed.replace(day=1): charge.amount}
    first_day = charge.service_from.date()
    days = (last_day - first_day).days + 1
    parts: dict[date, int] = {}
    month, given = first_day.replace(day=1), 0
    while month <= last_day:
        so_far = (min(after(month) - timedelta(days=1), last_day) - first_day).days + 1
        cumulative = round_half_up(Fraction(so_far * charge.amount, days))
        parts[month] = cumulative - given
        given, month = cumulative, after(month)
    return parts


def _last_whole_month(charges: list[Charge], policy: Policy, as_of: datetime, coverage: Coverage) -> date:
    """The last month that is over by `as_of` and by the end of what charges cover: as told, else the month of the
    latest day on which one is booked."""
    told = [end for _, end in coverage.get("charges", []) if end < OPEN_END]
    booked = max(month for c in charges for month in _months(c, policy))
    known = min(as_of, max(told) if told else midnight(after(booked)))
    return before(known.date().replace(day=1))


def _state(charge: Charge, start: datetime, end: datetime, value: int) -> State:
    subscription, item = charge.item
    return State(
        subscription,
        item,
        charge.account,
        charge.product,
        charge.plan,
        charge.currency,
        start,
        end,
        start,
        charge.recorded_at,
        0,
        value,
        RANK_FILE,
        source_kind="charges",
        told_of=charge.account,
    )


def after(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=32)).replace(day=1)


def before(month: date) -> date:
    """The first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
