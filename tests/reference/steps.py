"""Steps of items: what ends and what starts at one moment (decision 0004)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from reference.counting import ABSENT, Stretch
from reference.facts import OPEN_END, RANK_CHANGE, Event, State

Said = Mapping[datetime, Event]


@dataclass(frozen=True)
class Step:
    """An item at the moment `at`: a state that ends, a state that starts, or both. `said` is a ready-made change;
    `acquired`: the item goes from one account to another by a link."""

    before: Stretch | None
    after: Stretch | None
    at: datetime
    said: Event | None = None
    acquired: bool = False

    @property
    def delta(self) -> int:
        if self.said:
            return self.said.delta
        return (self.after.mrr if self.after else 0) - (self.before.mrr if self.before else 0)

    @property
    def changes(self) -> bool:
        """Whether MRR moves: in amount, or from one currency to another."""
        if self.said or self.before is None or self.after is None:
            return self.delta != 0
        sides = [(s.mrr, s.state.currency if s.mrr else "") for s in (self.before, self.after)]
        return sides[0] != sides[1]

    @property
    def is_usage(self) -> bool:
        return self.shown.state.source_kind == "charges"

    @property
    def shown(self) -> Stretch:
        """The state whose account, product, plan and currency the row carries: the counted one, the new one of two."""
        sides = [s for s in (self.after, self.before) if s]
        return next((s for s in sides if s.counted), sides[0])


def counts(stretch: Stretch | None) -> bool:
    return stretch is not None and stretch.counted


def absent(stretch: Stretch | None) -> bool:
    """Nothing, or a status as good as nothing."""
    return stretch is None or stretch.status in ABSENT


def steps_of(
    stretches: Sequence[Stretch], acquired: Mapping[str, Mapping[str, datetime]], said: Said | None = None
) -> list[Step]:
    """Stretches that touch make one step, unless the item moves to another account: that ends it in one.

    `acquired`: account -> the accounts that acquired it and when. There the item goes over as it is, then changes.
    `said`: the ready-made change that each step is, if they make the stretches.
    """
    said = said or {}
    steps = []
    previous: Stretch | None = None
    for stretch in stretches:
        touches = previous is not None and previous.valid_to == stretch.valid_from
        together = previous is not None and touches and previous.state.account == stretch.state.account
        if previous is not None and not together:
            old, new = previous.state.account, stretch.state.account
            linked = touches and not absent(stretch) and acquired.get(old, {}).get(new) == stretch.valid_from
            ends = None if linked else said.get(previous.valid_to)  # else it changes in the other account
            steps.append(Step(previous, None, previous.valid_to, ends, acquired=linked))
            if linked:
                handed = replace(previous, state=replace(previous.state, account=new))
                steps.append(Step(None, handed, stretch.valid_from, acquired=True))
                previous, together = handed, True
        told = said.get(stretch.valid_from) if together or not absent(stretch) else None
        steps.append(Step(previous if together else None, stretch, stretch.valid_from, told))
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
            told_of=event.account,
        )
        amount = Fraction(total)
        zero = Fraction(0)
        stretches.append(Stretch(state, event.occurred_at, end, total > 0, amount, zero, zero, total, state.status))
    return stretches
