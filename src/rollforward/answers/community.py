"""Accounts that took part in the community beside others like them, from a fixed day on (decision 0016).

Comes in: a Build and what was asked. Goes out: Tables. What differs between matched groups is an observation; nothing
here says what caused it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build

if TYPE_CHECKING:
    from rollforward.stats.matching import Balance, Pairs

COMMUNITY = (
    "what_came", "engaged", "paired", "engaged_share", "matched_share", "share_apart", "apart_low", "apart_high",
    "all_engaged_share", "all_others_share", "matched_verdict",
)  # fmt: skip
ALIKE = ("alike_in", "level", "apart_before", "apart_after", "is_alike")

_TENURES = (91, 182, 365, 730)
"""Days as a customer between which accounts are matched."""


@dataclass(frozen=True)
class Compared:
    """Accounts of the day, who took part, pairs, how alike they are, and why they must not be compared or ''."""

    rows: dict[str, Any]
    engaged: Any
    pairs: Pairs
    balance: list[Balance]
    weakness: str


def community(build: Build, asked: Asked, of: str) -> Table:
    """Who stayed and who grew over the 180 days since, of those that took part and of their matches."""
    from rollforward.stats import matching

    found = _compared(build, asked, of)
    if found is None:
        return figures.finish(build, asked, COMMUNITY, [], [Note("no-community")])
    told: list[tuple[object, ...]] = []
    for outcome, came in (
        ("still_pays", found.rows["stayed"] == 1),
        ("pays_more", found.rows["mrr_then"] > found.rows["mrr"]),
    ):
        mine, theirs = came[found.pairs.treated], came[found.pairs.control]
        every = (
            float(came[found.engaged].mean()),
            float(came[~found.engaged].mean()) if (~found.engaged).any() else None,
        )
        shares: tuple[object, ...] = (None,) * 5
        verdict = found.weakness
        if not found.weakness:
            apart, low, high = matching.share_difference(mine, theirs)
            shares = (float(mine.mean()), float(theirs.mean()), apart, low, high)
            verdict = "higher" if low > 0 else "lower" if high < 0 else "cannot tell"
        told.append((outcome, int(found.engaged.sum()), len(found.pairs.treated), *shares, *every, verdict))
    return figures.finish(build, asked, COMMUNITY, told, _notes(found))


def alike(build: Build, asked: Asked, of: str) -> Table:
    """How far apart the groups were, in standard deviations, before and after matching."""
    from rollforward.stats import matching

    found = _compared(build, asked, of)
    if found is None:
        return figures.finish(build, asked, ALIKE, [], [Note("no-community")])
    told: list[tuple[object, ...]] = []
    for b in found.balance:
        name, _, level = b.name.partition(": ")
        told.append((name, level, _finite(b.before), _finite(b.after), abs(b.after) <= matching.MOST_APART))
    return figures.finish(build, asked, ALIKE, told, _notes(found))


def _compared(build: Build, asked: Asked, of: str) -> Compared | None:
    """None where no account that paid on the day had taken part, or the day is before anybody paid."""
    import numpy as np

    from rollforward.stats import matching

    build.need(["engaged"], asked.progress)
    where = "true" if build.conversion.currency else of  # shares of accounts need no rates
    rows = build.engine.arrays(
        "select account_key, currency, peers, tenure, before, mrr, mrr_then, stayed, community, touches from engaged "
        f"where {where} order by account_key"
    )
    engaged = np.asarray(rows["community"]) > 0
    if not engaged.any():
        return None
    mrr, tenure = np.log(rows["mrr"].astype(float)), rows["tenure"].astype(float)
    band = np.searchsorted(_TENURES, tenure, side="right")
    stratum = np.array([f"{c}|{p}|{b}" for c, p, b in zip(rows["currency"], rows["peers"], band, strict=True)])
    pairs = matching.nearest(engaged, stratum, mrr)
    grown = mrr - np.log(np.where(rows["before"] > 0, rows["before"], rows["mrr"]).astype(float))
    balance = matching.balance(
        pairs, engaged,
        {"mrr": mrr, "tenure": tenure, "plan": np.asarray(rows["peers"], dtype=str), "growth": grown,
         "touches": rows["touches"].astype(float)},
    )  # fmt: skip
    return Compared(rows, engaged, pairs, balance, matching.weakness(pairs, int(engaged.sum()), balance))


def _notes(found: Compared) -> list[Note]:
    engaged, paired = int(found.engaged.sum()), len(found.pairs.treated)
    notes = [Note("matched-by", {"engaged": str(engaged), "paired": str(paired)})]
    if found.weakness:
        furthest = max(found.balance, key=lambda b: abs(b.after))
        apart = f"{furthest.after:+.2f}" if found.weakness == "poor balance" else ""
        notes.append(Note("not-alike", {"name": furthest.name, "apart": apart}))
    return notes


def _finite(value: float) -> float | None:
    return value if value == value and abs(value) != float("inf") else None
