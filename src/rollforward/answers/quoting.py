"""What a change of an account's plans costs: to the day now, at the next bill, and in MRR by driver.

Comes in: what the account has, the catalogue, what is wished. Goes out: an Offer, money in minor units. Amounts of days
are rounded half up line by line; sums are sums of lines, so that all adds up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from rollforward.answers.catalogue import Plan, chosen
from rollforward.answers.holdings import Item
from rollforward.answers.splitting import split
from rollforward.errors import Misuse
from rollforward.periods import add_months
from rollforward.proration import Price, Span, after, half_up
from rollforward.schema import DRIVERS

WHOLE = 10**12
PPM = 10**6
MOST_UNITS = 10**9
PARTS = ("now", "after", "credit", "charge")


@dataclass(frozen=True)
class Wanted:
    """What is asked for. to: plan or product, '' the one it has; seats: 0 as many as now; add_ons: plan and quantity;
    discount: millionths, on what changes; months: how long, 0 without end; on: the day from which it holds."""

    to: str = ""
    seats: int = 0
    add_ons: tuple[tuple[str, int], ...] = ()
    discount: int = 0
    months: int = 0
    on: date = date.max
    valid_days: int = 30


@dataclass(frozen=True)
class Line:
    """A line of an offer: an item now or after, the credit for one that ends, the charge for one that begins.

    whole: the billing period, None where not known; days: of it, credited or charged; amount: minor units, negative in
    a credit, None where the period is not known.
    """

    part: str
    product_id: str
    plan_id: str
    quantity: int
    per: int
    price: Price
    mrr: int
    is_changed: bool
    whole: Span | None = None
    days: int = 0
    amount: int | None = None


@dataclass(frozen=True)
class Offer:
    """The whole. drivers: of the change of MRR, by name. mrr_later: MRR after the discount ended. discount_cost: MRR
    that it takes until then, or in 12 months where it has no end. next_on, next_charge: the first regular bill of what
    changed. None: cannot be known."""

    currency: str
    on: date
    valid_until: date
    lines: tuple[Line, ...]
    mrr_before: int
    mrr_after: int
    mrr_later: int
    drivers: Mapping[str, int]
    discount: int
    discount_ends: date | None
    discount_cost: int
    next_on: date | None
    next_charge: int | None
    metered: bool
    replaced: Item | None
    plans: tuple[tuple[Plan, int], ...]

    def _sum(self, part: str) -> int | None:
        told = [line.amount for line in self.lines if line.part == part]
        return None if None in told else sum(a for a in told if a is not None)

    @property
    def credit(self) -> int | None:
        """What is given back for the rest of the present periods, as a positive amount."""
        total = self._sum("credit")
        return None if total is None else -total

    @property
    def charge(self) -> int | None:
        """What the new items cost up to the ends of their first periods."""
        return self._sum("charge")

    @property
    def due(self) -> tuple[int | None, int | None]:
        """What is to be paid now, and what is left of the credit for the next bill; one of them is 0."""
        if self.charge is None or self.credit is None:
            return None, None
        rest = self.charge - self.credit
        return max(rest, 0), max(-rest, 0)


@dataclass(frozen=True)
class Rating:
    """How the policy counts: months that an interval is worth, and which discounts are subtracted from MRR."""

    factors: Mapping[int, Fraction]
    discounts: tuple[str, ...]

    def monthly(self, per: int) -> Fraction:
        """How many months' worth 1 an interval is."""
        return self.factors[per % 10] / (per // 10)


def offer(held: Sequence[Item], known: Mapping[str, Plan], wanted: Wanted, rating: Rating) -> Offer:
    """The offer. Misuse `nothing-to-quote`, `unknown-plan`, `bad-quote`, `which-plan`."""
    base = next((i for i in held if i.role == "base" and not i.metered and i.mrr > 0), None)
    currency = base.currency if base else _currency(held, known, wanted)
    per = base.per if base else 13
    mine = [i for i in held if i.currency == currency]
    replaced, target, quantity, price = _target(base, mine, known, wanted, currency, per)
    added = [(chosen(known, name, currency, target.per if target else per), n) for name, n in wanted.add_ons]
    ends = add_months(wanted.on, wanted.months) if wanted.discount and wanted.months else None
    lines = [_held(i, "now", i is replaced) for i in mine] + [
        _held(i, "after", False) for i in mine if i is not replaced
    ]
    before, drivers = sum(i.mrr for i in mine), dict.fromkeys(DRIVERS, 0)
    later = sum(i.mrr for i in mine if i is not replaced)
    kind = "repeating" if wanted.months else "forever"
    cost, bills = 0, list[tuple[date, int]]()
    pays = before > 0

    def begin(plan_id: str, product: str, count: int, every: int, told: Price, was: Item | None) -> Line:
        nonlocal cost, later
        now = (
            told if told.kept == WHOLE or kind in rating.discounts or not wanted.discount else replace(told, kept=WHOLE)
        )
        mrr, full = (half_up(p * rating.monthly(every)) for p in (now.exact(), Fraction(told.amount)))
        end = told.until
        later += full if end else mrr
        if wanted.discount:
            cost += (full - mrr) * (wanted.months or 12)
        whole = _first(was, base, every, wanted.on)
        days = whole.left(wanted.on) if whole else 0
        amount = told.of_days(wanted.on, whole.end, whole) if whole else None
        if whole:
            following = Span(whole.end, _next(was, base, every, wanted.on, whole.end))
            bills.append((whole.end, told.of_days(following.start, following.end, following)))
        lines.append(Line("after", product, plan_id, count, every, told, mrr, True))
        return Line("charge", product, plan_id, count, every, told, mrr, True, whole, days, amount)

    charges = []
    if target or replaced:
        every = target.per if target else per
        told = _reduced(
            price, replaced, wanted, ends, target is None or bool(replaced and target.plan_id == replaced.plan_id)
        )
        names = (target.plan_id, target.product_id) if target else (replaced.plan_id, replaced.product_id)  # type: ignore[union-attr]
        charges.append(begin(*names, quantity, every, told, replaced))
        if replaced:
            whole = replaced.period(wanted.on)
            left = whole.left(wanted.on) if whole else 0
            back = -half_up(replaced.price.on(wanted.on) * left / whole.days) if whole else None
            lines.append(Line("credit", replaced.product_id, replaced.plan_id, replaced.quantity, replaced.per,
                              replaced.price, replaced.mrr, True, whole, left, back))  # fmt: skip
            for name, value in split(
                replaced, known, target, quantity, told, every, charges[0].mrr, rating.monthly
            ).items():
                drivers[name] += value
        else:
            drivers[_driver(target, mine, pays)] += charges[0].mrr  # type: ignore[arg-type]
    for plan, count in added:
        told = _reduced(plan.price(count), None, wanted, ends, False)
        charges.append(begin(plan.plan_id, plan.product_id, count, plan.per, told, None))
        drivers[_driver(plan, mine, pays)] += charges[-1].mrr
    lines += charges
    first = min((day for day, _amount in bills), default=None)
    changed = {id(line) for line in charges}
    known_all = all(line.whole for line in lines if id(line) in changed)
    return Offer(
        currency, wanted.on, wanted.on + timedelta(days=wanted.valid_days),
        tuple(sorted(lines, key=lambda line: PARTS.index(line.part))), before, before + sum(drivers.values()), later,
        drivers, wanted.discount, ends, cost, first if known_all else None,
        sum(a for day, a in bills if day == first) if known_all and first else None,
        any(i.metered for i in mine), replaced,
        tuple(([(target, quantity)] if target else []) + added),
    )  # fmt: skip


def _target(
    base: Item | None, mine: Sequence[Item], known: Mapping[str, Plan], wanted: Wanted, currency: str, per: int
) -> tuple[Item | None, Plan | None, int, int]:
    """The item that is replaced, the plan in its place, its quantity and its list amount for an interval."""
    if not 0 <= wanted.seats <= MOST_UNITS or not 0 <= wanted.discount < PPM or any(n < 1 for _, n in wanted.add_ons):
        raise Misuse("bad-quote")
    if wanted.to:
        plan = chosen(known, wanted.to, currency, per)
        same = next(
            (i for i in mine if i.role == "base" and not i.metered and i.mrr > 0 and i.family == plan.family), None
        )
        if plan.role == "base" and same:
            quantity = wanted.seats or same.quantity
            if (
                plan.plan_id == same.plan_id
                and not wanted.add_ons
                and quantity == same.quantity
                and not wanted.discount
            ):
                raise Misuse("nothing-changes")
            amount = _kept_price(same, plan, quantity) if plan.plan_id == same.plan_id else plan.price(quantity)
            return same, plan, quantity, amount
        quantity = wanted.seats or 1
        return None, plan, quantity, plan.price(quantity)
    if base is None:
        raise Misuse("which-plan", known=", ".join(sorted(known)[:12]))
    if not wanted.seats and not wanted.discount:
        if not wanted.add_ons:
            raise Misuse("nothing-changes")
        return None, None, 0, 0
    if not wanted.seats and wanted.add_ons:
        return None, None, 0, 0  # the discount is on what changes: the add-ons
    quantity = wanted.seats or base.quantity
    if quantity == base.quantity and not wanted.discount and not wanted.add_ons:
        raise Misuse("nothing-changes")
    own = known.get(base.plan_id)
    return base, own if own and own.currency == currency and own.per == base.per else None, quantity, _kept_price(
        base, own, quantity
    )  # fmt: skip


def _kept_price(item: Item, plan: Plan | None, quantity: int) -> int:
    """More or fewer units of the same plan: at its list if it is paid at list, else at its own price of a unit."""
    if plan and plan.per == item.per and plan.price(item.quantity) == item.price.amount:
        return plan.price(quantity)
    return half_up(Fraction(item.price.amount * quantity, item.quantity))


def _reduced(amount: int, was: Item | None, wanted: Wanted, ends: date | None, is_same: bool) -> Price:
    """The price under the quote's discount, else under the percent discount that the item has and for as long.

    An amount discount stays only with the plan on which it was given (is_same).
    """
    if wanted.discount:
        return Price(amount, WHOLE - wanted.discount * (WHOLE // PPM), 0, ends)
    if was is not None and (was.price.kept < WHOLE or (was.price.cut and is_same)):
        return Price(amount, was.price.kept, was.price.cut if is_same else 0, was.price.until)
    return Price(amount)


def _held(item: Item, part: str, is_changed: bool) -> Line:
    return Line(part, item.product_id, item.plan_id, item.quantity, item.per, item.price, item.mrr, is_changed)


def _first(was: Item | None, base: Item | None, per: int, on: date) -> Span | None:
    """The period in which a new item begins: that of what it joins, if it is billed as often; else one of its own."""
    joined = was or base
    if joined is not None and joined.per == per:
        return joined.period(on)
    return Span(on, after(on, per, 1))


def _next(was: Item | None, base: Item | None, per: int, on: date, end: date) -> date:
    joined = was or base
    if joined is not None and joined.per == per and joined.anchor is not None:
        span = joined.period(end)
        assert span is not None
        return span.end
    return after(on, per, 2)


def _driver(plan: Plan, mine: Sequence[Item], pays: bool) -> str:
    """What an item that begins is booked under (definitions.md section 3)."""
    if not pays:
        return "other"
    if plan.role == "add_on":
        return "add_on"
    if any(i.product_id == plan.product_id and i.mrr > 0 for i in mine):
        return "seats"
    return "plan" if any(i.family == plan.family and i.mrr > 0 for i in mine) else "product"


def _currency(held: Sequence[Item], known: Mapping[str, Plan], wanted: Wanted) -> str:
    """Of an account without a base item: what it pays in, else what the plan is sold in."""
    if held:
        return held[0].currency
    return chosen(known, wanted.to, "", 13).currency if wanted.to else ""
