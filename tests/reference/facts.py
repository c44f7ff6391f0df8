"""What the reference is told: item states, ready-made changes, the catalogue and the policy, as plain records.

Money is an integer in the currency's minor unit, times are naive UTC; 9999-12-31 is an open end,
'' and 0 are "not said".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

BEGINNING = datetime(1, 1, 1)
OPEN_END = datetime(9999, 12, 31)

RANK_INVOICE, RANK_FILE, RANK_CHANGE, RANK_OBJECT, RANK_CORRECTION = 1, 2, 3, 4, 5

DRIVERS = ("plan", "product", "add_on", "seats", "usage", "price", "discount", "other")

ItemKey = tuple[str, str]
"""(subscription_id, item_id), decision 0001."""


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

    @property
    def item(self) -> ItemKey:
        return (self.subscription_id, self.item_id)

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

    @property
    def item(self) -> ItemKey:
        return (self.subscription_id, self.item_id)


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


@dataclass(frozen=True)
class Policy:
    """The settings of definitions.md section 6 that the reference uses, at their defaults."""

    counting: frozenset[str] = frozenset({"active", "past_due"})
    subtracted: frozenset[str] = frozenset({"forever", "repeating"})
    week_factor: Fraction = Fraction(52, 12)
    day_factor: Fraction = Fraction(365, 12)

    def month_factor(self, interval: str, count: int) -> Fraction:
        """What an amount per interval is multiplied with to be an amount per month."""
        base = {"month": Fraction(1), "year": Fraction(1, 12), "week": self.week_factor, "day": self.day_factor}
        return base[interval] / count


DEFAULT = Policy()

Coverage = dict[str, list[tuple[datetime, datetime]]]
"""Source kind -> the union of what its imports cover; a kind that is absent covers all time (decision 0005)."""
