"""Random policies, and histories in which their settings have something to decide.

`random_policy` draws settings as a policy's file has them; `random_dunned_history` adds to `random_history` spells of
past due, pauses, free items, requests, paid-through and first-payment dates, and rows that are instants instead of
dates.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from reference import File
from reference.files import Row
from strategies import GRID, History, one_in, random_history

Settings = dict[str, Any]

SETTINGS: dict[str, tuple[Any, ...]] = {
    "past_due": ("does_not_count", 0, 1, 14, 30),
    "discounts": ({"once": True}, {"forever": False}, {"repeating": False, "once": True}),
    "churn_on": ("requested", "period_end"),
    "active_from": ("first_payment",),
    "paused": ("active", "counts"),
    "free_account": ("active",),
    "netting": ("second", "minutes:60", "minutes:600", "month"),
    "gap_days": (1, 5, 20),
    "reactivation_days": (0, 1, 14),
    "reactivation_needs_month_end_at_zero": (True,),
    "reactivation_as": ("expansion", "new"),
    "reactivation_in_expansion": (True,),
    "same_month_new_and_churn": ("neither",),
    "minor_movement": (100, 5000),
    "week_factor": ("4/1", "30/7"),
    "day_factor": ("30/1",),
    "logo_churn_base": ("opening_plus_new", "excluding_joiners"),
    "time_zone": ("America/Los_Angeles", "Australia/Sydney", "Asia/Kathmandu"),
}

TIMES = ("paid_through", "first_paid_at", "cancel_requested_at")
MOMENTS = ("start_date", "end_date", "discount_until", "discount_until_2", *TIMES)


def holds_active(settings: Settings) -> bool:
    """Whether an account can be active at 0: then it has one currency (nobody defined which one it is active in)."""
    return settings.get("paused") == "active" or settings.get("free_account") == "active"


def random_policy(draw: Random, only: str = "", most: int = 5) -> Settings:
    """Settings that are not the default: `only` that one, or up to `most` of them."""
    names = [only] if only else draw.sample(sorted(SETTINGS), draw.randint(1, most))
    return {name: draw.choice(SETTINGS[name]) for name in names}


def random_dunned_history(draw: Random, *, one_currency: bool = False, coverage: bool = False) -> History:
    """A history with something for every setting."""
    told = random_history(draw, coverage=coverage, moves=not one_currency, max_files=3)
    clock = {day: draw.choice((0, 0, 30, 450, 900, 1439)) for day in GRID} if one_in(draw, 2) else {}
    return History(tuple(_file(draw, f, clock, one_currency) for f in told.files))


def _file(draw: Random, file: File, clock: dict[datetime, int], one_currency: bool) -> File:
    if file.kind != "subscriptions":
        return file
    timed = bool(clock) and one_in(draw, 2)
    rows = []
    for row in file.rows:
        new = {**row, **{name: draw.choice(GRID).date().isoformat() if one_in(draw, 3) else "" for name in TIMES}}
        if row["status"] != "void":
            change = draw.choice(("", "", "", "past_due", "paused", "free", "canceled"))
            if change == "free":
                new["amount"] = "0"
            elif change:
                new["status"] = change
        if one_currency:
            new["currency"] = "USD"
        rows.append(_timed(new, clock) if timed else new)
    return replace(file, rows=tuple(rows))


def _timed(row: Row, clock: dict[datetime, int]) -> Row:
    """Every date of the row at its own time of day, the same wherever the date stands."""
    return {
        name: (datetime.fromisoformat(text) + timedelta(minutes=clock[datetime.fromisoformat(text)])).isoformat()
        if name in MOMENTS and text
        else text
        for name, text in row.items()
    }
