"""What the reference is told: item states, ready-made changes, charges, links and the catalogue, as plain records.

Money is an integer in the currency's minor unit, times are naive UTC; 9999-12-31 is an open end,
'' and 0 are "not said". `dated` facts were given as plain dates, which stay on those dates in every time zone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

BEGINNING = datetime(1, 1, 1)
OPEN_END = datetime(9999, 12, 31)

RANK_INVOICE, RANK_FILE, RANK_CHANGE, RANK_OBJECT, RANK_CORRECTION = 1, 2, 3, 4, 5

DRIVERS = ("plan", "product", "add_on", "seats", "usage", "price", "discount", "other")

Clock = Callable[[datetime], datetime]

ItemKey = tuple[str, str]
"""(subscription_id, item_id), decision 0001."""

LineKey = tuple[str, ...]
"""What follows in time: an item; of charges and ready-made changes, those of one account and currency."""

ADDED = ("changes", "charges")
"""Kinds that say by how much MRR moves, or what was used; not what an item is."""


@dataclass(frozen=True)
class Discount:
    """`ppm` millionths of the list amount and `amount` minor units per interval, until the moment `until`."""

    ppm: int = 0
    amount: int = 0
    kind: str = "forever"
    until: datetime = OPEN_END


@dataclass(frozen=True)
class State:
    """What was said of an item over [valid_from, valid_to); `amount` is for the whole quantity and interval."""

    subscription_id: str
    item_id: str
    account: str
    product: str
    plan: str
    currency: str
    valid_from: datetime
    valid_to: datetime
    replaces_from: datetime
    recorded_at: datetime
    commit: int
    amount: int
    rank: int = RANK_FILE
    status: str = "active"
    metered: bool = False
    quantity: int = 0
    interval: str = "month"
    interval_count: int = 1
    discounts: tuple[Discount, ...] = ()
    source_kind: str = "subscriptions"
    cancel_requested_at: datetime = OPEN_END
    paid_through: datetime = OPEN_END
    first_paid_at: datetime = OPEN_END
    dated: bool = True
    told_of: str = ""
    """Of ADDED kinds, the account before links of the kind `acquired` hand it over."""

    @property
    def item(self) -> ItemKey:
        return (self.subscription_id, self.item_id)

    @property
    def line(self) -> LineKey:
        return (*self.item, self.source_kind, self.told_of, self.currency) if self.source_kind in ADDED else self.item

    def at_times(self, clock: Clock) -> State:
        """The same state with every moment but `recorded_at` put through `clock`."""
        moments = ("valid_from", "valid_to", "replaces_from", "cancel_requested_at", "paid_through", "first_paid_at")
        discounts = tuple(replace(d, until=clock(d.until)) for d in self.discounts)
        return replace(self, **{name: clock(getattr(self, name)) for name in moments}, discounts=discounts)

    @property
    def moment(self) -> tuple[int, datetime, int]:
        return (self.rank, self.recorded_at, self.commit)


@dataclass(frozen=True)
class Event:
    """A ready-made change of an item's MRR by `delta` (kind `changes`)."""

    subscription_id: str
    item_id: str
    account: str
    product: str
    plan: str
    currency: str
    occurred_at: datetime
    delta: int
    recorded_at: datetime
    driver: str = ""
    quantity_delta: int = 0
    dated: bool = True

    @property
    def item(self) -> ItemKey:
        return (self.subscription_id, self.item_id)

    def at_times(self, clock: Clock) -> Event:
        """The same change at `clock`'s time."""
        return replace(self, occurred_at=clock(self.occurred_at))


@dataclass(frozen=True)
class Charge:
    """What use cost over [service_from, service_to), billed at `invoiced_at` (open end = not said)."""

    subscription_id: str
    item_id: str
    account: str
    product: str
    plan: str
    currency: str
    metric: str
    service_from: datetime
    service_to: datetime
    amount: int
    recorded_at: datetime
    invoiced_at: datetime = OPEN_END
    dated: bool = True

    @property
    def item(self) -> ItemKey:
        """An item of its own, never the licensed one."""
        return (self.subscription_id, "/".join(n for n in (self.item_id, self.metric) if n))

    def at_times(self, clock: Clock) -> Charge:
        """The same charge at `clock`'s times."""
        moments = ("service_from", "service_to", "invoiced_at")
        return replace(self, **{name: clock(getattr(self, name)) for name in moments})


@dataclass(frozen=True)
class Link:
    """Account `from_account` is `to_account`: `same` at all times, `acquired` from `valid_from` on; or never was."""

    from_account: str
    to_account: str
    kind: str
    recorded_at: datetime
    valid_from: datetime = BEGINNING
    dated: bool = True
    removed: bool = False

    def at_times(self, clock: Clock) -> Link:
        """The same link at `clock`'s time."""
        return replace(self, valid_from=clock(self.valid_from))


@dataclass(frozen=True)
class Product:
    """A product of the catalogue; family '' is the product itself."""

    id: str
    role: str = "base"
    family: str = ""


@dataclass(frozen=True)
class Tier:
    """Units first..last cost `unit` each, and `flat` once when the step is reached."""

    first: int
    last: int
    unit: int
    flat: int = 0


@dataclass(frozen=True)
class PlanEntry:
    """A plan of the catalogue; amount None and no tiers = no price list, tier 0 = not said."""

    id: str
    product: str = ""
    tier: int = 0
    amount: int | None = None
    currency: str = ""
    interval: str = "month"
    interval_count: int = 1
    tiers_mode: str = ""
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Products and plans by id."""

    products: dict[str, Product] = field(default_factory=dict)
    plans: dict[str, PlanEntry] = field(default_factory=dict)

    def is_add_on(self, product: str) -> bool:
        return product in self.products and self.products[product].role == "add_on"

    def family(self, product: str) -> str:
        """The family of a product; without an entry, or with an empty family, the product itself."""
        entry = self.products.get(product)
        return entry.family if entry and entry.family else product


NO_CATALOGUE = Catalogue()


Coverage = dict[str, list[tuple[datetime, datetime]]]
"""Source kind -> the union of what its imports cover; a kind that is absent covers all time (decision 0005)."""
