"""The life of one account of Baan Ops, from its first day to 2026-10-31, as stretches of items and dated events.

Each account has its own stream of draws, so a change in one rule moves only the accounts that it touches.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import demo_catalogue as cat
from demo_items import Discount, Draw, Item, Stretch, add_months, welcome

START, END = date(2023, 10, 1), date(2026, 11, 1)
MIGRATION = date(2025, 2, 3)
TEAM_RISE = date(2026, 1, 1)
CAMPAIGN = date(2025, 9, 2), date(2025, 12, 12)
CAMPAIGN_PERCENT = 40

# Monthly hazards by tier: voluntary leaving, growing in seats, moving up a tier.
LEAVES = (0.030, 0.0155, 0.0098, 0.0059)
GROWS = (0.06, 0.08, 0.1, 0.13)
UPGRADES = (0.011, 0.006, 0.0025, 0.0)
SEATS = ((1.1, 0.45), (2.4, 0.5), (3.13, 0.5), (4.42, 0.38))
CARE = {"Agency": (1.75, 0.4)}
"""Industry → factor on leaving and shrinking, factor on growing."""


class Account:
    """One account: attributes, items, events, and the rules by which it lives."""

    def __init__(self, number: int, start: date, seed: str) -> None:
        self.account_id, self.draw, self.start = f"acc_{number:05d}", Draw(f"{seed}/{number}"), start
        draw = self.draw
        self.country, _, self.currency, self.words = draw.weighted((row, row[1]) for row in cat.COUNTRIES)
        self.industry = draw.weighted(cat.INDUSTRIES)
        self.worse, self.better = CARE.get(self.industry, (1.0, 1.0))
        self.items: list[Item] = []
        self.events: list[dict[str, object]] = []
        self.queue: list[tuple[date, int, Callable[[date], None]]] = []
        self.pushed = self.subscriptions = 0
        self.renews: date | None = None
        self.leaving = self.offered = False
        self.tier = draw.weighted(((0, 33), (1, 39), (2, 19), (3, 2.9 if self.worse == 1 else 2.2)))
        mean, spread = SEATS[self.tier]
        self.first_seats = max(math.floor(math.exp(mean + spread * draw.normal())), (1, 3, 8, 40)[self.tier])
        self.first_seats = min(self.first_seats, (9, 45, 220, 900)[self.tier])
        self.interval = "year" if draw.chance((0.12, 0.25, 0.45, 0.75)[self.tier]) else "month"
        self.employees = round(self.first_seats * draw.real(1.2, 7)) + 1
        self.owner = draw.one(cat.OWNERS) if self.tier >= 2 or draw.chance(0.15) else ""
        self.created = max(start - timedelta(draw.between(0, 9)), date(2023, 9, 20))

    def live_out(self) -> None:
        """Run the account from its first day to the end of the data."""
        self.at(self.start, self.sign_up)
        self.at(MIGRATION, self.migrate)
        self.at(TEAM_RISE, self.rise)
        if self.draw.chance(0.45):
            self.at(CAMPAIGN[0] + timedelta(self.draw.between(0, (CAMPAIGN[1] - CAMPAIGN[0]).days)), self.campaign)
        self.tick_later(self.start)
        while self.queue:
            day, _, act = heapq.heappop(self.queue)
            if self.start <= day < END:
                act(day)

    def at(self, day: date, act: Callable[[date], None]) -> None:
        """Do something on that day."""
        self.pushed += 1
        heapq.heappush(self.queue, (day, self.pushed, act))

    def tick_later(self, day: date) -> None:
        """The next monthly chance for something to happen: on a day from the 5th to the 27th."""
        self.at(add_months(day.replace(day=1), 1) + timedelta(self.draw.between(4, 26)), self.tick)

    def say(self, day: date, kind: str, **more: Any) -> None:
        """Record an event of that kind."""
        self.events.append({"account_id": self.account_id, "at": day, "kind": kind, **more})

    # What the account has -------------------------------------------------------------------------------------------

    @property
    def live(self) -> list[Item]:
        """Items that have not ended."""
        return [item for item in self.items if item.live]

    @property
    def base(self) -> Item | None:
        """The work-management item that it has now."""
        return next((i for i in self.live if i.now.plan.product in ("work", "classic")), None)

    def has(self, product: str) -> Item | None:
        """Its live item of that product."""
        return next((i for i in self.live if i.now.plan.product == product), None)

    def plan(self, tier: int, day: date, interval: str) -> cat.Plan:
        """The plan of that tier (from 0) as sold on that day."""
        name, tail = cat.TIERS[tier], f"_{interval}ly_{self.currency.lower()}"
        if day < MIGRATION:
            return cat.PLANS[f"classic_{name}{tail}"]
        return cat.PLANS[name + tail + ("_2026" if name == "team" and day >= TEAM_RISE else "")]

    def open(self, day: date, plan: cat.Plan, quantity: int, subscription: str = "", **more: Any) -> Item:
        """Start an item, in a subscription of its own unless one is given."""
        if not subscription:
            self.subscriptions += 1
            subscription = f"sub_{self.account_id[4:]}_{self.subscriptions}"
        first = Stretch(day, plan, quantity, **more)
        first.first_paid = first.first_paid or (day if first.status == "active" else None)
        item = Item(subscription, f"si_{self.account_id[4:]}_{len(self.items) + 1}", [first])
        self.items.append(item)
        return item

    def extra(self, name: str, interval: str) -> cat.Plan:
        """The price of an add-on, of Desk, or of the metered automation."""
        tail = "" if name == "automation" else f"_{interval}ly"
        return cat.PLANS[f"{name}{tail}_{self.currency.lower()}"]

    # Beginning and end ----------------------------------------------------------------------------------------------

    def sign_up(self, day: date) -> None:
        """First subscription, often with a trial, sometimes with a discount."""
        draw, tier = self.draw, self.tier
        trial = tier < 3 and draw.chance(0.4)
        status = "trialing" if trial else "incomplete" if draw.chance(0.02) else "active"
        late = day + timedelta(draw.between(1, 9)) if status == "active" and tier == 3 else None
        plan = self.plan(tier, day, self.interval)
        item = self.open(
            day,
            plan,
            self.first_seats,
            status=status,
            discount=welcome(draw, tier, day, self.interval),
            first_paid=late,
        )
        if status != "active":
            self.at(day + timedelta(14 if trial else draw.between(1, 3)), self.convert)
        elif self.interval == "year":
            self.renew_later(day)
        if tier == 3 and draw.chance(0.35):
            self.open(day, self.extra("sso", self.interval), 1, item.subscription, status=status)
        if tier and draw.chance(0.09):
            self.open(day, self.extra("automation", "month"), 1, item.subscription, status=status)
        self.say(day, "milestone", tag="signed_up")

    def convert(self, day: date) -> None:
        """A trial turns into a paying account, or not."""
        if not self.draw.chance(0.8):
            for item in self.live:
                item.finish(day, day - timedelta(2), None, "voluntary")
            return
        for item in self.live:
            item.change(day, status="active", first_paid=day)
        if self.interval == "year":
            self.renew_later(day)
        self.say(day, "milestone", tag="activated")

    def leave(self, day: date, requested: date | None, paid: date | None, reason: str) -> None:
        """Everything ends; some return later."""
        base = self.base
        for item in self.live:
            item.finish(day, requested, paid, reason)
        self.leaving = False
        if base and base.stretches and self.draw.chance(0.25 if reason == "involuntary" else 0.12):
            self.at(day + timedelta(self.draw.between(20, 260)), lambda later: self.come_back(later, base))

    def come_back(self, day: date, old: Item) -> None:
        """With the very item that ended, or in a new subscription of the same plan and mostly fewer seats."""
        if self.base is not None:
            return
        was = old.now
        plan = self.plan(was.plan.tier - 1, day, was.plan.interval)
        if plan == was.plan and self.draw.chance(0.3):
            old.stretches.append(Stretch(day, plan, was.quantity, first_paid=day))
        else:
            self.open(day, plan, min(max(1, round(was.quantity * self.draw.real(0.6, 1.1))), plan.seats))
        if plan.interval == "year":
            self.renew_later(day)
        self.say(day, "milestone", tag="came_back")

    # What happens on one day to all -----------------------------------------------------------------------------------

    def migrate(self, day: date) -> None:
        """The product line moves: each Classic item ends, the same plan of Work starts in the same subscription."""
        old = self.has("classic")
        if old is None:
            return
        was = old.now
        item = self.open(day, cat.PLANS[was.plan.plan_id.removeprefix("classic_")], was.quantity, old.subscription)
        item.stretches = [replace(was, start=day, plan=item.now.plan)]
        if was.discount and was.discount.over(day):
            item.now.discount = None
        old.finish(day)

    def rise(self, day: date) -> None:
        """Monthly Team accounts pay the new price at once; yearly ones from their renewal."""
        base = self.base
        if base and base.now.plan.tier == 2 and base.now.plan.interval == "month":
            base.change(day, plan=self.plan(1, day, "month"))

    # What happens by chance -------------------------------------------------------------------------------------------

    def tick(self, day: date) -> None:
        """At most one thing a month."""
        self.tick_later(day)
        base, draw = self.base, self.draw
        if base is None or self.leaving or base.now.status != "active" or base.now.start == day:
            return
        self.talk(day)
        tier, monthly = base.now.plan.tier - 1, base.now.plan.interval == "month"
        worse, better = self.worse, self.better
        pauses = (0.009 if self.industry == "Hospitality" else 0.002) if monthly and tier < 2 else 0
        acts = (
            (self.ask_to_leave, LEAVES[tier] * worse if monthly else 0),
            (self.grow, GROWS[tier] * better),
            (self.shrink, (0.019 if monthly else 0.008) * worse),
            (self.upgrade, UPGRADES[tier] * better),
            (self.downgrade, (0.003 if tier and monthly else 0) * worse),
            (self.buy_add_on, (0.002, 0.005, 0.011, 0.014)[tier] * better),
            (self.drop_extra, 0.014 * worse if len(self.live) > 1 else 0),
            (self.buy_desk, (0.0, 0.002, 0.006, 0.009)[tier] * better),
            (self.pay_late, 0.013 if monthly else 0.003),
            (self.pause, pauses),
            (self.go_yearly, 0.004 if monthly else 0),
        )
        act = draw.weighted((*acts, (None, 1 - sum(chance for _, chance in acts))))
        if act:
            act(day)

    def talk(self, day: date) -> None:
        """Touches, tickets and offers nobody took."""
        draw = self.draw
        if self.owner and draw.chance(0.12):
            self.say(day, "touch", channel=draw.one(("email", "call", "meeting")), person=draw.one(cat.PERSONS),
                     owner=self.owner, text=draw.one(cat.TOUCHES))  # fmt: skip
        if draw.chance(0.06 * self.worse):
            done = day + timedelta(draw.between(0, 12))
            late = done >= END
            self.say(day, "ticket", channel="support", person=draw.one(cat.PERSONS), text=draw.one(cat.TICKETS),
                     outcome="" if late else "resolved", outcome_at=None if late else done)  # fmt: skip
        if draw.chance(0.012):
            answer = min(day + timedelta(draw.between(1, 20)), END - timedelta(1))
            self.say(day, "offer", channel="email", tag="upgrade", discount_percent=0, owner=self.owner,
                     outcome="declined", outcome_at=answer)  # fmt: skip

    def ask_to_leave(self, day: date) -> None:
        """A monthly account asks to end; mostly it stays to the end of the month that it has paid."""
        if self.base is None or self.leaving or self.base.now.status != "active":
            return
        period = add_months(self.start, 1)
        while period <= day:
            period = add_months(period, 1)
        self.leaving = True
        end = day if self.draw.chance(0.15) else period
        self.at(end, lambda later: self.leave(later, day, period, "voluntary"))

    def renewal(self, day: date) -> None:
        """A year is over: leave, shrink or go on, at the price of the day."""
        base, draw = self.base, self.draw
        if base is None or day != self.renews or base.now.plan.interval != "year":
            return
        self.renew_later(day)
        if base.now.status != "active":
            return
        tier = base.now.plan.tier - 1
        if draw.chance(min(0.9, (1 - (1 - LEAVES[tier] * self.worse) ** 12) * 0.6)):
            self.leave(day, day - timedelta(draw.between(10, 60)), day, "voluntary")
            return
        if tier == 1 and day >= TEAM_RISE:
            base.change(day, plan=self.plan(1, day, "year"))
        if draw.chance(0.07 * self.worse):
            self.shrink(day)

    def renew_later(self, day: date) -> None:
        """The year that begins that day ends in a year."""
        self.renews = add_months(day, 12)
        self.at(self.renews, self.renewal)

    def resize(self, day: date, share: float) -> None:
        """More or fewer seats, one at least; past the plan's limit the next tier comes with them."""
        base = self.base
        assert base is not None
        was, plan = base.now.quantity, base.now.plan
        step = max(1, round(was * abs(share)))
        quantity = max(1, was + (step if share > 0 else -step))
        if quantity > plan.seats:
            plan = self.plan(plan.tier, day, plan.interval)
        base.change(day, quantity=quantity, plan=plan)

    def grow(self, day: date) -> None:
        """More seats."""
        self.resize(day, self.draw.real(0.08, 0.22))

    def shrink(self, day: date) -> None:
        """Fewer seats."""
        self.resize(day, -self.draw.real(0.08, 0.3))

    def upgrade(self, day: date, discount: Discount | None = None) -> None:
        """The next tier, mostly with more seats; a few regret it."""
        base, draw = self.base, self.draw
        assert base is not None
        was = base.now
        seats = max(math.ceil(was.quantity * draw.real(1.05, 1.35)), (1, 3, 8, 40)[was.plan.tier])
        plan = self.plan(was.plan.tier, day, was.plan.interval)
        base.change(day, plan=plan, quantity=seats, discount=discount or was.discount)
        if discount is None:
            if draw.chance(0.4):
                sent = day - timedelta(draw.between(0, 4))
                self.say(sent, "offer", channel="call", tag="upgrade", discount_percent=0, owner=self.owner,
                         outcome="accepted", outcome_at=day)  # fmt: skip
            if draw.chance(0.015):
                self.at(day + timedelta(draw.between(25, 160)), self.downgrade)
        elif draw.chance(0.42) and discount.until:
            regret = self.downgrade if draw.chance(0.62) else self.ask_to_leave
            self.at(discount.until + timedelta(draw.between(2, 50)), regret)

    def campaign(self, day: date) -> None:
        """Autumn 2025: an upgrade at 40 % off for three months, for monthly Starter and Team accounts."""
        base, draw = self.base, self.draw
        fits = base and not self.leaving and base.now.plan.tier <= 2 and base.now.plan.interval == "month"
        if not base or not fits or base.now.status != "active" or base.now.discount or (day - base.now.start).days < 5:
            return
        sent = day - timedelta(draw.between(0, 6))
        outcome = draw.weighted((("accepted", 34), ("declined", 30), ("", 36)))
        self.say(sent, "offer", channel="email", tag="autumn_2025", discount_percent=CAMPAIGN_PERCENT, owner=self.owner,
                 outcome=outcome, outcome_at=day if outcome else None)  # fmt: skip
        if outcome == "accepted":
            self.upgrade(day, Discount("repeating", CAMPAIGN_PERCENT, 0, add_months(day, 3)))

    def downgrade(self, day: date) -> None:
        """The tier below, as far as its limit of seats allows."""
        base = self.base
        if base is None or self.leaving or base.now.status != "active" or base.now.plan.tier == 1:
            return
        plan = self.plan(base.now.plan.tier - 2, day, base.now.plan.interval)
        base.change(day, plan=plan, quantity=min(base.now.quantity, plan.seats))

    def buy_add_on(self, day: date) -> None:
        """An add-on it lacks, or the metered automation, into the base subscription."""
        base = self.base
        missing = [product for product in (*cat.ADD_ONS, "automation") if not self.has(product)]
        if base and missing:
            plan = self.extra(self.draw.one(missing), base.now.plan.interval)
            self.open(day, plan, 1, base.subscription)

    def buy_desk(self, day: date) -> None:
        """Desk for some of the people, in a subscription of its own; later for more of them."""
        desk, base = self.has("desk"), self.base
        if desk:
            desk.change(day, quantity=desk.now.quantity + self.draw.between(1, 4))
        elif base:
            agents = max(2, round(base.now.quantity * self.draw.real(0.08, 0.3)))
            name = self.draw.one(("desk_standard", "desk_standard", "desk_plus"))
            self.open(day, self.extra(name, base.now.plan.interval), agents)

    def drop_extra(self, day: date) -> None:
        """An add-on or Desk ends."""
        extra = self.draw.one(item for item in self.live if item is not self.base)
        extra.finish(day, day, day, "voluntary")

    def go_yearly(self, day: date) -> None:
        """Pay for a year at once; its other items stay monthly."""
        base = self.base
        assert base is not None
        base.change(day, plan=self.plan(base.now.plan.tier - 1, day, "year"), discount=None)
        self.renew_later(day)

    def set_status(self, day: date, status: str) -> None:
        """All items together."""
        for item in self.live:
            item.change(day, status=status)

    def pause(self, day: date) -> None:
        """Paused for one to three months, then on again or gone."""
        self.set_status(day, "paused")
        later = day + timedelta(self.draw.between(28, 92))
        if self.draw.chance(0.82):
            self.at(later, lambda then: self.set_status(then, "active"))
        else:
            self.at(later, lambda then: self.leave(then, then, then, "voluntary"))

    def pay_late(self, day: date) -> None:
        """Past due, then paid, unpaid or ended by the billing system."""
        self.set_status(day, "past_due")
        later, way = day + timedelta(self.draw.between(3, 24)), self.draw.unit()
        if way < 0.74:
            self.at(later, lambda then: self.set_status(then, "active"))
        elif way < 0.86:
            self.at(later, lambda then: self.leave(then, None, day, "involuntary"))
        else:
            self.at(later, lambda then: self.set_status(then, "unpaid"))
            after = later + timedelta(self.draw.between(10, 30))
            if self.draw.chance(0.3):
                self.at(after, lambda then: self.set_status(then, "active"))
            else:
                self.at(after, lambda then: self.leave(then, None, day, "involuntary"))
