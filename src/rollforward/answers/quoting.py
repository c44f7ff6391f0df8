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


@dataclass(frozen=True)
class _Start:
    """An item that begins. counted: its price as the policy counts it; mrr, full, net: a month as counted, at list, and
    as paid, minor units; next_bill: the first regular one, its day and amount."""

    plan_id: str
    product_id: str
    quantity: int
    per: int
    price: Price
    counted: Price
    mrr: int
    full: int
    net: int
    whole: Span | None
    days: int
    amount: int | None
    next_bill: tuple[date, int] | None

    def mrr_later(self, rating: Rating) -> int:
        """A month as counted when all discounts that end have ended."""
        return half_up(self.counted.last().exact() * rating.monthly(self.per))

    def line(self, part: str) -> Line:
        """It as a line: what the account has after, or the charge for it."""
        line = Line(part, self.product_id, self.plan_id, self.quantity, self.per, self.price, self.mrr, True)
        return line if part == "after" else replace(line, whole=self.whole, days=self.days, amount=self.amount)


def offer(held: Sequence[Item], known: Mapping[str, Plan], wanted: Wanted, rating: Rating) -> Offer:
    """The offer. Misuse `nothing-changes`, `unknown-plan`, `bad-quote`, `which-plan`."""
    base = next((i for i in held if i.role == "base" and not i.metered and i.mrr > 0), None)
    currency = base.currency if base else _currency(held, known, wanted)
    per = base.per if base else 13
    mine = [_as_on(i, wanted.on, rating) for i in held if i.currency == currency]
    base = next((i for i in mine if base and i.item_key == base.item_key), None)
    replaced, target, quantity, amount = _target(base, mine, known, wanted, currency, per)
    added = [(chosen(known, name, currency, target.per if target else per), n) for name, n in wanted.add_ons]
    ends = add_months(wanted.on, wanted.months) if wanted.discount and wanted.months else None
    before, drivers, starts = sum(i.mrr for i in mine), dict.fromkeys(DRIVERS, 0), list[_Start]()
    if replaced:
        names = (target or replaced).plan_id, (target or replaced).product_id
        is_same = names[0] == replaced.plan_id
        price = _reduced(amount, replaced, wanted, ends, is_same)
        start = _start(names, quantity, target.per if target else per, price, replaced, wanted, rating)
        starts.append(start)
        parts = split(replaced, known, target, quantity, start.counted, start.per, start.mrr, rating.monthly)
        drivers |= {name: drivers[name] + value for name, value in parts.items()}
    for plan, count in [*([(target, quantity)] if target and not replaced else []), *added]:
        price = _reduced(plan.price(count), None, wanted, ends, False)
        starts.append(_start((plan.plan_id, plan.product_id), count, plan.per, price, base, wanted, rating))
        drivers[_driver(plan, mine, before > 0)] += starts[-1].mrr
    kept = [i for i in mine if i is not replaced]
    lines = [
        *(_held(i, "now", i is replaced) for i in mine), *(s.line("after") for s in starts),
        *(_held(i, "after", False) for i in kept), *([_credit(replaced, wanted.on)] if replaced else []),
        *(s.line("charge") for s in starts),
    ]  # fmt: skip
    bills = [s.next_bill for s in starts]
    first = min((bill[0] for bill in bills if bill), default=None) if None not in bills else None
    return Offer(
        currency=currency, on=wanted.on, valid_until=wanted.on + timedelta(days=wanted.valid_days), lines=tuple(lines),
        mrr_before=before, mrr_after=before + sum(drivers.values()),
        mrr_later=sum(i.mrr for i in kept) + sum(s.mrr_later(rating) for s in starts), drivers=drivers,
        discount=wanted.discount, discount_ends=ends,
        discount_cost=sum(s.full - s.net for s in starts) * (wanted.months or 12) if wanted.discount else 0,
        next_on=first, next_charge=sum(b[1] for b in bills if b and b[0] == first) if first else None,
        metered=any(i.metered for i in mine), replaced=replaced,
        plans=(*([(target, quantity)] if target else []), *added),
    )  # fmt: skip


def _start(
    names: tuple[str, str], quantity: int, per: int, price: Price, joined: Item | None, wanted: Wanted, rating: Rating
) -> _Start:
    """An item that begins on the day of the quote: in the period of the item that it joins, if billed as often."""
    kind = "repeating" if wanted.months else "forever"
    counts = not wanted.discount or kind in rating.discounts
    counted = price if counts else replace(price, kept=WHOLE)
    mrr, full, net = (half_up(p * rating.monthly(per)) for p in (counted.exact(), price.exact(False), price.exact()))
    if joined is not None and joined.per == per:
        whole = joined.period(wanted.on)
        following = joined.period(whole.end) if whole else None
    else:
        whole = Span(wanted.on, after(wanted.on, per, 1))
        following = Span(whole.end, after(wanted.on, per, 2))
    charge = price.of_days(wanted.on, whole.end, whole) if whole else None
    bill = (following.start, price.of_days(following.start, following.end, following)) if following else None
    return _Start(*names, quantity, per, price, counted, mrr, full, net, whole,
                  whole.left(wanted.on) if whole else 0, charge, bill)  # fmt: skip


def _as_on(item: Item, day: date, rating: Rating) -> Item:
    """The item as it stands on the day of the quote: a discount may have ended by then."""
    price = item.price.on(day)
    return (
        item
        if price is item.price
        else replace(item, price=price, mrr=half_up(price.exact() * rating.monthly(item.per)))
    )


def _credit(item: Item, on: date) -> Line:
    """What is given back for the days of the present period that are left."""
    whole = item.period(on)
    left = whole.left(on) if whole else 0
    back = -item.price.of_days(on, whole.end, whole) if whole else None
    return replace(_held(item, "credit", True), whole=whole, days=left, amount=back)


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
    return Price(amount) if was is None else _carried(amount, was.price, is_same)


def _carried(amount: int, was: Price, is_same: bool) -> Price:
    """Another list amount under the discounts of `was`, step by step."""
    then = None if was.then is None else _carried(amount, was.then, is_same)
    cut = was.cut if is_same else 0
    if was.kept == WHOLE and not cut:
        return Price(amount)
    return Price(amount, was.kept, cut, was.until, then)


def _held(item: Item, part: str, is_changed: bool) -> Line:
    return Line(part, item.product_id, item.plan_id, item.quantity, item.per, item.price, item.mrr, is_changed)


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
