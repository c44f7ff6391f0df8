"""The ledger: one row for each change of one item's MRR, its drivers and the rule that gave them (decision 0004)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from reference.counting import Stretch
from reference.drivers import Exact, change, plan_or_price, rounded
from reference.facts import BEGINNING, DRIVERS, OPEN_END, Catalogue, Coverage, LineKey
from reference.netting import Window, first_changes, window
from reference.policy import Policy
from reference.steps import Step, absent, counts

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


class Booking:
    """Books steps. `items` are all stretches: rules look at what else an account holds, and at an item's return."""

    def __init__(
        self, items: dict[LineKey, list[Stretch]], catalogue: Catalogue, coverage: Coverage, policy: Policy
    ) -> None:
        self.items = items
        self.catalogue = catalogue
        self.policy = policy
        self.of_account: dict[str, list[Stretch]] = defaultdict(list)
        for stretches in items.values():
            for stretch in stretches:
                self.of_account[stretch.state.account].append(stretch)
        self.opened = {account: self._opening(stretches, coverage) for account, stretches in self.of_account.items()}
        self.booked: list[LedgerRow] = []
        self.handed: list[Step] = []

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
        steps = list(steps)
        self.handed = [s for s in steps if s.acquired]
        first = first_changes((s.shown.state.account, s.at) for s in steps if s.changes)
        windows: dict[tuple[str, Window], list[Step]] = defaultdict(list)
        for step in steps:
            account = step.shown.state.account
            if step.acquired:
                self._other(step, "acquired")
            elif self._is_edge(step):
                windows[account, window(self.policy, account, step.at, first)].append(step)
            else:
                self._inside(step)
        for (account, within), edges in windows.items():
            self._window(account, within, edges)
        return sorted(
            (row for row in self.booked if row.delta),
            key=lambda r: (r.account, r.occurred_at, r.delta, r.subscription_id, r.item_id),
        )

    # -- rules 1, 2 and 4, and ready-made changes ----------------------------------------------------------------

    def _is_edge(self, step: Step) -> bool:
        """Whether a counted state starts or ends: on the other side is nothing, or what is as good as nothing."""
        if step.said and step.said.driver:
            return False
        return (counts(step.before) and absent(step.after)) or (counts(step.after) and absent(step.before))

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
        elif step.is_usage:
            self._book(step, {"usage": Fraction(step.delta)}, "change")
        elif "monthly" in (before.state.source_kind, after.state.source_kind):
            self._other(step, "change")
        else:
            self._book(step, change(before, after, self.catalogue, self.policy), "change")

    # -- rules 3 and 5: starts and ends in one account and window -------------------------------------------------

    def _window(self, account: str, within: Window, edges: list[Step]) -> None:
        left = []
        for step in edges:
            if step.at == self.opened[account]:
                self._other(step, "opening")
            elif not step.is_usage and self._is_gap(step):
                self._other(step, "gap")
            else:
                left.append(step)
        if self._balance(account, within, within.start) <= 0 or self._balance(account, within, within.end) <= 0:
            for step in left:
                self._other(step, "start" if counts(step.after) else "end")
            return
        used = [s for s in left if s.is_usage]
        left = [s for s in left if not s.is_usage]
        for currency in sorted({s.shown.state.currency for s in left}):
            same = [s for s in left if s.shown.state.currency == currency]
            left = [s for s in left if s.shown.state.currency != currency] + self._swaps(same)
        for step in used + left:
            starts = counts(step.after)
            moment = within.start if starts else within.end
            driver = "usage" if step.is_usage else self._leftover(step.shown, within, moment)
            self._book(step, {driver: Fraction(step.delta)}, "start" if starts else "end")

    def _is_gap(self, step: Step) -> bool:
        """Whether the item's counted stretch on the far side of the gap has the same terms; in this account alone."""
        stretch = step.shown
        account = stretch.state.account
        counted = [s for s in self.items[stretch.state.line] if s.counted and s.state.account == account]
        at = counted.index(stretch)
        other = at + 1 if counts(step.before) else at - 1
        return 0 <= other < len(counted) and _terms(counted[other]) == _terms(stretch)

    def _swaps(self, edges: list[Step]) -> list[Step]:
        """Books pairs of base items that end and start, and returns the steps left over."""
        base = [s for s in edges if not self.catalogue.is_add_on(s.shown.state.product)]
        ends = [s for s in base if counts(s.before)]
        starts = [s for s in base if counts(s.after)]
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
        parts = rounded(change(old.shown, new.shown, self.catalogue, self.policy), old.delta + new.delta)
        parts[column] -= old.delta
        self._book(old, {column: Fraction(old.delta)}, "swap")
        self._book(new, {driver: Fraction(amount) for driver, amount in parts.items()}, "swap")

    def _leftover(self, stretch: Stretch, within: Window, moment: datetime) -> str:
        product = stretch.state.product
        if self.catalogue.is_add_on(product):
            return "add_on"
        held = {
            s.state.product
            for s in self._in_force(stretch.state.account, within, moment)
            if s.mrr > 0 and s.state.line != stretch.state.line
        }
        if product in held:
            return "seats"
        if product and self.catalogue.family(product) in {self.catalogue.family(p) for p in held}:
            return "plan"
        return "product"

    def _in_force(self, account: str, within: Window, moment: datetime) -> list[Stretch]:
        """Stretches just before `moment`; an opening balance stood before the window in which it is first seen."""
        opened = self.opened[account]
        stood = within.start <= opened < within.end
        return [
            s
            for s in self.of_account[account]
            if moment <= s.valid_to and (s.valid_from < moment or (stood and s.valid_from == opened))
        ]

    def _balance(self, account: str, within: Window, moment: datetime) -> int:
        """What a link moves comes in before all else of its window, and leaves after it."""
        handed = [s for s in self.handed if s.shown.state.account == account and within.start <= s.at < within.end]
        moved = [s.delta for s in handed if (s.delta > 0) == (moment == within.start)]
        return sum(s.mrr for s in self._in_force(account, within, moment)) + sum(map(abs, moved))

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
