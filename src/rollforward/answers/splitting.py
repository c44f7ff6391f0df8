"""A change of one item's MRR split into plan or price, seats and discount, as the ledger books it (decision 0004).

Comes in: the item before, what takes its place. Goes out: whole minor units by driver, whose sum is the change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from rollforward.answers.catalogue import Plan
from rollforward.answers.holdings import Item
from rollforward.proration import Price, half_up

_WHOLE = 10**12


def split(
    was: Item, known: Mapping[str, Plan], plan: Plan | None, quantity: int, price: Price, per: int, mrr: int,
    monthly: Callable[[int], Fraction],
) -> dict[str, int]:  # fmt: skip
    """Drivers of the change of `was` to `quantity` units of `plan` (None: its own) at `price`, after it `mrr`."""
    old, new = was.price.amount * monthly(was.per), price.amount * monthly(per)
    r0, r1 = (Fraction(p.kept, _WHOLE) for p in (was.price, price))
    off0 = min(was.price.cut * monthly(was.per), old * r0)
    off1 = min(price.cut * monthly(per), new * r1)
    is_same = plan is None or plan.plan_id == was.plan_id
    as_price = is_same or (
        plan is not None and plan.tier != 0 and plan.tier == was.tier and plan.product_id == was.product_id
    )
    cross = _cross(was, known.get(was.plan_id), plan, quantity, old, new, per, is_same, monthly)
    exact = {
        "price" if as_price else "plan": (cross - old) * r0,
        "seats": (new - cross) * r0,
        "discount": new * (r1 - r0) + off0 - off1,
    }
    found = {name: half_up(value) for name, value in exact.items()}
    order = ("plan", "seats", "price", "discount")
    largest = max(exact, key=lambda n: (abs(exact[n]), -order.index(n)))
    found[largest] += mrr - was.mrr - sum(found.values())
    return found


def _cross(
    was: Item, own: Plan | None, plan: Plan | None, quantity: int, old: Fraction, new: Fraction, per: int,
    is_same: bool, monthly: Callable[[int], Fraction],
) -> Fraction:  # fmt: skip
    """The new price for the old quantity, a month."""
    on_list = plan is not None and plan.price(quantity) * monthly(plan.per) == new
    if is_same:
        was_on_list = own is not None and own.price(was.quantity) * monthly(own.per) == old
        if (on_list and was_on_list) or new * was.quantity == old * quantity or new == old:
            return old
    if on_list and plan is not None:
        return plan.price(was.quantity) * monthly(plan.per)
    return new * was.quantity / quantity
