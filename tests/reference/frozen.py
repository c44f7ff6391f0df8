"""What is frozen at a moment, in plain Python: retention by segment and by product, cohorts (decision 0011.6 to 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from reference.files import major
from reference.segments import ITEM_DIMENSIONS, UNKNOWN, Question, World, midnight


def segment_retention(world: World, asked: Question, s: date, e: date) -> list[dict[str, object]]:
    """By currency and segment frozen at s."""
    groups: dict[tuple[str, str], list[tuple[int, int, bool]]] = defaultdict(list)
    for account in world.accounts:
        segment = frozen(world, asked, account, min(s, world.known_to))
        if segment is None:
            continue
        for c in world.currencies:
            o = sum(world.held(account, c, s, opening=True).values())
            n = sum(world.held(account, c, e, opening=True).values())
            if o > 0:
                groups[c, segment].append((o, n, bool(world.standing(account, e, opening=True))))
    return [_retained(s, e, *key, told) for key, told in sorted(groups.items())]


def product_retention(world: World, s: date, e: date) -> list[dict[str, object]]:
    """Own o and c of each account in each product; gone is who has nothing at all at e."""
    groups: dict[tuple[str, str], list[tuple[int, int, bool]]] = defaultdict(list)
    for account in world.accounts:
        for c in world.currencies:
            at_e = world.held(account, c, e, "product", opening=True)
            for product, o in world.held(account, c, s, "product", opening=True).items():
                groups[c, product].append((o, at_e.get(product, 0), bool(world.standing(account, e, opening=True))))
    return [_retained(s, e, *key, told) for key, told in sorted(groups.items())]


def frozen(world: World, asked: Question, account: str, s: date) -> str | None:
    """The segment at s; by an item dimension the value with most MRR, ties the first by name; of an account gone by
    then where it had most at last."""
    place = world.place(asked, account, midnight(s))
    split = next((d for d in sorted(asked.dimensions) if d in ITEM_DIMENSIONS), "")
    if place is None or not split:
        return place
    sums: dict[str, Decimal] = defaultdict(Decimal)
    paid = [d for d in (*world.days(account), s) if d <= s and world.standing(account, d, opening=True)]
    for c in world.currencies if paid else ():
        for value, amount in world.held(account, c, max(paid), split, opening=True).items():
            sums[value] += Decimal(major(amount, c))
    most = min(sums, key=lambda v: (-sums[v], v), default=UNKNOWN)
    if any(most != wanted for d, wanted in asked.where if d == split):
        return None
    return most if asked.segment == split else place


def _retained(s: date, e: date, currency: str, segment: str, told: list[tuple[int, int, bool]]) -> dict[str, object]:
    opening = sum(o for o, _, _ in told)
    return {
        "window_start": s, "window_end": e, "currency": currency, "segment": segment, "opening": opening,
        "expansion": sum(max(n - o, 0) for o, n, _ in told),
        "contraction": -sum(o - n for o, n, stays in told if n < o and stays),
        "churn": -sum(o for o, _, stays in told if not stays),
        "closing": sum(n for _, n, _ in told),
        "ndr": Fraction(sum(n for _, n, _ in told), opening),
        "grr": Fraction(sum(min(o, n) for o, n, _ in told), opening),
        "logo_retention": Fraction(sum(stays for _, _, stays in told), len(told)),
        "accounts_opening": len(told), "accounts_lost": sum(not stays for _, _, stays in told),
    }  # fmt: skip


# -- cohorts ---------------------------------------------------------------------------------------------------------


def cohorts(
    world: World, periods: Sequence[tuple[date, date]], asked: Question | None = None
) -> list[dict[str, object]]:
    """By currency, cohort (first day of the first period, 0001-01-01 for opening balances) and age in periods."""
    found = []
    for c in world.currencies:
        groups: dict[tuple[date, str], list[tuple[str, int]]] = defaultdict(list)
        for account in world.accounts:
            first = world.first(account)
            at = next((i for i, (a, b) in enumerate(periods) if a <= first < b), None)
            begun = [r for r in world.rows if r.account == account and r.currency == c]
            if at is None or not any(r.on_date < periods[at][1] for r in begun):
                continue
            segment = frozen(world, asked, account, min(periods[at][1], world.known_to)) if asked else ""
            opened = world.opened.get(account) == first
            if segment is not None:
                groups[date(1, 1, 1) if opened else periods[at][0], segment].append((account, at))
        for (cohort, segment), members in sorted(groups.items()):
            at = members[0][1]
            o = {a: sum(world.held(a, c, periods[at][1]).values()) for a, _ in members}
            for age, (_, end) in enumerate(periods[at:]):
                n = {a: sum(world.held(a, c, end).values()) for a in o}
                left = sum(bool(world.standing(a, end)) for a in o)
                opening = sum(o.values())
                found.append({
                    "cohort": cohort, "age": age, "currency": c, "segment": segment, "accounts_start": len(o),
                    "accounts_left": left, "opening": opening, "mrr": sum(n.values()),
                    "ndr": Fraction(sum(n.values()), opening) if opening else None,
                    "grr": Fraction(sum(min(o[a], n[a]) for a in o), opening) if opening else None,
                    "logo_retention": Fraction(left, len(o)),
                })  # fmt: skip
    return found
