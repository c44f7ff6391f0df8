"""The settings of a policy that move a measure, switched one at a time (definitions.md section 6, decision 0014).

Comes in: two policies, or one. Goes out: the policies on the way from one to the other, or the neighbours of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import combinations

from rollforward.build import Build
from rollforward.policy import KINDS, Policy, shipped

_BALANCE = (
    "past_due", "discounts", "churn_on", "active_from", "paused", "usage", "gap_days", "same_month_new_and_churn",
    "week_factor", "day_factor", "time_zone",
)  # fmt: skip
"""What moves a balance at a month's end."""

_CLASS = (
    "free_account", "netting", "reactivation_days", "reactivation_needs_month_end_at_zero", "reactivation_as",
    "minor_movement",
)  # fmt: skip
"""What decides besides which movement a change is."""

_VALUES: dict[str, tuple[object, ...]] = {
    "past_due": ("counts", "does_not_count"),
    "discounts": tuple(c for n in (2, 1, 3, 0) for c in combinations(KINDS, n)),
    "churn_on": ("ended", "requested", "period_end"),
    "active_from": ("period_start", "first_payment"),
    "paused": ("not_active", "active", "counts"),
    "usage": ("exclude", "billed_month", "service_month", "trailing_3_months"),
    "week_factor": ("52/12", "4/1"),
    "day_factor": ("365/12", "30/1"),
}
"""What a setting may be beside what a shipped policy has."""

_NEEDS = {
    "past_due": "item_state where status = 'past_due'",
    "discounts": "item_state where discount1_kind <> '' or discount2_kind <> ''",
    "churn_on": "item_state where cancel_requested_at < date '9999-12-31' or paid_through < date '9999-12-31'",
    "active_from": "item_state where first_paid_at < date '9999-12-31'",
    "paused": "item_state where status = 'paused'",
    "usage": "charge",
    "week_factor": "item_state where interval = 'week'",
    "day_factor": "item_state where interval = 'day'",
}
"""Facts without which a setting changes nothing."""


def settings(measure: str) -> tuple[str, ...]:
    """The settings that can move `measure`, in the order of definitions.md section 6."""
    wanted = _BALANCE if measure == "mrr" else (*_BALANCE, *_CLASS)
    return tuple(f.name for f in fields(Policy) if f.name in wanted)


def path(ours: Policy, theirs: Policy, measure: str) -> list[tuple[str, Policy]]:
    """The settings that differ and move `measure`, each with the policy that is reached by switching it too."""
    found, at = [], ours
    for name in settings(measure):
        if getattr(ours, name) != getattr(theirs, name):
            at = replace(at, **{name: getattr(theirs, name)})
            found.append((name, at))
    return found


def neighbours(build: Build, measure: str) -> Iterator[tuple[str, Policy]]:
    """Policies that differ from the build's in one setting that the store's facts let matter."""
    rules = build.policy
    for name in settings(measure):
        own = getattr(rules, name)
        values = dict.fromkeys([*(getattr(p, name) for p in shipped().values()), *_VALUES.get(name, ())])
        others = [value for value in values if value != own]
        if others and _matters(build, name):
            yield from ((name, replace(rules, **{name: value})) for value in others)


def _matters(build: Build, name: str) -> bool:
    needed = _NEEDS.get(name)
    if needed is None:
        return True
    engine = build.need([needed.split()[0]])
    return bool(engine.run(f"select 1 from {needed} limit 1"))
