"""From everything that was said to the ledger of one policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from reference.belief import believed, by_item, covered, unscheduled
from reference.counting import Stretch, item_mrr
from reference.facts import (
    NO_CATALOGUE,
    OPEN_END,
    RANK_CHANGE,
    Catalogue,
    Charge,
    Coverage,
    Event,
    ItemKey,
    LineKey,
    Link,
    State,
)
from reference.gaps import held_over_gaps
from reference.ledger import Booking, LedgerRow
from reference.links import acquisitions, handed_over, in_force, same, stretches_handed_over
from reference.policy import DEFAULT, Policy
from reference.steps import Step, from_events, steps_of
from reference.usage import usage_stretches


@dataclass(frozen=True)
class Held:
    """An account is active over [valid_from, valid_to) by an item that is at 0 (decision 0009.5 and 6). `handed`: at
    that moment a link brings such an item (1) or takes it (-1)."""

    account: str
    currency: str
    valid_from: datetime
    valid_to: datetime
    handed: int = 0

    def just_before(self, moment: datetime) -> bool:
        return self.valid_from < moment <= self.valid_to


@dataclass(frozen=True)
class Books:
    """The ledger of a policy, what else keeps accounts active, who acquired whom (local time), items' stretches."""

    rows: tuple[LedgerRow, ...]
    held: tuple[Held, ...]
    acquired: tuple[Link, ...]
    stretches: tuple[Stretch, ...] = ()


def ledger(
    states: Iterable[State],
    events: Iterable[Event] = (),
    catalogue: Catalogue = NO_CATALOGUE,
    policy: Policy = DEFAULT,
    as_of: datetime = OPEN_END,
    coverage: Coverage | None = None,
    charges: Iterable[Charge] = (),
    links: Iterable[Link] = (),
) -> list[LedgerRow]:
    """All rows with a delta, by account and time (losses first), from everything that was ever said.

    `states` are as told, uncut; what takes effect after `as_of` is in no row.
    """
    return list(books(states, events, catalogue, policy, as_of, coverage, charges, links).rows)


def books(
    states: Iterable[State],
    events: Iterable[Event] = (),
    catalogue: Catalogue = NO_CATALOGUE,
    policy: Policy = DEFAULT,
    as_of: datetime = OPEN_END,
    coverage: Coverage | None = None,
    charges: Iterable[Charge] = (),
    links: Iterable[Link] = (),
) -> Books:
    """As `ledger`, with what keeps accounts active. `as_of` is UTC; times in the answer are local."""
    now, coverage = policy.local(as_of), coverage or {}
    linked = [policy.localized(x) for x in links if x.recorded_at <= as_of]
    linked = [x for x in in_force(linked) if x.valid_from <= now]

    def of_one(account: str) -> str:
        return same(account, linked)

    known = [policy.localized(e) for e in events if e.recorded_at <= as_of]
    known = [replace(e, account=of_one(e.account)) for e in known if e.occurred_at <= now]
    given = {e.item for e in known}
    used = [s for s in states if s.item not in given or s.rank >= RANK_CHANGE]
    told = [replace(_with_product(policy.localized(s), catalogue), account=of_one(s.account)) for s in used]
    current = unscheduled(covered(believed(told, as_of), coverage), now)
    mine = handed_over(current, linked)
    billed = [policy.localized(c) for c in charges if c.recorded_at <= as_of]
    billed = [replace(c, account=of_one(c.account)) for c in billed]
    added = usage_stretches(billed, current, policy, now, coverage)
    said: dict[LineKey, dict[datetime, Event]] = {}
    for events_of in _lines(known):
        added.append(from_events(events_of))
        said[added[-1][0].state.line] = {e.occurred_at: e for e in events_of}
    items: dict[LineKey, list[Stretch]] = {item: item_mrr(r, policy, now) for item, r in by_item(mine).items()}
    items |= {line[0].state.line: stretches_handed_over(line, linked) for line in added if line}
    items = held_over_gaps(items, policy, now)
    handed: dict[str, dict[str, datetime]] = defaultdict(dict)
    acquired = acquisitions(linked)
    for x in acquired:
        handed[x.from_account][x.to_account] = x.valid_from

    def stepped(items: dict[LineKey, list[Stretch]]) -> list[Step]:
        return [step for line, stretches in items.items() for step in steps_of(stretches, handed, said.get(line))]

    rows = Booking(items, catalogue, coverage, policy).rows(stepped(items))
    if policy.same_month_new_and_churn == "neither":
        items = _counted_months(items, rows)
        rows = Booking(items, catalogue, coverage, policy).rows(stepped(items))
    held = [
        Held(s.state.account, s.state.currency, s.valid_from, s.valid_to)
        for stretches in items.values()
        for s in stretches
        if s.holds
    ]
    held += [
        Held(step.shown.state.account, step.shown.state.currency, step.at, step.at, 1 if step.after else -1)
        for step in stepped(items)
        if step.acquired and step.shown.holds
    ]
    every = tuple(s for stretches in items.values() for s in stretches)
    return Books(tuple(rows), tuple(held), tuple(acquired), every)


def _lines(events: Iterable[Event]) -> list[list[Event]]:
    """Ready-made changes of one item, account and currency, in order of time."""
    lines: dict[tuple[ItemKey, str, str], list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda e: e.occurred_at):
        lines[event.item, event.account, event.currency].append(event)
    return list(lines.values())


def _with_product(state: State, catalogue: Catalogue) -> State:
    """An item whose state names no product has the product of its plan."""
    plan = catalogue.plans.get(state.plan)
    return replace(state, product=plan.product) if plan and not state.product else state


def _counted_months(items: dict[LineKey, list[Stretch]], rows: Sequence[LedgerRow]) -> dict[LineKey, list[Stretch]]:
    """0009.10: an account's first spells that begin and end in one calendar month are left out, as if never paid."""
    accounts: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        accounts[row.account].append(row)
    begins = {account: _first_kept(of) for account, of in accounts.items()}
    return {
        line: [s for s in of if not s.mrr or s.valid_from.date() >= begins.get(s.state.account, date.min)]
        for line, of in items.items()
    }


def _first_kept(rows: Sequence[LedgerRow]) -> date:
    """The first day of the first spell that is not inside one calendar month, or in which something goes over from one
    account to another; never, if there is none."""
    held: dict[str, int] = defaultdict(int)
    began: date | None = None
    for day in sorted({r.on_date for r in rows}):
        for row in rows:
            if row.on_date == day:
                held[row.currency] += row.delta
                if row.rule == "opening":
                    return day
        pays = any(amount > 0 for amount in held.values())
        if pays and began is None:
            began = day
        if any(row.on_date == day and row.rule == "acquired" for row in rows):
            return began or day
        if not pays and began is not None:
            if (began.year, began.month) != (day.year, day.month):
                return began
            began = None
    return began or date.max
