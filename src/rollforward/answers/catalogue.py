"""The plans that can be quoted: list prices for any quantity, tiers, limits.

Comes in: a Build. Goes out: Plans by id; money in minor units. What is billed by use has no price to quote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from rollforward.build import Build
from rollforward.errors import Misuse

LISTED = 40
"""Plans that an error names at most."""


@dataclass(frozen=True)
class Step:
    """A step of a tiered price: units `first` … `last`, minor units per unit and once."""

    first: int
    last: int
    unit: int
    flat: int


@dataclass(frozen=True)
class Plan:
    """A plan of the catalogue. per: interval as count * 10 + unit; limits: by metric, 0 = without limit."""

    plan_id: str
    product_id: str
    name: str
    role: str
    family: str
    tier: int
    currency: str
    per: int
    amount: int
    mode: str = ""
    steps: tuple[Step, ...] = ()
    limits: tuple[tuple[str, int], ...] = ()

    def price(self, quantity: int) -> int:
        """List amount of so many units for an interval, minor units."""
        if not self.mode:
            return self.amount * quantity
        if self.mode == "volume":
            step = next(s for s in reversed(self.steps) if s.first <= quantity)
            return quantity * step.unit + step.flat
        return sum((min(quantity, s.last) - s.first + 1) * s.unit + s.flat for s in self.steps if s.first <= quantity)


def plans(build: Build) -> dict[str, Plan]:
    """Every plan with a price, by id. Misuse `no-price-plans` where there is none."""
    build.need(["plan_current", "product_current", "plan", "plan_tier", "plan_limit_now", "item_state", "charge"])
    steps: Mapping[int, list[Step]] = defaultdict(list)
    for key, first, last, unit, flat in build.engine.run(
        "select t.plan_key, t.first_unit, t.last_unit, t.unit_amount, t.flat_amount from plan_tier t "
        "join plan_current p "
        "on p.plan_key = t.plan_key and p.commit_id = t.commit_id and p.source_id = t.source_id and p.line = t.line "
        "order by t.plan_key, t.first_unit"
    ):
        steps[_int(key)].append(Step(_int(first), _int(last), _int(unit), _int(flat)))
    limits: Mapping[int, list[tuple[str, int]]] = defaultdict(list)
    for key, metric, quantity in build.engine.run(
        "select plan_key, metric, quantity from plan_limit_now order by plan_key, metric"
    ):
        limits[_int(key)].append((str(metric), _int(quantity)))
    rows = build.engine.run(
        "select p.plan_key, n.plan_id, coalesce(c.product_id, ''), "
        "coalesce(nullif(c.name, ''), c.product_id, n.plan_id), "
        "coalesce(c.role, 'base'), coalesce(c.family, ''), p.tier, p.currency, p.interval_count * 10 + case p.interval "
        "when 'day' then 1 when 'week' then 2 when 'month' then 3 else 4 end, p.amount, p.tiers_mode "
        "from plan_current p "
        "join plan n on n.plan_key = p.plan_key left join product_current c on c.product_key = p.product_key "
        "where (p.amount >= 0 or p.tiers_mode <> '') and p.plan_key not in "
        "(select plan_key from item_state where metered "
        "union select plan_key from charge) order by n.plan_id"
    )
    found = {
        str(name): Plan(
            str(name), str(product), str(said), str(role), str(family), _int(tier), str(code), _int(per), _int(amount),
            str(mode), tuple(steps.get(_int(key), ())), tuple(limits.get(_int(key), ())),
        )
        for key, name, product, said, role, family, tier, code, per, amount, mode in rows
    }  # fmt: skip
    if not found:
        raise Misuse("no-price-plans")
    return found


def chosen(known: Mapping[str, Plan], name: str, currency: str, per: int) -> Plan:
    """The plan called `name`, or the only one of the product `name` in this currency and interval.

    currency '': any. Misuse `unknown-plan` with those that there are.
    """
    fit = {i: p for i, p in known.items() if currency in ("", p.currency)}
    if name in fit:
        return fit[name]
    several = [p for p in fit.values() if p.product_id == name]
    alike = [p for p in several if p.per == per] or several
    if len(alike) == 1:
        return alike[0]
    listed = sorted(p.plan_id for p in (several or fit.values()))
    more = len(listed) - LISTED
    told = ", ".join(listed[:LISTED]) + (f", … (+{more})" if more > 0 else "")
    raise Misuse("unknown-plan", plan=name, currency=currency, known=told)


def _int(value: object) -> int:
    return int(str(value))
