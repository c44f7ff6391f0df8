"""Segments in plain Python (decision 0011, definitions.md sections 4 and 5): each account is walked through its days.

`Question(segment, where)` asks by one dimension, inside others. Windows are days. Amounts are minor units; a set of
accounts is small, so every balance is added up again from the items' stretches whenever it is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from reference.books import books
from reference.counting import Stretch
from reference.facts import BEGINNING, NO_CATALOGUE, OPEN_END, Catalogue
from reference.files import File, major, moment, next_month, to_catalogue, to_coverage, to_events, to_states
from reference.ledger import LedgerRow
from reference.movements import movements

UNKNOWN = "unknown"
ITEM_DIMENSIONS = ("product", "plan", "family", "interval", "currency")
BANDS = {
    "size_band": (("small", 0), ("medium", 500), ("large", 5000)),
    "lifecycle_stage": (("onboarding", 0), ("adopting", 90), ("established", 365)),
}
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)

Steps = list[tuple[datetime, str]]
"""A value and the moment from which it holds, in order; before the first it is unknown."""


@dataclass(frozen=True)
class Question:
    """`segment` '' is no split; `where` keeps what has all these values."""

    segment: str = ""
    where: tuple[tuple[str, str], ...] = ()

    @property
    def dimensions(self) -> set[str]:
        return {d for d in (self.segment, *(d for d, _ in self.where)) if d}


@dataclass(frozen=True)
class Part:
    """What a segment has of one account's day: a class, an amount, and by how much its number of accounts changes."""

    account: str
    currency: str
    on_date: date
    segment: str
    movement: str
    amount: int
    accounts: int


