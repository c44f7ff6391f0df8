"""Looks at past days: what was said as of then, kept in small files, and whether it came true.

Comes in: the facts and a Build of now. Goes out: for each day a file of who paid and which signals stood; a Table of
how right each signal was. A look is the models of a Build as of that day, so nothing recorded later is in it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from math import log
from pathlib import Path
from statistics import NormalDist

from rollforward import periods
from rollforward.answers import figures
from rollforward.answers.figures import SMALL, Asked
from rollforward.answers.table import Table
from rollforward.build import Build
from rollforward.cut import WHOLE
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse
from rollforward.stats.lift import Lift, lift
from rollforward.text.signals import KINDS

WATCHED = 90
"""Days after a look in which what a signal claims must come true."""

MONTHS = 12
"""Looks, one at the end of each month, unless more or fewer are asked for."""

BACKTEST = (
    "signal", "claim", "is_on", "verdict", "looks", "seen", "shown", "right", "base_rate", "peer_rate", "precision",
    "recall", "lift", "lift_low", "lift_high", "lead_days", "is_small",
)  # fmt: skip

_DAY = timedelta(days=1)
_RESTING = 3600
"""Seconds for which a look that no longer holds is left to whoever reads it."""


def month_ends(build: Build, months: int) -> list[date]:
    """The last days of the latest months whose 90 days after are known, and that something was recorded by.

    Misuse `no-history` if there is none.
    """
    first = build.store.first_recorded()
    known_to = build.complete_to()
    day = known_to.replace(day=1)
    found: list[date] = []
    while first is not None and len(found) < months:
        day = periods.add_months(day, -1)
        end = periods.add_months(day, 1) - _DAY
        if datetime.combine(day, datetime.min.time()) < first:
            break
        if end + timedelta(days=WATCHED) < known_to:
            found.append(end)
    if not found:
        raise Misuse("no-history", first=f"{first:%Y-%m-%d}" if first else "", days=str(WATCHED))
    return found[::-1]


SIGNALS = (
    "select account_key, currency, signal, '' as peers from signal union all "
    "select account_key, currency, '', family || ' ' || tier from signal_account",
    ("signal", "signal_account"),
)
"""What a look keeps of signals, and the models that it reads."""


def looks(
    build: Build,
    at: Callable[[datetime], Build],
    days: list[date],
    asked: Asked,
    what: tuple[str, tuple[str, ...]] = SIGNALS,
    name: str = "",
) -> list[tuple[date, date, Path]]:
    """The file of each look: account_key, currency and signal, '' for each account that paid; made where missing.

    what: another select that has these columns and more, and the models that it reads; `name` tells its files apart.
    """
    found = []
    for nth, day in enumerate(days):
        if asked.progress:
            asked.progress(f"look {day}", nth / len(days))
        moment = datetime.combine(day + _DAY, datetime.min.time()) - timedelta(microseconds=1)
        past = at(moment)
        past.signals.by(build.signals.rules)
        path = build.store.path / "looks" / f"{day}-{past.folder.name}{past.signals.rules.variant}{name}.parquet"
        if not path.exists():
            _look(past, path, *what)
        found.append((day, day + timedelta(days=WATCHED), path))
    kept = {path for _, _, path in found}
    for old in (build.store.path / "looks").glob("*.parquet"):
        is_same = old.stem.endswith("-features") == (name == "-features")
        if is_same and old not in kept and old.stat().st_mtime < time.time() - _RESTING:
            old.unlink(missing_ok=True)
    return found


def _look(past: Build, path: Path, select: str, reads: tuple[str, ...]) -> None:
    path.parent.mkdir(exist_ok=True)
    past.need(reads)
    half = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    past.engine.run(f"copy ({select}) to {quote(str(half))} (format parquet)")
    half.replace(path)


def backtest(
    build: Build, at: Callable[[datetime], Build], asked: Asked, off: Collection[str], months: int = MONTHS
) -> Table:
    """How right each signal was at the ends of the latest months: one row a signal that is known.

    lead_days: median days from a look to the outcome. verdict: better (the interval of the lift lies above 1), worse
    (below), cannot tell, or never shown. Misuse `no-history`.
    """
    days = month_ends(build, months)
    build.cut(WHOLE)
    build.report("")
    build.signals.look(looks(build, at, days, asked))
    build.need(["outcome", "signal_outcome"], asked.progress)
    scores = {name: _score(build, name, kind.claim) for name, kind in KINDS.items()}
    judged = sum(found.shown >= SMALL for found, _ in scores.values())
    rows: list[tuple[object, ...]] = [
        (name, KINDS[name].claim, name not in off, verdict(found, judged), len(days), found.seen, found.shown,
         found.right, found.base, found.expected, found.precision, found.recall, found.lift, found.low, found.high,
         lead, found.shown < SMALL)
        for name, (found, lead) in scores.items()
    ]  # fmt: skip
    return figures.finish(build, asked, BACKTEST, rows)


def verdict(found: Lift, judged: int) -> str:
    """What a lift says, of so many that are judged: its interval, 95 % for all of them together, is above or below 1.

    With fewer than 20 showings it says nothing.
    """
    if not found.shown:
        return "never shown"
    if found.shown < SMALL or not found.lift or not found.low or not found.high:
        return "cannot tell"
    spread = log(found.high / found.low) / (2 * NormalDist().inv_cdf(0.975))
    away = log(found.lift) / spread if spread else 0.0
    needed = NormalDist().inv_cdf(1 - 0.025 / max(1, judged))
    return "better" if away > needed else "worse" if away < -needed else "cannot tell"


def _score(build: Build, signal: str, claim: str) -> tuple[Lift, int | None]:
    """The lift of one signal for what it claims, and the median days to the outcome where it came."""
    import numpy as np

    came, on = (
        ("o.mrr_then > o.mrr", "gained_on") if claim == "expansion" else ("o.lost_on < date '9999-12-31'", "lost_on")
    )
    hit = "grew" if claim == "expansion" else "lost"
    seen = build.engine.arrays(
        f"select o.account_key, o.peers, count(*) as seen, count(case when {came} then 1 end) as came, "
        f"count(s.signal) as shown, coalesce(sum(s.{hit}), 0) as both from outcome o left join signal_outcome s "
        f"on s.look_on = o.look_on and s.account_key = o.account_key and s.signal = {quote(signal)} "
        "group by o.account_key, o.peers"
    )
    counts = [np.asarray(seen[c], dtype=float) for c in ("seen", "came", "shown", "both")]
    days = build.engine.run(
        f"select median({on} - look_on) from signal_outcome where signal = {quote(signal)} and {hit} = 1 "
        f"and {on} < date '9999-12-31'"
    )[0][0]
    who, like = seen["account_key"], np.asarray(seen["peers"], dtype=str)
    return lift(counts[0], counts[1], counts[2], counts[3], who, like), None if days is None else int(
        float(str(days)) + 0.5
    )
