"""What became of renewals: outcomes, renewal rates with intervals, and how right the calls on them were.

Comes in: a Build, what was asked, and the calls made. Goes out: Tables. Outcomes are read off `renewal_worth`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.renewals import Wish, conditions_of, split
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.money import to_minor
from rollforward.state import VOICES, Call, standing

PAST = (
    "due_on", "account_id", "name", "owner", "currency", "ends_what", "subject", "up_mrr", "after_mrr",
    "renewal_outcome", "machine", "owner_call", "leader_call",
)  # fmt: skip
RATES = (
    "period", "currency", "renewals", "kept_accounts", "renewal_rate", "rate_low", "rate_high", "up_mrr", "kept_mrr",
    "money_rate", "money_rate_low", "money_rate_high", "net_rate", "is_small",
)  # fmt: skip
SCORES = (
    "voice", "currency", "calls", "hits", "hit_rate", "hit_low", "hit_high", "with_chance", "brier", "brier_base",
    "expected_mrr", "after_mrr", "amount_error", "amount_miss",
)  # fmt: skip

_MEANS = {"renew": ("renewed", "contracted", "expanded"), "at_risk": ("gone", "contracted"), "lost": ("gone",),
          "expand": ("expanded",)}  # fmt: skip
"""Call → outcomes that make it right."""


def past(build: Build, asked: Asked, wish: Wish) -> Table:
    """A row a renewal that was due, the latest first, with its outcome and the calls that stood on the day before."""
    records = _records(build, asked, wish, is_paged=True)
    calls = standing(wish.calls)
    for r in records:
        for voice in VOICES:
            call = calls.get((r["account_id"], r["due_on"], voice))
            r["machine" if voice == "machine" else f"{voice}_call"] = call.call if call else None
    rows = [tuple(r[c] for c in PAST) for r in records]
    notes = [Note("renewal-rule")] if rows else [Note("no-renewals")]
    return figures.finish(build, asked, PAST, rows, notes + split(r["is_split"] for r in records))


def rates(build: Build, asked: Asked, wish: Wish) -> Table:
    """The renewal rate by period of the term's end: by number (Wilson) and by money (accounts drawn again).

    By money: what was kept, at most what was up, of what was up; net_rate: with what was expanded. No limits by money
    under 20 renewals, and no money where a rate is missing. What went into another currency is in none.
    """
    import numpy as np

    from rollforward.stats import bootstrap, proportion

    starts = build.policy.calendar
    found: dict[tuple[date, str], list[dict[str, Any]]] = {}
    for r in _records(build, asked, wish):
        if r["is_over"] and r["renewal_outcome"] != "transferred":
            found.setdefault((starts.start_of(asked.by, r["due_on"]), r["currency"]), []).append(r)
    rows: list[tuple[object, ...]] = []
    for (period, code), records in sorted(found.items(), key=lambda item: (item[0][1], item[0][0])):
        count, kept = len(records), sum(r["still_pays"] for r in records)
        is_small = count < figures.SMALL
        if any(r["up_mrr"] is None or r["after_mrr"] is None for r in records):
            told = (code, count, kept, kept / count, *proportion.interval(kept, count))
            rows.append((period, *told, *([None] * 6), is_small))
            continue
        up = np.array([[r["up_mrr"]] for r in records], dtype=np.float64)
        left = np.array([[min(r["after_mrr"], r["up_mrr"])] for r in records], dtype=np.float64)
        low = high = None
        if not is_small:
            ends = bootstrap.intervals([left], up)[0]
            low, high = float(ends[0][0]), float(ends[1][0])
        after = sum(int(r["after_mrr"]) for r in records)
        rows.append(
            (period, code, count, kept, kept / count, *proportion.interval(kept, count), int(up.sum()), int(left.sum()),
             float(left.sum() / up.sum()), low, high, after / float(up.sum()), is_small)
        )  # fmt: skip
    return figures.finish(build, asked, RATES, rows, [Note("renewal-rule")] if rows else [Note("no-renewals")])


def scores(build: Build, asked: Asked, wish: Wish) -> Table:
    """How right each voice was, of calls that stood on the day before the term ended and whose outcome is known.

    brier: mean of (chance − outcome)², outcome 1 where it was not lost; brier_base: of the share of those calls that
    were not lost. amount_error: all MRR expected less what came; amount_miss: the mean distance.
    """
    from rollforward.stats import proportion

    outcomes = {(r["account_id"], r["due_on"], r["currency"]): r for r in _records(build, asked, wish)}
    told: dict[tuple[str, str], list[tuple[Call, dict[str, Any]]]] = {}
    for (account, due, voice), call in standing(wish.calls).items():
        for (named, on, code), r in outcomes.items():
            is_known = r["renewal_outcome"] not in ("pending", "transferred")
            if (named, on) == (account, due) and call.currency in ("", code) and is_known:
                told.setdefault((voice, code), []).append((call, r))
    rows: list[tuple[object, ...]] = []
    for (voice, code), pairs in sorted(told.items(), key=lambda item: (VOICES.index(item[0][0]), item[0][1])):
        hits = sum(r["renewal_outcome"] in _MEANS[c.call] for c, r in pairs)
        chances = [(c.chance, float(r["renewal_outcome"] != "gone")) for c, r in pairs if c.chance is not None]
        base = sum(o for _c, o in chances) / len(chances) if chances else 0.0
        brier = sum((c - o) ** 2 for c, o in chances) / len(chances) if chances else None
        amounts = [(to_minor(c.amount, code, True), int(r["after_mrr"])) for c, r in pairs
                   if c.amount is not None and c.currency == code]  # fmt: skip
        expected, came = sum(a for a, _b in amounts), sum(b for _a, b in amounts)
        miss = sum(abs(a - b) for a, b in amounts) // len(amounts) if amounts else None
        money = (expected, came, expected - came, miss) if amounts else (None,) * 4
        rows.append(
            (voice, code, len(pairs), hits, hits / len(pairs), *proportion.interval(hits, len(pairs)), len(chances),
             brier, base * (1 - base) if chances else None, *money)
        )  # fmt: skip
    notes = [] if rows else [Note("no-calls", {"command": "rollforward renewals --keep"})]
    return figures.finish(build, asked, SCORES, rows, notes)


def _records(build: Build, asked: Asked, wish: Wish, is_paged: bool = False) -> list[dict[str, Any]]:
    """Renewals that were due up to the last day known, within `start` and `end` of the question."""
    _codes, where, values = conditions_of(build, asked, wish.account, wish.owner)
    bounds = [f"u.due_on >= date '{asked.start}'"] if asked.start else []
    bounds += [f"u.due_on < date '{asked.end}'"] if asked.end else []
    paged = is_paged and (asked.limit or asked.skip)
    page = f" limit {asked.limit or 2**62} offset {asked.skip}" if paged else ""
    got = build.engine.run(
        "select u.due_on, u.account_id, u.name, u.owner, u.currency, u.kind, u.subject, "
        "case when u.unrated = 0 then u.opening end, case when u.unrated_after = 0 then u.closing end, u.still_pays, "
        "u.moved, u.is_split, k.last_day "
        f"from up u cross join lookback k where {' and '.join([where, *bounds])} and u.due_on <= k.last_day "
        f"order by u.due_on desc, u.opening desc, u.account_key, u.currency{page}",
        values,
    )
    return [_record(row) for row in got]


def _record(row: Sequence[Any]) -> dict[str, Any]:
    *told, pays, moved, is_split, last = row
    record = dict(zip(PAST[:9], told, strict=True))
    before, after = record["up_mrr"], record["after_mrr"]
    record["is_split"] = is_split
    record["still_pays"], record["is_over"] = bool(pays), record["due_on"] + timedelta(days=30) <= last
    if not record["is_over"]:
        record["renewal_outcome"], record["after_mrr"] = "pending", None
    elif not pays:
        record["renewal_outcome"] = "gone"
    elif moved or after == 0:
        record["renewal_outcome"] = "transferred"
    elif before is None or after is None:
        record["renewal_outcome"] = "pending"
    else:
        way = (after > before) - (after < before)
        record["renewal_outcome"] = ("renewed", "expanded", "contracted")[way]
    return record
