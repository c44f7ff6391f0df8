"""Where prices and packages fail: moves between plans, limits, steps of the price list, wishes, who has add-ons.

Comes in: a Build and what was asked. Goes out: a Table. Each says what is so and leaves the why to the reader.
"""

from __future__ import annotations

from collections.abc import Callable

from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse

VIEWS = ("moves", "watch", "limits", "rerated", "steps", "requests", "add_ons")

MOVES = (
    "from_plan", "to_plan", "direction", "currency", "moves", "accounts", "amount", "last_90", "last_365", "again",
    "used_before", "first_on", "last_on",
)  # fmt: skip
WATCH = (
    "from_plan", "to_plan", "currency", "is_alarm", "lately", "expected_lately", "most_usual", "before_lately",
    "on_plan", "amount",
)  # fmt: skip
RERATED = (
    "account_id", "currency", "plan_id", "mrr", "rerating", "cheapest_plan", "cheapest_mrr", "regret", "regret_share",
    "months_told", "full_months", "unused_share", "plans_rated",
)  # fmt: skip
LIMITS = (
    "plan_id", "metric", "accounts", "used_median", "used_little", "used_near", "used_over", "fit", "is_small",
)  # fmt: skip
STEPS = (
    "plan_id", "next_plan", "currency", "interval", "list_price", "next_list_price", "step", "accounts", "moved_up",
    "moved_up_share",
)  # fmt: skip
REQUESTS = ("request", "currency", "accounts", "mrr", "large_accounts", "times", "still_open", "first_on", "last_on")
ADD_ONS = ("product_id", "currency", "accounts", "share", "share_large", "share_others", "is_small")

LITTLE, NEAR = 0.2, 0.8
"""Shares of a limit below and from which its use is little and near."""

BINDS_NOBODY, BINDS_MOST = 0.02, 0.6
"""Shares of a plan's accounts near a limit up to and from which the limit binds nobody or most."""

LEVEL = 0.01
"""How often chance may raise an alarm at one look, for all pairs of plans together."""

_PLAN = "(select p.plan_id from plan p where p.plan_key = {})"


def pricing(build: Build, asked: Asked, view: str = "moves") -> Table:
    """One of VIEWS; see `Store.pricing`. Misuse `unknown-option`, `no-cut-here`."""
    if view not in _ANSWERS:
        raise Misuse("unknown-option", option="--view", value=view, known=", ".join(VIEWS))
    if asked.cut.dimensions:
        raise Misuse("no-cut-here", dimension=asked.cut.dimensions[0])
    codes = figures.currencies(build, asked)
    build.cut(asked.cut)
    return _ANSWERS[view](build, asked, f"currency in ({', '.join(map(quote, codes))})")


def _moves(build: Build, asked: Asked, of: str) -> Table:
    build.need(["plan_move", "plan_move_use", "plan", "lookback"], asked.progress)
    bounds = [of]
    bounds += [f"on_date >= date '{asked.start}'"] if asked.start else []
    bounds += [f"on_date < date '{asked.end}'"] if asked.end else []
    rows = build.engine.run(
        "with moved as (select m.*, u.share, k.last_day, row_number() over (partition by m.account_key, "
        "m.from_plan_key, m.to_plan_key order by m.at, m.item_key) as nth from plan_move m cross join lookback k "
        "left join plan_move_use u on u.account_key = m.account_key and u.item_key = m.item_key and u.at = m.at "
        f"and u.from_plan_key = m.from_plan_key and u.to_plan_key = m.to_plan_key where {' and '.join(bounds)}) "
        f"select {_PLAN.format('from_plan_key')}, {_PLAN.format('to_plan_key')}, direction, currency, count(*), "
        "count(distinct account_key), case when count(amount) = count(*) then cast(sum(amount) as bigint) end, "
        "count(case when on_date > last_day - 90 then 1 end), count(case when on_date > last_day - 365 then 1 end), "
        "count(distinct case when nth > 1 then account_key end), median(share), min(on_date), max(on_date) from moved "
        "group by from_plan_key, to_plan_key, direction, currency order by direction = 'level', direction, "
        "count(*) desc, 1, 2"
    )
    return figures.finish(build, asked, MOVES, rows, [] if rows else [Note("no-plan-moves")])


def _watch(build: Build, asked: Asked, of: str) -> Table:
    """Alarms first. Limits allow for how many pairs are judged (Bonferroni)."""
    from rollforward.stats import watch

    build.need(["plan_watch", "plan"], asked.progress)
    rows = build.engine.run(
        f"select {_PLAN.format('w.from_plan_key')}, {_PLAN.format('w.to_plan_key')}, currency, lately, before, "
        f"days_lately, days_before, case when unrated = 0 then amount end from plan_watch w where {of} order by 3, 1, 2"
    )
    known = [[int(str(n)) for n in r[3:7]] for r in rows]
    judged = sum(late > 0 and past >= late for _n, _m, late, past in known)
    told: list[tuple[object, ...]] = []
    for row, (lately, before, late, past) in zip(rows, known, strict=True):
        on_plan = round(late / watch.LATELY)
        if not 0 < late <= past:  # too young a plan to say what is usual
            told.append((*row[:3], None, lately, None, None, before, on_plan, row[7]))
            continue
        part = late / (late + past)
        most = watch.most_usual(before, part, LEVEL / judged)
        told.append((*row[:3], lately > most, lately, before * late / past, most, before, on_plan, row[7]))
    told.sort(key=lambda r: (str(r[2]), not r[3], -int(str(r[4])), str(r[0]), str(r[1])))
    notes = [Note("watched-pairs", {"pairs": str(judged)})] if judged else []
    return figures.finish(build, asked, WATCH, told, notes if rows else [Note("no-downgrades")])


