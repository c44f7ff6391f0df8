"""What an account has that a quote can change: its items with their price, terms and present billing period.

Comes in: a Build and an account's key. Goes out: Items. A period is known where the item's rows say when it began, or
through which day it is paid; where they do not (monthly figures, ready-made changes, sightings) it is not guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import prod

from rollforward import proration
from rollforward.answers.catalogue import Plan
from rollforward.build import Build
from rollforward.proration import Price, Span

_FAR = 9999
_PPM, _WHOLE = 10**6, 10**12
_LATE = ("past_due", "unpaid", "incomplete")


@dataclass(frozen=True)
class Item:
    """One line that an account has. mrr: minor units, as the policy counts it; anchor: a day on which a billing period
    began, None where that cannot be known; metered: billed by use, so that it has no price of its own; ends: the
    first day without it, if that is recorded; is_late: its present period is not paid."""

    item_key: int
    subscription_id: str
    product_id: str
    plan_id: str
    role: str
    family: str
    tier: int
    currency: str
    quantity: int
    per: int
    price: Price
    mrr: int
    anchor: date | None
    metered: bool
    ends: date | None = None
    is_late: bool = False

    def period(self, on: date) -> Span | None:
        """The billing period that holds `on`; None where it cannot be known."""
        return None if self.anchor is None else proration.period(self.anchor, self.per, on)


def items(build: Build, key: int, known: Mapping[str, Plan]) -> list[Item]:
    """The items of an account now, the largest first."""
    build.need(["held_item", "item", "product_current", "plan", "plan_current", "item_state", "source_file", "charge",
                "item_step", "terms", "currency_weight"])  # fmt: skip
    rows = build.engine.run(
        "select h.item_key, i.subscription_id, coalesce(c.product_id, ''), coalesce(n.plan_id, ''), "
        "coalesce(c.role, 'base'), coalesce(c.family, ''), coalesce(m.tier, 0), h.currency, h.quantity, h.per, "
        "h.amount, h.kept, h.cut, h.mrr, h.from_at, s.paid_through, "
        "s.discount1_ppm, s.discount1_amount, s.discount1_kind, s.discount1_until, "
        "s.discount2_ppm, s.discount2_amount, s.discount2_kind, s.discount2_until, "
        "coalesce(s.source_kind, '-'), coalesce(f.snapshot, ''), coalesce(s.metered, h.item_key in "
        "(select item_key from charge)), s.valid_to, coalesce(s.status, '') "
        "from held_item h join item i on i.item_key = h.item_key "
        "left join item_state s on s.item_key = h.item_key and s.source_id = h.source_id and s.line = h.line "
        "and s.valid_from <= h.from_at and s.valid_to > h.from_at left join source_file f on f.source_id = h.source_id "
        "left join plan n on n.plan_key = h.plan_key left join plan_current m on m.plan_key = h.plan_key "
        "left join product_current c on c.product_key = coalesce(nullif(h.product_key, 0), m.product_key, 0) "
        "left join currency_weight w on w.currency = h.currency "
        f"where h.account_key = {key} order by h.mrr::hugeint * coalesce(w.weight, 1) desc, i.subscription_id, "
        "i.item_id"
    )
    found = []
    known_to = build.range().known_to
    for (item, sub, product, plan, role, family, tier, code, quantity, per, amount, kept, cut, mrr, since, paid, *told,
         kind, snapshot, metered, ends, status) in rows:  # fmt: skip
        assert isinstance(since, datetime)
        dated = kind in ("subscriptions", "contracts") or (kind == "" and snapshot != "sighting")
        per_, paid_to = int(str(per)), _day(paid)
        began = _began(build, int(str(item)), per_, since.date()) if dated and snapshot != "sighting" else None
        lasting = _discounts((told[:4], told[4:]), build.policy.discounts, known_to)
        price = _price(int(str(amount)), int(str(kept)), int(str(cut)), lasting)
        found.append(
            Item(
                int(str(item)), str(sub), str(product), str(plan), str(role), str(family), int(str(tier)), str(code),
                int(str(quantity)), per_, price, int(str(mrr)), _anchor(began, paid_to, per_), bool(metered),
                _day(ends), status in _LATE,
            )
        )  # fmt: skip
    return found


def _discounts(
    told: Iterable[Sequence[object]], kinds: Collection[str], known_to: date
) -> list[tuple[date, int, int]]:  # fmt: skip
    """Discounts that are in the price after the last day known: their end (`date.max`: none), millionths and amount.

    One that ended before says nothing of how long the price holds, nor does one that the policy does not subtract.
    """
    found = []
    for ppm, amount, kind, until in told:
        end = _day(until) or date.max
        if kind in kinds and (ppm or amount) and end >= known_to:
            found.append((end, int(str(ppm)), int(str(amount))))
    return sorted(found)


def _price(amount: int, kept: int, cut: int, lasting: Sequence[tuple[date, int, int]]) -> Price:
    """The price with a step for each day on which one of its discounts ends."""
    if not lasting or lasting[0][0] == date.max:
        return Price(amount, kept, cut)
    until = lasting[0][0]
    rest = [d for d in lasting if d[0] > until]
    left = prod((_PPM - ppm for _end, ppm, _amount in rest), start=_WHOLE // _PPM ** len(rest))
    off = sum(a for _end, _ppm, a in rest)
    return Price(amount, kept, cut, until, _price(amount, left, off, rest) if rest else None)


def _began(build: Build, item: int, per: int, since: date) -> date:
    """When an unbroken stretch at this interval, up to the present terms, began; a link hands it on as it is."""
    rows = build.engine.run(
        "select cast(s.from_at as date), cast(s.to_at as date), t.per from item_step s join terms t "
        f"on t.terms_key = s.terms_key where s.item_key = {item} and cast(s.from_at as date) <= date '{since}' "
        "order by s.from_at desc, s.to_at desc"
    )
    began = since
    for start, end, every in rows:
        assert isinstance(start, date) and isinstance(end, date)
        if every != per or end < began:
            break
        began = start
    return began


def _anchor(began: date | None, paid_to: date | None, per: int) -> date | None:
    """The day on which it began, unless the day through which it is paid says otherwise."""
    if paid_to is None:
        return began
    if began is not None and proration.period(began, per, paid_to).start == paid_to:
        return began
    return paid_to


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) and value.year < _FAR else None
