"""The settings of definitions.md section 6 under their own names, and local time (decision 0009.14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from reference.facts import BEGINNING, OPEN_END, Charge, Event, Link, State

Fact = TypeVar("Fact", State, Event, Charge, Link)


@dataclass(frozen=True)
class Policy:
    """One policy; what is not given is the default."""

    past_due: int | str = "counts"
    discounts: frozenset[str] = frozenset({"forever", "repeating"})
    churn_on: str = "ended"
    active_from: str = "period_start"
    paused: str = "not_active"
    free_account: str = "not_active"
    usage: str = "exclude"
    netting: str = "day"
    gap_days: int = 0
    reactivation_days: int | str = "any"
    reactivation_needs_month_end_at_zero: bool = False
    reactivation_as: str = "own"
    reactivation_in_expansion: bool = False
    same_month_new_and_churn: str = "both"
    minor_movement: int = 0
    week_factor: Fraction = Fraction(52, 12)
    day_factor: Fraction = Fraction(365, 12)
    fx: str = "month_end"
    fx_lag_days: int = 0
    logo_churn_base: str = "opening"
    time_zone: str = "UTC"

    @property
    def past_due_lasts(self) -> timedelta | None:
        """How long a spell of past due counts; None = as long as it lasts."""
        if self.past_due == "counts":
            return None
        return timedelta(days=0 if self.past_due == "does_not_count" else int(self.past_due))

    @property
    def reactivated_within(self) -> int | None:
        """Days after the churn's date; None = any."""
        return None if self.reactivation_days == "any" else int(self.reactivation_days)

    def counts(self, status: str) -> bool:
        """Whether an item of this status is in MRR; past due only while its days last."""
        return (
            status == "active"
            or (status == "past_due" and self.past_due_lasts != timedelta())
            or (status == "paused" and self.paused == "counts")
        )

    def month_factor(self, interval: str, count: int) -> Fraction:
        """What an amount per interval is multiplied with to be an amount per month."""
        base = {"month": Fraction(1), "year": Fraction(1, 12), "week": self.week_factor, "day": self.day_factor}
        return base[interval] / count

    def local(self, moment: datetime) -> datetime:
        """UTC -> local time. In the hour that comes twice the second pass stands just before the clock went back."""
        if self.time_zone == "UTC" or moment in (BEGINNING, OPEN_END):
            return moment
        zone = ZoneInfo(self.time_zone)
        there = moment.replace(tzinfo=UTC).astimezone(zone)
        wall = there.replace(tzinfo=None, fold=0)
        if not there.fold:
            return wall
        turn = wall.replace(second=0, microsecond=0)
        while turn.replace(tzinfo=zone).utcoffset() != turn.replace(tzinfo=zone, fold=1).utcoffset():
            turn += timedelta(minutes=1)
        return turn - timedelta(microseconds=1)

    def localized(self, fact: Fact) -> Fact:
        """The fact in local time; what was given as plain dates stays on them. `recorded_at` stays UTC."""
        return fact if fact.dated else fact.at_times(self.local)


DEFAULT = Policy()


def policy_of(settings: Mapping[str, Any]) -> Policy:
    """A policy from the keys and values of its file. Settings that the reference has no use for are left out."""
    known = {f.name for f in fields(Policy)}
    told = {key: value for key, value in settings.items() if key in known}
    if "discounts" in told:
        switches = {
            **{kind: kind in DEFAULT.discounts for kind in ("forever", "repeating", "once")},
            **told["discounts"],
        }
        told["discounts"] = frozenset(kind for kind, on in switches.items() if on)
    for factor in ("week_factor", "day_factor"):
        if factor in told:
            told[factor] = Fraction(told[factor])
    return Policy(**told)
