"""The ledger: one row for each change of one item's MRR, its drivers and the rule that gave them (decision 0004)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from reference.belief import Stretch, believed, by_item, covered, item_mrr, unscheduled
from reference.drivers import Exact, change, plan_or_price, rounded
from reference.facts import (
    BEGINNING,
    DEFAULT,
    DRIVERS,
    NO_CATALOGUE,
    OPEN_END,
    RANK_CHANGE,
    Catalogue,
    Coverage,
    Event,
    ItemKey,
    Policy,
    State,
)

UNDATED = frozenset({"monthly", "sighting"})
"""Kinds of source without start dates: what pays where their coverage begins was there before."""


@dataclass(frozen=True)
class LedgerRow:
    """One change of one item's MRR; `drivers` are in the order of DRIVERS and sum to `delta` (minor units)."""

    account: str
    subscription_id: str
    item_id: str
    product: str
    plan: str
    currency: str
    occurred_at: datetime
    delta: int
    drivers: tuple[int, ...]
    rule: str

    @property
    def on_date(self) -> date:
        return self.occurred_at.date()


@dataclass(frozen=True)
class Step:
    """An item at the moment `at`: a state that ends, a state that starts, or both. `said` is a ready-made change."""

    before: Stretch | None
    after: Stretch | None
    at: datetime
    said: Event | None = None

    @property
    def delta(self) -> int:
        if self.said:
            return self.said.delta
        return (self.after.mrr if self.after else 0) - (self.before.mrr if self.before else 0)

    @property
    def shown(self) -> Stretch:
        """The state whose account, product, plan and currency the row carries: the counted one, the new one of two."""
        sides = [s for s in (self.after, self.before) if s]
        return next((s for s in sides if s.counted), sides[0])


def ledger(
    states: Iterable[State],
    events: Iterable[Event] = (),
    catalogue: Catalogue = NO_CATALOGUE,
    policy: Policy = DEFAULT,
    as_of: datetime = OPEN_END,
    coverage: Coverage | None = None,
) -> list[LedgerRow]:
    """All rows with a delta, by account and time (losses first), from everything that was ever said.

    `states` are as told, uncut; what takes effect after `as_of` is in no row.
    """
    known = [e for e in events if e.recorded_at <= as_of and e.occurred_at <= as_of]
    given = {e.item for e in known}
    used = [_with_product(s, catalogue) for s in states if s.item not in given or s.rank >= RANK_CHANGE]
    current = unscheduled(covered(believed(used, as_of), coverage or {}), as_of)
    items: dict[ItemKey, list[Stretch]] = {
        item: item_mrr(rows, policy, as_of) for item, rows in by_item(current).items()
    }
    steps = [step for stretches in items.values() for step in steps_of(stretches)]
    for item in sorted(given):
        of_item = sorted((e for e in known if e.item == item), key=lambda e: e.occurred_at)
        stretches = from_events(of_item)
        steps += steps_of_events(stretches, of_item)
        items[item] = stretches
    return Booking(items, catalogue, coverage or {}).rows(steps)


def _with_product(state: State, catalogue: Catalogue) -> State:
    """An item whose state names no product has the product of its plan."""
    plan = catalogue.plans.get(state.plan)
    return replace(state, product=plan.product) if plan and not state.product else state


def steps_of(stretches: Sequence[Stretch]) -> list[Step]:
    """Stretches that touch make one step, unless the item moves to another account: that ends it in one."""
    steps = []
    previous: Stretch | None = None
    for stretch in stretches:
        together = (
            previous is not None
            and previous.valid_to == stretch.valid_from
            and previous.state.account == stretch.state.account
        )
        if previous is not None and not together:
            steps.append(Step(previous, None, previous.valid_to))
        steps.append(Step(previous if together else None, stretch, stretch.valid_from))
        previous = stretch
    if previous is not None and previous.valid_to < OPEN_END:
        steps.append(Step(previous, None, previous.valid_to))
    return steps


def from_events(events: Sequence[Event]) -> list[Stretch]:
    """The running sums of an item's ready-made changes as stretches; a sum of 0 or less is not counted."""
    stretches = []
    total, plan, product = 0, "", ""
    for event, following in zip(events, [*events[1:], None], strict=True):
        total += event.delta
        plan, product = event.plan or plan, event.product or product
        end = following.occurred_at if following else OPEN_END
        state = State(
            event.subscription_id,
            event.item_id,
            event.account,
            product,
            plan,
            event.currency,
            event.occurred_at,
            end,
            event.occurred_at,
            event.recorded_at,
            0,
            total,
            RANK_CHANGE,
            "active" if total > 0 else "canceled",
            source_kind="changes",
        )
        amount = Fraction(total)
        stretches.append(Stretch(state, event.occurred_at, end, total > 0, amount, Fraction(0), Fraction(0), total))
    return stretches