@dataclass
class World:
    """All that was told: ledger rows, the stretches of all items, attributes and the catalogue."""

    rows: Sequence[LedgerRow]
    stretches: Sequence[Stretch]
    files: Sequence[File] = ()
    catalogue: Catalogue = NO_CATALOGUE
    use: Mapping[str, Any] = field(default_factory=dict)
    """`[bands.usage_level]` of the policy: `metric` and each level with the use from which it counts."""
    known_to: date = date.max
    """First day of which nothing is known: what changes its segment from then on is in no row."""
    attributes: dict[tuple[str, str], list[tuple[datetime, str]]] = field(default_factory=dict)
    """(account, dimension) -> (since, value) in the order in which they were recorded."""

    def __post_init__(self) -> None:
        self.attributes = attributes(self.files)
        self.accounts = sorted({r.account for r in self.rows})
        self.currencies = sorted({r.currency for r in self.rows})
        self.moved = {(m.account, m.on_date, m.currency): m.movement for m in movements(self.rows)}
        self.opened = {r.account: r.on_date for r in self.rows if r.rule == "opening"}
        self.mine: dict[str, list[Stretch]] = defaultdict(list)
        for s in self.stretches:
            if s.mrr > 0:
                self.mine[s.state.account].append(s)
        self._known: dict[tuple[str, str], Steps] = {}

    # -- values ------------------------------------------------------------------------------------------------

    def place(self, asked: Question, account: str, at: datetime) -> str | None:
        """The segment of an account by its own dimensions; None where it is not inside."""
        for dimension, wanted in asked.where:
            if dimension not in ITEM_DIMENSIONS and self.value(account, dimension, at) != wanted:
                return None
        if not asked.segment or asked.segment in ITEM_DIMENSIONS:
            return ""
        return self.value(account, asked.segment, at)

    def value(self, account: str, dimension: str, at: datetime) -> str:
        """The latest recorded of the values that hold at a moment."""
        told = [value for since, value in self.steps(account, dimension) if since <= at]
        return (told[-1] if told else UNKNOWN) or UNKNOWN

    def steps(self, account: str, dimension: str) -> Steps:
        key = (account, dimension)
        if key not in self._known:
            derive = {"cohort": self._cohort, "lifecycle_stage": self._stage, "size_band": self._size}.get(dimension)
            if dimension in ("plan_tier", "usage_level"):
                derive = self._tier if dimension == "plan_tier" else self._level
            self._known[key] = derive(account) if derive else self.attributes.get(key, [])
        return self._known[key]

    def _cohort(self, account: str) -> Steps:
        first = self.first(account)
        if first == date.max:
            return []
        told = account in self.opened and self.opened[account] == first
        return [(BEGINNING, f"before {first}" if told else f"{first:%Y-%m}")]

    def _stage(self, account: str) -> Steps:
        first = self.first(account)
        if first == date.max:
            return []
        (name, _), *later = BANDS["lifecycle_stage"]
        return [(BEGINNING, name), *((midnight(first) + days * DAY, band) for band, days in later)]

    def _size(self, account: str) -> Steps:
        def band(items: list[Stretch]) -> str:
            total = sum(Decimal(major(s.mrr, s.state.currency)) for s in items)
            return max((low, name) for name, low in BANDS["size_band"] if low <= total)[1]

        return self._after_windows(account, band)

    def _tier(self, account: str) -> Steps:
        def tier(items: list[Stretch]) -> str:
            plans = self.catalogue.plans
            highest = max(plans[s.state.plan].tier if s.state.plan in plans else 0 for s in items)
            return f"tier {highest}" if highest else "no tier"

        return self._after_windows(account, tier)

    def _level(self, account: str) -> Steps:
        """The level of what was used in a month holds for the month after it, which else is unknown."""
        said: dict[tuple[str, datetime], tuple[datetime, Decimal]] = {}
        for file in self.files:
            for row in file.rows if file.kind == "usage" else ():
                if (row["account_id"], row["metric"]) == (account, self.use["metric"]):
                    key = (row.get("feature", ""), moment(row["at"]))
                    recorded = moment(row.get("recorded_at", ""), file.recorded_at)
                    if key not in said or said[key][0] <= recorded:
                        said[key] = recorded, Decimal(row["quantity"])
        months: dict[datetime, Decimal] = defaultdict(Decimal)
        for (_, at), (_, quantity) in said.items():
            months[midnight(next_month(at).date())] += quantity
        levels = [(low, name) for name, low in self.use.items() if name != "metric"]
        steps = {next_month(month): UNKNOWN for month in months}
        return sorted({**steps, **{m: max(b for b in levels if b[0] <= n)[1] for m, n in months.items()}}.items())

    def _after_windows(self, account: str, value: Callable[[list[Stretch]], str]) -> Steps:
        """A derived value changes right after the window that changes it; one that becomes active has it at once."""
        found: Steps = []
        if account in self.opened:
            found.append((BEGINNING, value(self.standing(account, self.opened[account], opening=True))))
        for day in self.days(account):
            items = self.standing(account, day + DAY)
            if items:
                begins = not self.standing(account, day, opening=True)
                found.append((midnight(day if begins else day + DAY), value(items)))
        return found

    def first(self, account: str) -> date:
        """The first day at whose end the account has MRR; 9999-12-31 = never."""
        days = [d for d in self.days(account) if self.standing(account, d + DAY)]
        return min([*days, *(d for a, d in self.opened.items() if a == account), date.max])

    def days(self, account: str) -> list[date]:
        """Days on which anything of the account starts or ends; a balance that stood before is an own day."""
        own = self.mine[account]
        return sorted({t.date() for s in own for t in (s.valid_from, s.valid_to) if t.year < 9999})

    # -- balances ----------------------------------------------------------------------------------------------

    def held(self, account: str, currency: str, day: date, split: str = "", opening: bool = False) -> dict[str, int]:
        """MRR at the first instant of a day by item value; with `opening` what coverage finds there stands already."""
        found: dict[str, int] = defaultdict(int)
        for s in self.standing(account, day, opening):
            if s.state.currency == currency:
                found[self.item_value(s, split)] += s.mrr
        return found

    def standing(self, account: str, day: date, opening: bool = False) -> list[Stretch]:
        """What pays at the first instant of a day."""
        at, opened = midnight(day), opening and self.opened.get(account) == day
        return [
            s
            for s in self.mine[account]
            if s.valid_from < at <= s.valid_to
            or (opened and s.valid_from.date() == day and s.state.source_kind == "monthly")
        ]

    def item_value(self, s: Stretch, dimension: str) -> str:
        state = s.state
        count = state.interval_count
        told = {
            "": "",
            "product": state.product,
            "plan": state.plan,
            "family": self.catalogue.family(state.product),
            "interval": state.interval if count == 1 else f"{count} {state.interval}s",
            "currency": state.currency,
        }[dimension]
        return told or ("" if not dimension else UNKNOWN)


