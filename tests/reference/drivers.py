"""Why an item's MRR moved: the formulas of definitions.md section 3 as decision 0004 spells them out."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from reference.counting import Stretch
from reference.facts import DRIVERS, Catalogue, PlanEntry
from reference.policy import Policy

Exact = dict[str, Fraction]


def price_of(plan: PlanEntry, quantity: int) -> Fraction | None:
    """The list price of `quantity` units for one interval of the plan, minor units; None without a price list."""
    if plan.tiers_mode == "volume":
        for step in plan.tiers:
            if step.first <= quantity <= step.last:
                return Fraction(quantity * step.unit + step.flat)
        return None
    if plan.tiers_mode == "graduated":
        total = 0
        for step in plan.tiers:
            units = min(quantity, step.last) - step.first + 1
            if units > 0:
                total += units * step.unit + step.flat
        return Fraction(total)
    return None if plan.amount is None else Fraction(plan.amount * quantity)


def list_price(stretch: Stretch, quantity: int, catalogue: Catalogue, policy: Policy) -> Fraction | None:
    """The catalogue's monthly price of the stretch's plan for `quantity`; None where the catalogue cannot say."""
    plan = catalogue.plans.get(stretch.state.plan)
    if plan is None or plan.currency != stretch.state.currency:
        return None
    price = price_of(plan, quantity)
    return None if price is None else price * policy.month_factor(plan.interval, plan.interval_count)


def is_at_list(stretch: Stretch, catalogue: Catalogue, policy: Policy) -> bool:
    """Whether the amount is what the catalogue asks for the stretch's own quantity."""
    return list_price(stretch, stretch.quantity, catalogue, policy) == stretch.list_amount


def at_quantity(stretch: Stretch, quantity: int, catalogue: Catalogue, policy: Policy) -> Fraction:
    """L(p1, q0): what `quantity` units would cost a month at the stretch's price."""
    if is_at_list(stretch, catalogue, policy):
        price = list_price(stretch, quantity, catalogue, policy)
        if price is not None:
            return price
    return stretch.list_amount * quantity / stretch.quantity


def plan_or_price(before: Stretch, after: Stretch, catalogue: Catalogue) -> str:
    """The column of the part that is not seats: another price of the same product and tier is no other plan."""
    old, new = before.state, after.state
    if (old.plan, old.product) == (new.plan, new.product):
        return "price"
    a, b = catalogue.plans.get(old.plan), catalogue.plans.get(new.plan)
    same_tier = a is not None and b is not None and a.product == b.product != "" and a.tier == b.tier != 0
    return "price" if same_tier else "plan"


def change(before: Stretch, after: Stretch, catalogue: Catalogue, policy: Policy) -> Exact:
    """Exact drivers of one item (or a pair that counts as one) going from `before` to `after`; they sum to the exact
    difference: (plan or price) + seats + discount."""
    l0, l1, q0, q1 = before.list_amount, after.list_amount, before.quantity, after.quantity
    same_plan = (before.state.plan, before.state.product) == (after.state.plan, after.state.product)
    price_unchanged = (
        (is_at_list(before, catalogue, policy) and is_at_list(after, catalogue, policy))
        or l0 / q0 == l1 / q1
        or l0 == l1
    )
    first_part = Fraction(0) if same_plan and price_unchanged else at_quantity(after, q0, catalogue, policy) - l0
    kept = 1 - before.off_rate
    return {
        plan_or_price(before, after, catalogue): first_part * kept,
        "seats": (l1 - l0 - first_part) * kept,
        "discount": l1 * (before.off_rate - after.off_rate) + before.off_amount - after.off_amount,
    }


def rounded(exact: Exact, delta: int) -> dict[str, int]:
    """Whole minor units that sum to `delta`: half away from zero, the residue to the driver whose exact part is the
    largest in size, ties in column order."""
    result = {driver: _half_away_from_zero(exact.get(driver, Fraction(0))) for driver in DRIVERS}
    largest = max(DRIVERS, key=lambda driver: abs(exact.get(driver, Fraction(0))))  # max keeps the first of equals
    result[largest] += delta - sum(result.values())
    return result


def _half_away_from_zero(exact: Fraction) -> int:
    size = floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size