def _rerated(build: Build, asked: Asked, of: str) -> Table:
    """Those that pay most above the cheapest plan that would have done first."""
    build.need(["rerated", "account", "plan"], asked.progress)
    page = f" limit {asked.limit or 2**62} offset {asked.skip}" if asked.limit or asked.skip else ""
    regret = "case when rerating = 'less would do' then mrr - cheapest_mrr else 0 end"
    rows = build.engine.run(
        f"select a.account_id, currency, {_PLAN.format('r.plan_key')} as plan_id, mrr, rerating, "
        f"case when cheapest_plan_key > 0 then {_PLAN.format('r.cheapest_plan_key')} end, "
        f"case when cheapest_plan_key > 0 then cheapest_mrr end, {regret} as regret, "
        f"cast({regret} as double) / nullif(mrr, 0), months, full_months, case when unused >= 0 then unused end, plans "
        f"from rerated r join account a on a.account_key = r.account_key where {of} "
        f"order by currency, regret desc nulls last, mrr desc, a.account_id{page}"
    )
    counts = build.engine.run(
        f"select count(*), count(case when rerating = 'less would do' then 1 end), "
        f"count(case when rerating = 'none would do' then 1 end) from rerated where {of}"
    )[0]
    told = dict(zip(("accounts", "less", "none"), map(str, counts), strict=True))
    notes = [Note("rerated", {"accounts": told["accounts"], "less": told["less"], "none": told["none"]}),
             Note("regret-is-no-fault")]  # fmt: skip
    return figures.finish(build, asked, RERATED, rows, notes if rows or counts[0] else [Note("no-rerating")])


def _limits(build: Build, asked: Asked, of: str) -> Table:
    build.need(["limit_fit", "plan"], asked.progress)
    rows = build.engine.run(
        f"select {_PLAN.format('f.plan_key')}, metric, count(*), median(share), avg((share < {LITTLE})::int), "
        f"avg((share >= {NEAR})::int), avg((share > 1)::int) from limit_fit f group by f.plan_key, metric order by 1, 2"
    )
    told = [(*r, _fit(float(str(r[5]))), int(str(r[2])) < figures.SMALL) for r in rows]
    return figures.finish(build, asked, LIMITS, told, [] if rows else [Note("no-limits")])


def _fit(near: float) -> str:
    return "binds nobody" if near <= BINDS_NOBODY else "binds most" if near >= BINDS_MOST else "binds some"


def _steps(build: Build, asked: Asked, of: str) -> Table:
    build.need(["price_step", "plan_move", "plan", "lookback"], asked.progress)
    told = f"s.{of}" if not build.conversion.currency else "true"  # list prices stand in their own currency
    rows = build.engine.run(
        "with up as (select from_plan_key, count(distinct account_key) as accounts from plan_move m cross join "
        "lookback k where direction = 'up' and on_date > k.last_day - 365 group by 1) "
        f"select {_PLAN.format('s.plan_key')}, {_PLAN.format('s.next_plan_key')}, s.currency, s.interval, s.price, "
        "s.next_price, s.step, s.accounts, coalesce(u.accounts, 0), cast(coalesce(u.accounts, 0) as double) / "
        "nullif(s.accounts + coalesce(u.accounts, 0), 0) from price_step s left join up u on u.from_plan_key = "
        f"s.plan_key where {told} order by s.currency, s.interval, s.step desc, 1"
    )
    return figures.finish(build, asked, STEPS, rows, [] if rows else [Note("no-price-list")])


def _requests(build: Build, asked: Asked, of: str) -> Table:
    build.need(["wish", "extra_held"], asked.progress)
    rows = build.engine.run(
        "with big as (select distinct account_key from extra_held where is_large = 1) "
        "select w.tag, w.currency, count(*), case when max(w.unrated) = 0 then cast(sum(w.mrr) as bigint) end, "
        "count(b.account_key), cast(sum(w.times) as bigint), cast(sum(w.is_open) as bigint), "
        "min(w.first_on), max(w.last_on) from wish w left join big b on "
        f"b.account_key = w.account_key where w.{of} or w.currency = '' group by 1, 2 "
        "order by w.currency, 4 desc nulls last, 1"
    )
    return figures.finish(build, asked, REQUESTS, rows, [] if rows else [Note("no-requests")])


def _add_ons(build: Build, asked: Asked, of: str) -> Table:
    build.need(["extra_held", "product"], asked.progress)
    paid = f"e.{of}" if not build.conversion.currency else "true"  # shares among those that pay in one currency
    rows = build.engine.run(
        "with whole as (select currency, count(distinct account_key) as accounts, count(distinct case when is_large = "
        "1 then account_key end) as large from extra_held group by 1) "
        "select (select p.product_id from product p where p.product_key = e.product_key), "
        "e.currency, count(*), cast(count(*) as double) / w.accounts, "
        "cast(sum(e.is_large) as double) / nullif(w.large, 0), "
        "cast(count(*) - sum(e.is_large) as double) / nullif(w.accounts - w.large, 0), "
        f"w.accounts < {4 * figures.SMALL} from extra_held e join whole w on w.currency = e.currency "
        f"where e.product_key > 0 and {paid} "
        "group by e.product_key, e.currency, w.accounts, w.large order by e.currency, 3 desc, 1"
    )
    return figures.finish(build, asked, ADD_ONS, rows, [] if rows else [Note("no-add-ons")])


_ANSWERS: dict[str, Callable[[Build, Asked, str], Table]] = {
    "moves": _moves, "watch": _watch, "limits": _limits, "rerated": _rerated, "steps": _steps, "requests": _requests,
    "add_ons": _add_ons,
}  # fmt: skip
