"""Hypothesis strategies: what comes beside subscriptions: charges for use, ready-made changes, and linked accounts.

`used_histories()` adds such files to `dunned_histories()`: use within and across months, billed late or not, credits,
with coverage and without; links of both kinds, in chains, to accounts that never paid, and taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import strategies as st

from policy_strategies import dunned_histories
from reference import BEGINNING, File, major
from reference.files import Row
from strategies import GRID, PLANS, RECORDED, History

METRICS = ("calls", "calls", "mail", "i0")  # i0: also the name of a licensed item
USED = (0, 1, 50, 999, 1000, 3001, 12_345, -1, -500, -2000)
MOVED = (100, 250, 999, 1000, -100, -250, -1000)
COVERED_TO = [datetime(2024, 1, 31), datetime(2024, 2, 15), datetime(2024, 3, 1), datetime(2024, 6, 1)]
ELSEWHERE = ("u0", "u1", "hub")
"""Accounts without subscriptions."""

Where = tuple[str, str, str]
"""account, subscription, currency."""


@st.composite
def used_histories(
    draw: st.DrawFn, *, one_currency: bool = False, usage: bool = True, changes: bool = True, links: bool = True
) -> History:
    """A history with files of `usage`, `changes` and `links`, wherever they come among the others."""
    told = draw(dunned_histories(one_currency=one_currency))
    files = list(told.files)
    rows = [row for file in told.subscriptions for row in file.rows]
    places = sorted({(row["account_id"], row["subscription_id"], row["currency"]) for row in rows})
    places += [(name, "", "USD") for name in ELSEWHERE[:2]]
    more: list[File] = []
    if usage:
        more += draw(_charges(places, one_currency))
    if changes and draw(st.booleans()):
        moved = tuple(draw(_changes(places)))
        more += [File("changes", moved, draw(st.sampled_from(RECORDED)))] if moved else []
    if links:
        more += draw(_links(sorted({p[0] for p in places} | set(ELSEWHERE))))
    for file in more:
        files.insert(draw(st.integers(0, len(files))), file)
    return History(tuple(files))


@st.composite
def _charges(draw: st.DrawFn, places: Sequence[Where], one_currency: bool) -> list[File]:
    files = []
    timed = draw(st.integers(0, 3)) == 0
    for at in sorted(draw(st.lists(st.sampled_from(RECORDED), min_size=1, max_size=2))):
        rows = [draw(_charge(places, one_currency, timed)) for _ in range(draw(st.integers(1, 6)))]
        covers = (BEGINNING, draw(st.sampled_from(COVERED_TO))) if draw(st.integers(0, 3)) == 0 else None
        files.append(File("charges", tuple(rows), at, covers))
    return files


@st.composite
def _charge(draw: st.DrawFn, places: Sequence[Where], one_currency: bool, timed: bool) -> Row:
    account, subscription, currency = draw(st.sampled_from(places))
    if not one_currency and draw(st.integers(0, 9)) == 0:
        currency = draw(st.sampled_from(["USD", "EUR", "JPY"]))
    plan, product = draw(st.sampled_from(PLANS))
    start, end = sorted(draw(st.lists(st.sampled_from(GRID), min_size=2, max_size=2, unique=True)))
    if draw(st.booleans()):
        start = start.replace(day=1)
        end = (end + timedelta(days=31)).replace(day=1)
    hours = draw(st.sampled_from([0, 1, 9, 15, 23])) if timed else 0
    billed = ""
    if draw(st.booleans()):
        billed = (end + timedelta(days=draw(st.sampled_from([-20, -1, 0, 4, 35])))).date().isoformat()
    return {
        "account_id": account,
        "subscription_id": subscription if draw(st.integers(0, 3)) else "",
        "item_id": draw(st.sampled_from(["", "", "i0"])),
        "product": product,
        "plan": plan,
        "metric": draw(st.sampled_from(METRICS)),
        "service_start": _text(start, hours),
        "service_end": _text(end, hours),
        "invoiced_at": billed,
        "amount": major(draw(st.sampled_from(USED)), currency),
        "currency": currency,
    }


@st.composite
def _changes(draw: st.DrawFn, places: Sequence[Where]) -> list[Row]:
    """Items of their own, whose MRR goes up and down and never below 0."""
    rows = []
    for n in range(draw(st.integers(1, 3))):
        account, subscription, currency = draw(st.sampled_from(places))
        named = draw(st.booleans())
        total = 0
        for at in sorted(draw(st.lists(st.sampled_from(GRID), min_size=1, max_size=4, unique=True))):
            delta = draw(st.sampled_from([*MOVED, -total, -total]))
            if total + delta < 0 or not delta:
                continue
            total += delta
            plan, product = draw(st.sampled_from(PLANS[:-1])) if named else ("", "")
            rows.append(
                {
                    "account_id": account,
                    "subscription_id": subscription,
                    "item_id": f"e{n}",
                    "product": product,
                    "plan": plan,
                    "occurred_at": _text(at, draw(st.sampled_from([0, 0, 9]))),
                    "delta": major(delta, currency),
                    "currency": currency,
                    "driver": draw(st.sampled_from(["", "", "seats", "price"])),
                    "quantity_delta": draw(st.sampled_from(["", "", "1"])),
                }
            )
    return rows


@st.composite
def _links(draw: st.DrawFn, accounts: Sequence[str]) -> list[File]:
    """Some accounts go on as others, never in a ring; some links are taken back by a later file."""
    order = draw(st.permutations(accounts))
    rows: list[Row] = []
    for n, account in enumerate(order[:-1]):
        if draw(st.integers(0, 2)) == 0:
            target = draw(st.sampled_from(order[n + 1 :]))
            kind = draw(st.sampled_from(["same", "acquired", "acquired"]))
            at = _text(draw(st.sampled_from(GRID)), draw(st.sampled_from([0, 0, 0, 9])))
            on = at if kind == "acquired" else ""
            rows.append({"from_id": account, "to_id": target, "kind": kind, "valid_from": on, "removed": "false"})
    if not rows:
        return []
    files = [File("links", tuple(rows), RECORDED[0])]
    undone = tuple({**row, "removed": "true"} for row in rows if draw(st.integers(0, 7)) == 0)
    return [*files, File("links", undone, RECORDED[-1])] if undone else files


def _text(at: datetime, hours: int) -> str:
    return (at + timedelta(hours=hours)).isoformat() if hours else at.date().isoformat()
