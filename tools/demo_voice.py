"""What accounts of Baan Ops use feature by feature, ask for, say and do together: facts beside the lives they lead.

Each account has a stream of draws of its own here, so nothing that is said moves what is paid. What is said may follow
from what is paid later: who leaves within four months complains more often.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import demo_catalogue as cat
from demo_accounts import END, Account
from demo_items import Draw, Stretch, add_months

FEATURES_FROM = date(2026, 5, 1)
SPOKEN_FROM = date(2025, 1, 1)

METRIC = "actions"
FEATURES = (
    ("tasks", (60, 50, 42, 38)), ("boards", (22, 22, 18, 15)), ("calendar", (10, 9, 8, 7)), ("forms", (5, 7, 8, 8)),
    ("timeline", (1.5, 7, 10, 11)), ("reports", (0.8, 3, 8, 10)), ("workload", (0.3, 1, 4, 7)),
    ("approvals", (0.2, 0.6, 2, 4)),
)  # fmt: skip
"""Feature → its usual share of all actions on tiers 1 to 4, in per cent."""

KNOWS = (0.35, 0.5, 0.7, 0.85)
"""Chance by tier that an account uses a feature beyond the first two."""

WISHES = (
    ("sso", (1, 3, 10, 10)), ("analytics", (1, 4, 8, 6)), ("priority_support", (0.3, 1, 4, 6)),
    ("mobile_offline", (6, 6, 5, 3)), ("guest_access", (5, 7, 6, 3)), ("audit_log", (0.2, 1, 6, 10)),
)  # fmt: skip
"""What is asked for, add-ons by their product's id → weight by tier."""

PRAISE = ("easy_to_use", "good_support", "saves_meetings")
BLAME = ("price", "slow_reports", "missing_mobile", "hard_to_set_up")
GATHERINGS = ("forum", "webinar", "user_group")
JOINS = (0.04, 0.12, 0.4, 0.62)
"""Chance by tier to be one that takes part in the community: larger accounts do, and they stay anyway."""


def base(account: Account, day: date) -> Stretch | None:
    """The work-management stretch in force on that day, if it counts: active, trialing or late."""
    for item in account.items:
        for s in item.stretches:
            if s.plan.product in ("work", "classic") and s.start <= day and (s.end is None or day < s.end):
                return s if s.status in ("active", "trialing", "past_due") else None
    return None


class Habits:
    """Which features an account uses, and how much of each."""

    def __init__(self, account: Account, seed: str) -> None:
        self.draw = draw = Draw(f"{seed}/features/{account.account_id}")
        self.known = {name: draw.unit() for name, _ in FEATURES}
        self.taste = {name: math.exp(0.5 * draw.normal()) for name, _ in FEATURES}
        self.rate = draw.real(18, 45)

    def used(self, month: date, tier: int, seats: int) -> Iterator[tuple[str, int]]:
        """(feature, actions) in the month, in proportion to the seats in use."""
        if month < FEATURES_FROM:
            return
        shares = {
            name: by_tier[tier - 1] * self.taste[name]
            for at, (name, by_tier) in enumerate(FEATURES)
            if at < 2 or self.known[name] < KNOWS[tier - 1]
        }
        for name, share in shares.items():
            count = round(seats * self.rate * share / sum(shares.values()) * (1 + 0.05 * self.draw.normal()))
            if count > 0:
                yield name, count


def said(account: Account, seed: str) -> Iterator[dict[str, Any]]:
    """Requests, feedback, answers to the half-yearly survey, and what the account did in the community."""
    draw = Draw(f"{seed}/voice/{account.account_id}")
    joins, warmth = draw.unit(), draw.normal()
    month = max(SPOKEN_FROM, account.start.replace(day=1))
    while month < END:
        day = month + timedelta(draw.between(0, 27))
        state = base(account, day)
        if state and day >= account.start:
            leaves_soon = add_months(day, 4) < END and base(account, add_months(day, 4)) is None
            for row in _month(draw, account, day, state.plan.tier, joins, warmth - 1.5 * leaves_soon):
                yield {"account_id": account.account_id, "at": day, "person": draw.one(cat.PERSONS), **row}
        month = add_months(month, 1)


def _month(draw: Draw, account: Account, day: date, tier: int, joins: float, mood: float) -> Iterator[dict[str, Any]]:
    if draw.chance(0.008 * tier):
        held = {item.now.plan.product for item in account.live}
        tag = draw.weighted((name, by_tier[tier - 1]) for name, by_tier in WISHES if name not in held)
        done = day + timedelta(draw.between(20, 150))
        answered = done < END and draw.chance(0.35)
        yield {"kind": "request", "channel": draw.one(("email", "in_app")), "tag": tag,
               "outcome": draw.one(("shipped", "declined")) if answered else "",
               "outcome_at": done if answered else None}  # fmt: skip
    if draw.chance(0.012):
        tag = draw.one(BLAME) if mood + draw.normal() < 0 else draw.one(PRAISE)
        yield {"kind": "feedback", "channel": "in_app", "tag": tag}
    if day.month in (3, 9) and draw.chance(0.28):
        yield {"kind": "survey", "channel": "email", "tag": "nps", "value": min(max(round(7.4 + 1.6 * mood), 0), 10)}
    if joins < JOINS[tier - 1] and draw.chance(0.3):
        yield {"kind": "community", "channel": "community", "tag": draw.one(GATHERINGS)}