def world(files: Sequence[File], use: Mapping[str, Any] | None = None) -> World:
    """What the files say of the time that they cover, under the default policy: as in an incomplete period's row."""
    catalogue, coverage = to_catalogue(files), to_coverage(files)
    told = books(to_states(files), to_events(files), catalogue, coverage=coverage)
    known_to = midnight(min([OPEN_END, *(max(to for _, to in windows) for windows in coverage.values())]).date())
    rows = [r for r in told.rows if r.occurred_at < known_to]
    stretches = [
        replace(s, valid_to=s.valid_to if s.valid_to < known_to else OPEN_END)
        for s in told.stretches
        if s.valid_from < known_to
    ]
    return World(rows, stretches, files, catalogue, use or {}, known_to.date())


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def attributes(files: Iterable[File]) -> dict[tuple[str, str], list[tuple[datetime, str]]]:
    """The first value without a date holds since ever, later ones from when they were recorded."""
    found: dict[tuple[str, str], list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for file in files:
        if file.kind == "accounts":
            for row in file.rows:
                recorded = moment(row.get("recorded_at", ""), file.recorded_at)
                for dimension, value in row.items():
                    if value and dimension not in ("account_id", "valid_from", "recorded_at"):
                        told = found[row["account_id"], dimension]
                        since = moment(row.get("valid_from", ""), recorded if told else BEGINNING)
                        told.append((recorded, since, value))
    return {key: [(s, v) for _, s, v in sorted(rows, key=lambda r: r[0])] for key, rows in found.items()}


# -- the roll-forward ------------------------------------------------------------------------------------------------


def parts(world: World, asked: Question) -> list[Part]:
    """Every day of every account, split; opening balances are parts too."""
    return [p for account in world.accounts for p in _walk(world, asked, account) if p.amount or p.accounts]


def _walk(world: World, asked: Question, account: str) -> list[Part]:
    split = next((d for d in sorted(asked.dimensions) if d in ITEM_DIMENSIONS), "")
    wanted = [v for d, v in asked.where if d == split and split]
    found: list[Part] = []

    def book(currency: str, day: date, place: str | None, kind: str, value: str, amount: int, accounts: int) -> None:
        if place is not None and all(value == w for w in wanted):
            segment = value if asked.segment and asked.segment == split else place
            found.append(Part(account, currency, day, segment, kind, amount, accounts))

    def cross(day: date, old: str | None, new: str | None, held: dict[str, dict[str, int]]) -> None:
        for currency, values in held.items():
            for value, amount in values.items():
                if old != new:
                    book(currency, day, old, "transfer", value, -amount, -1)
                    book(currency, day, new, "transfer", value, amount, 1)

    changes = {t.date() for d in asked.dimensions for t, _ in world.steps(account, d) if t > BEGINNING}
    for day in sorted(d for d in {*world.days(account), *changes} if d < world.known_to):
        start, last = midnight(day), midnight(day + DAY) - TICK
        at_start, at_end = world.place(asked, account, start), world.place(asked, account, last)
        stood = {c: world.held(account, c, day, split) for c in world.currencies}
        before = {c: world.held(account, c, day, split, opening=True) for c in world.currencies}
        after = {c: world.held(account, c, day + DAY, split) for c in world.currencies}
        cross(day, world.place(asked, account, start - TICK), at_start, stood)
        for c in world.currencies:
            for value in before[c].keys() - stood[c].keys():
                book(c, day, at_start, "opening", value, before[c][value], 1)
        was_active = any(before.values())
        place = at_start if was_active else at_end
        for c in world.currencies:
            kind = world.moved.get((account, day, c), "")
            x = {v: after[c].get(v, 0) - before[c].get(v, 0) for v in before[c].keys() | after[c].keys()}
            for v, (moved, crossed) in pro_rata(x).items():
                entered = (after[c].get(v, 0) > 0) - (before[c].get(v, 0) > 0)
                book(c, day, place, "transfer", v, crossed, 0 if moved else entered)
                book(c, day, place, kind, v, moved, entered if moved else 0)
        if was_active:
            cross(day, at_start, at_end, after)
    return found


def pro_rata(x: dict[str, int]) -> dict[str, tuple[int, int]]:
    """value -> (what has the account's class, what is transfer): against the sum all is transfer, along it a share."""
    total = sum(x.values())
    sign = 1 if total >= 0 else -1
    against = -sum(sign * n for n in x.values() if sign * n < 0)
    along = sum(sign * n for n in x.values() if sign * n > 0)
    found = {}
    seen = 0
    for value in sorted(x):
        n = sign * x[value]
        if n <= 0:
            found[value] = (0, sign * n)
        else:
            share = _half_up(against * (seen + n), along) - _half_up(against * seen, along)
            seen += n
            found[value] = (sign * (n - share), sign * share)
    return found


def _half_up(a: int, b: int) -> int:
    return (2 * a + b) // (2 * b)


KINDS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer")


def segment_roll_forward(
    world: World, asked: Question, periods: Iterable[tuple[date, date]]
) -> list[dict[str, object]]:
    """By currency, segment and period; all segments that ever had anything."""
    every: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts(world, asked):
        every[part.currency, part.segment].append(part)
    found: list[dict[str, object]] = []
    for start, end in periods:
        for (currency, segment), mine in sorted(every.items()):
            earlier = [p for p in mine if p.on_date < start or (p.movement == "opening" and p.on_date < end)]
            inside = [p for p in mine if start <= p.on_date < end and p.movement != "opening"]
            row: dict[str, object] = {"period": start, "currency": currency, "segment": segment}
            row["opening"] = sum(p.amount for p in earlier)
            row |= {kind: sum(p.amount for p in inside if p.movement == kind) for kind in KINDS}
            row["closing"] = sum(p.amount for p in [*earlier, *inside])
            row["accounts_opening"] = sum(p.accounts for p in earlier)
            row["accounts_new"] = sum(p.movement == "new" for p in inside)
            row["accounts_reactivated"] = sum(p.movement == "reactivation" for p in inside)
            row["accounts_expanded"] = len({p.account for p in inside if p.movement == "expansion" and p.amount})
            row["accounts_contracted"] = len({p.account for p in inside if p.movement == "contraction" and p.amount})
            row["accounts_churned"] = sum(p.movement == "churn" for p in inside)
            row["accounts_transfer"] = sum(
                p.accounts for p in inside if p.movement in ("transfer", "expansion", "contraction")
            )
            row["accounts_closing"] = sum(p.accounts for p in [*earlier, *inside])
            found.append(row)
    return found
