"""Random histories: what comes beside subscriptions: charges for use, ready-made changes, and linked accounts.

`random_used_history` adds such files to `random_dunned_history`: use within and across months, billed late or not,
credits, with coverage and without; links of both kinds, in chains, to accounts that never paid, and taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from policy_strategies import random_dunned_history
from reference import BEGINNING, File, major
from reference.files import Row
from strategies import GRID, PLANS, RECORDED, History, one_in

METRICS = ("calls", "calls", "mail", "i0")  # i0: also the name of a licensed item
MODES = ("billed_month", "service_month", "trailing_3_months")
USED = (0, 1, 50, 999, 1000, 3001, 12_345, -1, -500, -2000)
MOVED = (100, 250, 999, 1000, -100, -250, -1000)
COVERED_TO = [datetime(2024, 1, 31), datetime(2024, 2, 15), datetime(2024, 3, 1), datetime(2024, 6, 1)]
ELSEWHERE = ("u0", "u1", "hub")
"""Accounts without subscriptions."""

Where = tuple[str, str, str]
"""account, subscription, currency."""


def random_used_history(
    draw: Random, *, one_currency: bool = False, usage: bool = True, changes: bool = True, links: bool = True
) -> History:
    """A history with files of `usage`, `changes` and `links`, wherever they come among the others."""
    told = random_dunned_history(draw, one_currency=one_currency)
    files = list(told.files)
    rows = [row for file in told.subscriptions for row in file.rows]
    places = sorted({(row["account_id"], row["subscription_id"], row["currency"]) for row in rows})
    places += [(name, "", "USD") for name in ELSEWHERE[:2]]
    more: list[File] = []
    if usage:
        more += _charges(draw, places, one_currency)
    if changes and one_in(draw, 2):
        moved = tuple(_changes(draw, places))
        more += [File("changes", moved, draw.choice(RECORDED))] if moved else []
    if links:
        more += _links(draw, sorted({p[0] for p in places} | set(ELSEWHERE)))
    for file in more:
        files.insert(draw.randint(0, len(files)), file)
    return History(tuple(files))


def _charges(draw: Random, places: Sequence[Where], one_currency: bool) -> list[File]:
    files = []
    timed = one_in(draw, 4)
    for at in sorted(draw.choices(RECORDED, k=draw.randint(1, 2))):
        rows = [_charge(draw, places, one_currency, timed) for _ in range(draw.randint(1, 6))]
        covers = (BEGINNING, draw.choice(COVERED_TO)) if one_in(draw, 4) else None
        files.append(File("charges", tuple(rows), at, covers))
    return files


def _charge(draw: Random, places: Sequence[Where], one_currency: bool, timed: bool) -> Row:
    account, subscription, currency = draw.choice(places)
    if not one_currency and one_in(draw, 10):
        currency = draw.choice(["USD", "EUR", "JPY"])
    plan, product = draw.choice(PLANS)
    start, end = sorted(draw.sample(GRID, 2))
    if one_in(draw, 2):
        start = start.replace(day=1)
        end = (end + timedelta(days=31)).replace(day=1)
    hours = draw.choice([0, 1, 9, 15, 23]) if timed else 0
    billed = ""
    if one_in(draw, 2):
        billed = (end + timedelta(days=draw.choice([-20, -1, 0, 4, 35]))).date().isoformat()
    return {
        "account_id": account,
        "subscription_id": subscription if draw.randrange(4) else "",
        "item_id": draw.choice(["", "", "i0"]),
        "product": product,
        "plan": plan,
        "metric": draw.choice(METRICS),
        "service_start": _text(start, hours),
        "service_end": _text(end, hours),
        "invoiced_at": billed,
        "amount": major(draw.choice(USED), currency),
        "currency": currency,
    }


def _changes(draw: Random, places: Sequence[Where]) -> list[Row]:
    """Items of their own, whose MRR goes up and down and never below 0."""
    rows = []
    for n in range(draw.randint(1, 3)):
        account, subscription, currency = draw.choice(places)
        named = one_in(draw, 2)
        total = 0
        for at in sorted(draw.sample(GRID, draw.randint(1, 4))):
            delta = draw.choice([*MOVED, -total, -total])
            if total + delta < 0 or not delta:
                continue
            total += delta
            plan, product = draw.choice(PLANS[:-1]) if named else ("", "")
            rows.append(
                {
                    "account_id": account,
                    "subscription_id": subscription,
                    "item_id": f"e{n}",
                    "product": product,
                    "plan": plan,
                    "occurred_at": _text(at, draw.choice([0, 0, 9])),
                    "delta": major(delta, currency),
                    "currency": currency,
                    "driver": draw.choice(["", "", "seats", "price"]),
                    "quantity_delta": draw.choice(["", "", "1"]),
                }
            )
    return rows


def _links(draw: Random, accounts: Sequence[str]) -> list[File]:
    """Some accounts go on as others, never in a ring; some links are taken back by a later file."""
    order = draw.sample(accounts, len(accounts))
    rows: list[Row] = []
    for n, account in enumerate(order[:-1]):
        if one_in(draw, 3):
            target = draw.choice(order[n + 1 :])
            kind = draw.choice(["same", "acquired", "acquired"])
            at = _text(draw.choice(GRID), draw.choice([0, 0, 0, 9]))
            on = at if kind == "acquired" else ""
            rows.append({"from_id": account, "to_id": target, "kind": kind, "valid_from": on, "removed": "false"})
    if not rows:
        return []
    files = [File("links", tuple(rows), RECORDED[0])]
    undone = tuple({**row, "removed": "true"} for row in rows if one_in(draw, 8))
    return [*files, File("links", undone, RECORDED[-1])] if undone else files


def _text(at: datetime, hours: int) -> str:
    return (at + timedelta(hours=hours)).isoformat() if hours else at.date().isoformat()