def steps_of_events(stretches: Sequence[Stretch], events: Sequence[Event]) -> list[Step]:
    before = [None, *stretches[:-1]]
    return [Step(b, a, e.occurred_at, e) for b, a, e in zip(before, stretches, events, strict=True)]


class Booking:
    """Books steps. `items` are all stretches: rules look at what else an account holds, and at an item's return."""

    def __init__(self, items: dict[ItemKey, list[Stretch]], catalogue: Catalogue, coverage: Coverage) -> None:
        self.items = items
        self.catalogue = catalogue
        self.of_account: dict[str, list[Stretch]] = defaultdict(list)
        for stretches in items.values():
            for stretch in stretches:
                self.of_account[stretch.state.account].append(stretch)
        self.opened = {account: self._opening(stretches, coverage) for account, stretches in self.of_account.items()}
        self.booked: list[LedgerRow] = []

    @staticmethod
    def _opening(stretches: list[Stretch], coverage: Coverage) -> datetime:
        """When the account's opening balance stood: its first MRR starts exactly where the coverage of a source without
        start dates does, else never."""
        paying = [s for s in stretches if s.mrr > 0]
        first = min(paying, key=lambda s: s.valid_from, default=None)
        starts = {min(windows)[0] for kind, windows in coverage.items() if windows and kind in UNDATED}
        if first is None or first.valid_from == BEGINNING or first.valid_from not in starts:
            return OPEN_END
        kinds = {s.state.source_kind for s in paying if s.valid_from == first.valid_from}
        own = any(coverage.get(k) and min(coverage[k])[0] == first.valid_from for k in kinds & UNDATED)
        return first.valid_from if own else OPEN_END

    def rows(self, steps: Iterable[Step]) -> list[LedgerRow]:
        windows: dict[tuple[str, date], list[Step]] = defaultdict(list)
        for step in steps:
            if self._is_edge(step):
                windows[step.shown.state.account, step.at.date()].append(step)
            else:
                self._inside(step)
        for (account, day), edges in windows.items():
            self._window(account, day, edges)
        return sorted(
            (row for row in self.booked if row.delta),
            key=lambda r: (r.account, r.occurred_at, r.delta, r.subscription_id, r.item_id),
        )

    # -- rules 1, 2 and 4, and ready-made changes ----------------------------------------------------------------

    def _is_edge(self, step: Step) -> bool:
        """Whether a counted state starts or ends: on the other side is nothing, or what is as good as nothing."""
        if step.said and step.said.driver:
            return False
        return (_counts(step.before) and _absent(step.after)) or (_counts(step.after) and _absent(step.before))

    def _inside(self, step: Step) -> None:
        before, after, said = step.before, step.after, step.said
        if said and said.driver:
            self._book(step, {said.driver: Fraction(said.delta)}, "event")
        elif said:
            renamed = before is not None and said.plan not in ("", before.state.plan)
            driver = "plan" if renamed else "seats" if said.quantity_delta else "other"
            self._book(step, {driver: Fraction(said.delta)}, "event")
        elif before is None or after is None or not (before.counted and after.counted):
            self._other(step, "pause")
        elif before.state.currency != after.state.currency:
            self._other(Step(before, None, step.at), "currency")
            self._other(Step(None, after, step.at), "currency")
        elif "monthly" in (before.state.source_kind, after.state.source_kind):
            self._other(step, "change")
        else:
            self._book(step, change(before, after, self.catalogue), "change")

    # -- rules 3 and 5: starts and ends in one account and window -------------------------------------------------

    def _window(self, account: str, day: date, edges: list[Step]) -> None:
        first = datetime.combine(day, time.min)
        last = first + timedelta(days=1)
        left = []
        for step in edges:
            if step.at == self.opened[account]:
                self._other(step, "opening")
            elif self._is_gap(step):
                self._other(step, "gap")
            else:
                left.append(step)
        if self._balance(account, first) <= 0 or self._balance(account, last) <= 0:
            for step in left:
                self._other(step, "start" if _counts(step.after) else "end")
            return
        for currency in sorted({s.shown.state.currency for s in left}):
            same = [s for s in left if s.shown.state.currency == currency]
            left = [s for s in left if s.shown.state.currency != currency] + self._swaps(same)
        for step in left:
            starts = _counts(step.after)
            driver = self._leftover(step.shown, first if starts else last)
            self._book(step, {driver: Fraction(step.delta)}, "start" if starts else "end")

    def _is_gap(self, step: Step) -> bool:
        """Whether the item's counted stretch on the far side of the gap has the same terms and account."""
        stretch = step.shown
        counted = [s for s in self.items[stretch.state.item] if s.counted]
        at = counted.index(stretch)
        other = at + 1 if _counts(step.before) else at - 1
        return 0 <= other < len(counted) and _terms(counted[other]) == _terms(stretch)

    def _swaps(self, edges: list[Step]) -> list[Step]:
        """Books pairs of base items that end and start, and returns the steps left over."""
        base = [s for s in edges if not self.catalogue.is_add_on(s.shown.state.product)]
        ends = [s for s in base if _counts(s.before)]
        starts = [s for s in base if _counts(s.after)]
        rest = [s for s in edges if s not in base]
        passes: list[Callable[[Step], str]] = [
            lambda s: s.shown.state.subscription_id,
            lambda s: s.shown.state.product,
            lambda s: self.catalogue.family(s.shown.state.product),
        ]
        for group in passes:
            for value in sorted({group(s) for s in ends} & {group(s) for s in starts}):
                out = sorted((s for s in ends if group(s) == value), key=_largest_first)
                into = sorted((s for s in starts if group(s) == value), key=_largest_first)
                for old, new in zip(out, into, strict=False):
                    self._swap(old, new)
                    ends.remove(old)
                    starts.remove(new)
        return rest + ends + starts

    def _swap(self, old: Step, new: Step) -> None:
        """A pair is one item changing: the ended row books its whole loss in one column, the started row the rest."""
        column = plan_or_price(old.shown, new.shown, self.catalogue)
        parts = rounded(change(old.shown, new.shown, self.catalogue), old.delta + new.delta)
        parts[column] -= old.delta
        self._book(old, {column: Fraction(old.delta)}, "swap")
        self._book(new, {driver: Fraction(amount) for driver, amount in parts.items()}, "swap")

    def _leftover(self, stretch: Stretch, moment: datetime) -> str:
        product = stretch.state.product
        if self.catalogue.is_add_on(product):
            return "add_on"
        held = {
            s.state.product
            for s in self._in_force(stretch.state.account, moment)
            if s.mrr > 0 and s.state.item != stretch.state.item
        }
        if product in held:
            return "seats"
        if product and self.catalogue.family(product) in {self.catalogue.family(p) for p in held}:
            return "plan"
        return "product"

    def _in_force(self, account: str, moment: datetime) -> list[Stretch]:
        """Stretches just before `moment`; an opening balance stood before the day on which it is first seen."""
        opened = self.opened[account]
        return [
            s
            for s in self.of_account[account]
            if moment <= s.valid_to
            and (s.valid_from < moment or (s.valid_from == opened and opened.date() == moment.date()))
        ]

    def _balance(self, account: str, moment: datetime) -> int:
        return sum(s.mrr for s in self._in_force(account, moment))

    # -- writing rows ---------------------------------------------------------------------------------------------

    def _other(self, step: Step, rule: str) -> None:
        self._book(step, {"other": Fraction(step.delta)}, rule)

    def _book(self, step: Step, exact: Exact, rule: str) -> None:
        s = step.shown.state
        drivers = rounded(exact, step.delta)
        self.booked.append(
            LedgerRow(
                s.account,
                s.subscription_id,
                s.item_id,
                s.product,
                s.plan,
                s.currency,
                step.at,
                step.delta,
                tuple(drivers[d] for d in DRIVERS),
                rule,
            )
        )


def _counts(stretch: Stretch | None) -> bool:
    return stretch is not None and stretch.counted


def _absent(stretch: Stretch | None) -> bool:
    """Nothing, or a status from which an item starts and into which it ends; pause and dunning are not."""
    return stretch is None or stretch.state.status in ("trialing", "incomplete", "canceled")


def _terms(stretch: Stretch) -> tuple[object, ...]:
    s = stretch.state
    return (
        s.account,
        s.product,
        s.plan,
        stretch.quantity,
        s.amount,
        s.interval,
        s.interval_count,
        s.currency,
        stretch.off_rate,
        stretch.off_amount,
    )


def _largest_first(step: Step) -> tuple[object, ...]:
    s = step.shown
    return (-s.mrr, s.state.subscription_id, s.state.item_id, step.at)
