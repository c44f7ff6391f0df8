"""Who looks after accounts, how they begin, what they say, and how much they use (the facts `events` and `usage`).

Comes in: a Build and what was asked. Goes out: a Table. These are things that go together; none says what causes what.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rollforward.answers import community, figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse

if TYPE_CHECKING:
    from rollforward.stats.survival import Ints

VIEWS = ("coverage", "milestones", "landmark", "themes", "adoption", "community", "alike")

COVERAGE = (
    "account_owner",
    "currency",
    "accounts",
    "mrr",
    "touched",
    "touched_mrr_share",
    "tickets",
    "last_touch_days",
)
MILESTONES = ("milestone", "accounts", "within_7", "within_30", "within_90", "left_before", "median_days", "is_small")
LANDMARK = (
    "milestone", "has_reached", "accounts", "stayed_3", "stayed_6", "stayed_12", "stayed_12_low", "stayed_12_high",
    "is_small",
)  # fmt: skip
THEMES = (
    "event_kind",
    "theme",
    "accounts",
    "mrr",
    "times",
    "open",
    "days_to_outcome",
    "left_share",
    "judged",
    "is_small",
)
ADOPTION = ("tenure", "accounts", "features", "is_small")

LANDMARK_DAY = 30
"""Days after the first MRR at which accounts are told apart by what they have reached."""


def voice(build: Build, asked: Asked, view: str = "coverage", landmark: int = LANDMARK_DAY) -> Table:
    """One of VIEWS; see `Store.voice`. Misuse `unknown-option`, `no-cut-here`."""
    if view not in _ANSWERS:
        raise Misuse("unknown-option", option="--view", value=view, known=", ".join(VIEWS))
    if not 1 <= landmark <= 365:
        raise Misuse("unknown-option", option="--landmark", value=str(landmark), known="1 … 365")
    if asked.cut.dimensions:
        raise Misuse("no-cut-here", dimension=asked.cut.dimensions[0])
    codes = figures.currencies(build, asked)
    build.cut(asked.cut)
    return _ANSWERS[view](build, asked, f"currency in ({', '.join(map(quote, codes))})", landmark)


def _coverage(build: Build, asked: Asked, of: str, landmark: int) -> Table:
    build.need(["attended", "lookback"], asked.progress)
    rows = build.engine.run(
        "select a.owner, a.currency, count(*), case when max(a.unrated) = 0 then cast(sum(a.mrr) as bigint) end, "
        "count(case when a.touches > 0 then 1 end), case when max(a.unrated) = 0 then "
        "cast(sum(case when a.touches > 0 then a.mrr else 0 end) as double) / nullif(sum(a.mrr), 0) end, "
        "cast(sum(a.tickets) as bigint), median(case when a.last_on > date '0001-01-01' then "
        f"k.last_day - a.last_on end) from attended a cross join lookback k where a.{of} group by a.owner, a.currency "
        "order by a.currency, sum(a.mrr) desc, a.owner"
    )
    return figures.finish(build, asked, COVERAGE, rows, [] if rows else [Note("nobody-pays")])


def _milestones(build: Build, asked: Asked, of: str, landmark: int) -> Table:
    """Cumulative incidence of reaching it, with leaving before as the other end."""
    import numpy as np

    from rollforward.stats import survival

    told: list[tuple[object, ...]] = []
    after = np.array([7, 30, 90], dtype=np.int64)
    for milestone, days, cause in _by_milestone(build, asked):
        found = survival.curve(days, cause, 2, after)
        every = survival.curve(days, cause, 2, np.arange(int(days.max()) + 1))
        half = np.flatnonzero(every.incidence[0] >= 0.5)
        shares = [float(v) if np.isfinite(v) else None for v in found.incidence[0]]
        left, few = found.incidence[1][2], len(days) < figures.SMALL
        cells = (*shares, float(left) if np.isfinite(left) else None, int(half[0]) if len(half) else None)
        told.append((milestone, len(days), *((None,) * 5 if few else cells), few))
    return figures.finish(build, asked, MILESTONES, told, [] if told else [Note("no-milestones")])


def _landmark(build: Build, asked: Asked, of: str, landmark: int) -> Table:
    """Of accounts that still pay on the landmark day: how many stay on, by whether they had reached it by then."""
    import numpy as np

    from rollforward.stats import survival

    build.need(["begun", "lookback"], asked.progress)
    rows = build.engine.arrays(
        "select b.milestone, cast(b.left_on - b.first_on as bigint) as left_after, "
        "cast(b.reached_on - b.first_on as bigint) as reached_after, "
        "cast(k.last_day - b.first_on as bigint) as watched "
        "from begun b cross join lookback k order by b.milestone, b.account_key"
    )
    told: list[tuple[object, ...]] = []
    after = np.array([survival.days_after(n) for n in (3, 6, 12)], dtype=np.int64)
    for milestone in sorted(set(rows["milestone"].tolist())):
        inside = (rows["milestone"] == milestone) & (rows["left_after"] > landmark) & (rows["watched"] >= landmark)
        for reached in (True, False):
            mine = inside & ((rows["reached_after"] <= landmark) == reached)
            if not mine.any():
                continue
            left = rows["left_after"][mine]
            days = np.minimum(left, rows["watched"][mine]) - landmark
            found = survival.curve(days, (left <= rows["watched"][mine]).astype(np.int64), 1, after)
            shares = [float(v) if np.isfinite(v) else None for v in (*found.held, found.low[2], found.high[2])]
            few = int(mine.sum()) < figures.SMALL
            told.append((milestone, reached, int(mine.sum()), *([None] * 5 if few else shares), few))
    return figures.finish(build, asked, LANDMARK, told, [] if told else [Note("no-milestones")])


def _by_milestone(build: Build, asked: Asked) -> list[tuple[str, Ints, Ints]]:
    """Days from the first MRR to the milestone (cause 1), to leaving (2), or as far as is known (0)."""
    import numpy as np

    build.need(["begun", "lookback"], asked.progress)
    rows = build.engine.arrays(
        "select b.milestone, cast(least(b.reached_on, b.left_on, k.last_day) - b.first_on as bigint) as days, "
        "cast(case when b.reached_on <= least(b.left_on, k.last_day) then 1 when b.left_on <= k.last_day then 2 else 0 "
        "end as bigint) as cause from begun b cross join lookback k order by b.milestone, b.account_key"
    )
    names = np.array(rows["milestone"].tolist())
    return [(str(m), rows["days"][names == m], rows["cause"][names == m]) for m in sorted(set(names.tolist()))]


def _themes(build: Build, asked: Asked, of: str, landmark: int) -> Table:
    build.need(["voiced"], asked.progress)
    rows = build.engine.run(
        "select currency, kind, theme, count(*), case when max(unrated) = 0 then cast(sum(mrr) as bigint) end, "
        "cast(sum(times) as bigint), "
        "case when kind in ('ticket', 'request') then cast(sum(open) as bigint) end, avg(days), "
        f"case when sum(is_old) >= {figures.SMALL} then cast(sum(is_old * has_left) as double) / sum(is_old) end, "
        f"cast(sum(is_old) as bigint), sum(is_old) < {figures.SMALL} from voiced where {of} or currency = '' "
        "group by currency, kind, theme order by currency = '', currency, sum(mrr) desc, count(*) desc, kind, theme"
    )
    return figures.finish(build, asked, ("currency", *THEMES), rows, [] if rows else [Note("nothing-said")])


def _adoption(build: Build, asked: Asked, of: str, landmark: int) -> Table:
    build.need(["breadth_now", "signal_account", "lookback"], asked.progress)
    rows = build.engine.run(
        "with old as (select b.features, k.last_day - s.first_on as days from breadth_now b join signal_account s on "
        "s.account_key = b.account_key cross join lookback k) "
        "select case when days < 91 then 'to 3 months' when days < 182 then '3 to 6 months' when days < 365 then "
        "'6 to 12 months' when days < 730 then '1 to 2 years' else 'above 2 years' end, count(*), avg(features), "
        f"count(*) < {figures.SMALL} from old group by 1 order by min(days)"
    )
    return figures.finish(build, asked, ADOPTION, rows, [] if rows else [Note("no-use")])


_ANSWERS: dict[str, Callable[[Build, Asked, str, int], Table]] = {
    "coverage": _coverage, "milestones": _milestones, "landmark": _landmark, "themes": _themes, "adoption": _adoption,
    "community": lambda build, asked, of, landmark: community.community(build, asked, of),
    "alike": lambda build, asked, of, landmark: community.alike(build, asked, of),
}  # fmt: skip
