"""The tables of the contract: what to build for each, which rows, which columns are money.

Comes in: a Build and what was asked. Goes out: a Table. No metric is computed here; the models do that, and stats the
intervals of retention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta

from rollforward import periods
from rollforward.answers import currency, intervals
from rollforward.answers.table import Note, Table
from rollforward.build import MONTHS, Build, Progress
from rollforward.cut import DERIVED, ITEMS, WHOLE, Cut
from rollforward.errors import Misuse
from rollforward.money import to_major
from rollforward.policy import Policy
from rollforward.schema import DRIVERS, MOVEMENTS

_QUIET = timedelta(days=62)
"""Two months without any change look like the end of the data, not like a company at rest."""

SMALL = 20
"""Cells of fewer accounts are marked."""

BY = tuple(f"by_{d}" for d in DRIVERS)

MRR = (
    "period", "currency", "opening", "restatement", "new", "reactivation", "expansion", "contraction", "churn",
    "fx", "transfer", "adjustment", "closing", "churn_involuntary", "accounts_opening", "accounts_new",
    "accounts_reactivated", "accounts_expanded", "accounts_contracted", "accounts_churned", "accounts_transfer",
    "accounts_closing", "is_complete",
)  # fmt: skip
METRICS = (
    "period", "currency", "mrr", "arr", "accounts", "arpa", "net_new", "mrr_growth", "ndr_1", "grr_1", "ndr_3",
    "grr_3", "ndr_12", "grr_12", "logo_churn", "quick_ratio", "expansion_rate", "expansion_growth",
    "expansion_share", "expansion_share_of_net_new", "is_net_negative", "net_negative_streak", "ltv",
    "is_complete",
)  # fmt: skip
EXPANSION = (
    "period", "currency", "expansion", *BY, "from_opening", "from_newcomers", "reactivation", "opening",
    "expansion_rate", "expansion_growth", "expansion_share", "expansion_share_of_net_new", "accounts_expanded",
    "is_complete",
)  # fmt: skip
RETENTION = (
    "window_start", "window_end", "months", "currency", "opening", "expansion", "contraction", "churn",
    "closing", "fx", "ndr", "ndr_low", "ndr_high", "grr", "grr_low", "grr_high", "logo_retention", "net_churn",
    "band", "accounts_opening", "accounts_lost", "largest_account_share", "ndr_includes_reactivation",
    "is_complete",
)  # fmt: skip

MONEY = frozenset(
    (
        "opening", "restatement", "new", "reactivation", "expansion", "contraction", "churn", "fx", "transfer",
        "adjustment", "closing", "churn_involuntary", "mrr", "arr", "arpa", "net_new", "ltv", "from_opening",
        "from_newcomers", "amount", "delta", "before", "after", "kept", "as_closed", "as_known_now", "difference",
        "ours", "theirs", "peak", "change_30", "change_12", "unit_price", "discount_amount", "uplift",
        "held_now", "made_mrr", "unsustainable_mrr", "later_cost", "watched_mrr", "spend_new", "spend_expansion",
        "spend_retention", "new_mrr", "expansion_mrr", "cost_account", "lifetime_value", "lifetime_without",
        "list_price", "next_list_price", "headroom", "next_tier", "top_tier", "add_ons", "products", "gain",
        "mrr_at_ceiling", "closing_low", "closing_high", "recorded", "renewing",
        "now_mrr", "planned_mrr", "change_mrr", "mrr_low", "mrr_expected", "mrr_high", "cost",
        "machine_mrr", "owner_mrr", "leader_mrr", "up_mrr", "after_mrr",
        "kept_mrr", "expected_mrr", "amount_error", "amount_miss", "mrr_likely",
        "clawed_back", "durable_uplift", "commission", "commission_settled",
        "cheapest_mrr", "regret", "opening_before", "closing_before", "opening_after", "closing_after",
        "gain_with", "gain_without", "gain_effect", "gain_low", "gain_high", "mrr_before", "mrr_now", *BY,
    )
)  # fmt: skip


AVERAGES = frozenset(("arpa", "ltv"))
"""Money that is empty where nobody pays."""


@dataclass(frozen=True)
class Asked:
    """What every question may say: `start` is the first day of the first period, `end` the first day after the last.

    Of long listings at most `limit` rows are told (0: all), behind the first `skip`.
    """

    by: str = "month"
    start: date | None = None
    end: date | None = None
    currency: str | None = None
    minor: bool = False
    as_of_text: str = ""
    notes: tuple[Note, ...] = ()
    progress: Progress | None = None
    cut: Cut = WHOLE
    limit: int = 0
    skip: int = 0

    def columns(self, columns: tuple[str, ...], name: str = "segment") -> tuple[str, ...]:
        """`columns` with that of the segment behind the currency where rows are split by one."""
        if not self.cut.segment:
            return columns
        at = columns.index("currency") + 1
        return (*columns[:at], name, *columns[at:])


def currencies(build: Build, asked: Asked) -> list[str]:
    """Currencies to answer in, from now on those of `build` (decision 0010.2). Raises Misuse `unknown-currency`."""
    return currency.choose(build, asked.currency, asked.progress)


def finish(
    build: Build, asked: Asked, columns: Sequence[str], rows: list[tuple[object, ...]], notes: Sequence[Note] = ()
) -> Table:
    """The table with the columns that every table ends with."""
    tail = (build.policy.name, build.policy.version, asked.as_of_text, build.basis, build.version)
    names = (*columns, "policy", "policy_version", "as_of", "basis", "store_version")
    found = list(asked.notes) + list(notes)
    if "is_complete" in columns and any(row[columns.index("is_complete")] is False for row in rows):
        found.append(Note("incomplete-period"))
    days = build.range()
    if "is_complete" in columns and days.is_live and build.today - days.last > _QUIET and days.known_to > build.today:
        found.append(Note("nothing-since", {"last": f"{days.last}", "next": f"{days.last + timedelta(days=1)}"}))
    shown = [dict(zip(columns, row, strict=True)) for row in rows]
    found += currency.remarks(build, asked.currency, shown, MONEY - AVERAGES)
    found += untold(build, asked.cut)
    if build.policy.is_approximate:
        found.append(approximate(build.policy))
    found += fallbacks(build)
    table = Table.of_money(names, [(*r, *tail) for r in rows], MONEY, asked.minor, found)
    if build.policy.calendar != periods.Calendar():
        table.calendars[build.policy.name] = astuple(build.policy.calendar)
    return table


def untold(build: Build, cut: Cut) -> list[Note]:
    """Attributes that the question names and nobody had told when the last period was closed (decision 0012.7)."""
    named = {d for d in cut.dimensions if d not in ITEMS and d not in DERIVED}
    if not named or not build.closed:
        return []
    listed = ", ".join(str(s.closing.commit_id) for s in build.closed)
    rows = build.need(["closed_value"]).run(
        f"select distinct dimension from closed_value where commit_id in ({listed})"
    )
    unknown = named - {str(row[0]) for row in rows}
    return [Note("unknown-when-closed", {"dimensions": ", ".join(sorted(unknown))})] if unknown else []


def fallbacks(build: Build) -> list[Note]:
    """For how much MRR a setting that asks for a date fell back to the start or the end (decision 0009)."""
    if (build.policy.churn_on, build.policy.active_from) == ("ended", "period_start"):
        return []
    rows = build.need(["fallback"]).run("select setting, currency, mrr from fallback order by setting, currency")
    told: dict[str, list[str]] = {}
    for setting, code, minor in rows:
        told.setdefault(str(setting), []).append(f"{to_major(int(str(minor)), str(code))} {code}")
    found = []
    if "churn_on" in told:
        found.append(Note("no-date-of-churn", {"mrr": ", ".join(told["churn_on"])}))
    if "active_from" in told:
        found.append(Note("no-date-of-payment", {"mrr": ", ".join(told["active_from"])}))
    return found


def approximate(rules: Policy) -> Note:
    """The remark that an answer under an approximate policy carries."""
    return Note("approximate-policy", {"policy": rules.name, "rules": str(len(rules.not_reproduced))})


Before = Callable[[Build, Asked], None]
"""What has to be made before the model that is asked for."""


def _shown(build: Build, asked: Asked, column: str, end_column: str) -> str:
    """The filter for the periods asked for: from the first covered to the last known, or the last with any MRR."""
    days = build.range()
    parts = [f"{end_column} > date '{asked.start or days.shown_from}'"]
    if asked.end is None and not days.is_live:
        parts.append(f"{column} <= date '{days.last}'")
    if asked.end:
        parts.append(f"{column} < date '{asked.end}'")
    return " and ".join(parts)


def _by_period(
    build: Build, asked: Asked, model: str, columns: tuple[str, ...], extra: str = "", before: Before | None = None
) -> Table:
    wanted = ", ".join(f"'{c}'" for c in currencies(build, asked))
    build.cut(asked.cut)
    build.calendar(asked.by)
    if before:
        before(build, asked)
    build.need([model, "period"], asked.progress)
    columns = asked.columns(columns)
    rows = build.engine.run(
        f"select {', '.join('m.' + c for c in columns)} from {model} m join period p on p.period = m.period "
        f"where m.currency in ({wanted}) and {_shown(build, asked, 'p.period', 'p.period_end')} {extra} "
        "order by m.currency, m.period, m.segment"
    )
    if asked.cut.segment and "accounts_opening" in columns:
        at = columns.index("accounts_opening")
        columns, rows = (*columns, "is_small"), [(*r, _is_small(r[at])) for r in rows]
    return finish(build, asked, columns, rows)


def _is_small(accounts: object) -> bool:
    """Whether a cell's ratios are too uncertain to compare (decision 0011.7)."""
    return int(str(accounts)) < SMALL


def mrr(build: Build, asked: Asked) -> Table:
    """The roll-forward."""
    return _by_period(build, asked, "roll_forward", MRR)


def expansion(build: Build, asked: Asked) -> Table:
    """Expansion MRR and what it is made of."""
    return _by_period(build, asked, "expansion", EXPANSION)


def drivers(build: Build, asked: Asked, movement: str) -> Table:
    """What any movement is made of, one row a period in which there was some."""
    if movement not in MOVEMENTS:
        raise Misuse("unknown-option", option="--movement", value=movement, known=", ".join(MOVEMENTS))
    columns = ("period", "currency", "movement", "amount", *BY)
    return _by_period(build, asked, "driver_period", columns, f"and m.movement = '{movement}'")


def metrics(build: Build, asked: Asked) -> Table:
    """One row a period: balances, retention of 1, 3 and 12 months, ratios."""
    return _by_period(build, asked, "metrics", METRICS, before=_retained)


def _retained(build: Build, asked: Asked) -> None:
    """Makes the retention of all windows, which metrics stand beside; nothing where these are stored."""
    grid = _grid(asked.by)
    build.windows(grid, MONTHS[-1])
    if build.finds("metrics"):
        return
    build.need(["series"], asked.progress)
    build.engine.keep("metric_line", "select * from series")
    build.cut(replace(asked.cut, mode="frozen") if asked.cut.dimensions else asked.cut)
    build.engine.view("series", "from metric_line")
    build.mark("series")
    for months in MONTHS:
        build.windows(grid, months)
        build.need(["retention_total"], asked.progress)
        build.engine.keep(f"retained_{months}", "select * from retention_total")
    build.cut(asked.cut)
    build.engine.view("retention_total", " union all ".join(f"select * from retained_{months}" for months in MONTHS))
    build.mark("retention_total")


def _grid(by: str) -> str:
    """Windows end with every month for months and longer: quarters and years are some of them."""
    return by if by in ("day", "week") else "month"


def retention(build: Build, asked: Asked, window: int | tuple[date, date]) -> Table:
    """NDR, GRR and logo retention, one window ending at each period's end, or the one window given by two dates.

    Segments are as they are when a window begins; those of the mode `owned` are products, with each account's own part.
    """
    if asked.cut.dimensions and asked.cut.mode == "flow":
        asked = replace(asked, cut=replace(asked.cut, mode="frozen"))
    build.cut(asked.cut)
    wanted = ", ".join(f"'{c}'" for c in currencies(build, asked))
    if isinstance(window, tuple):
        build.window_between(*window)
        asked = replace(asked, start=None, end=None)
        where = "true"
    else:
        if window not in MONTHS:
            raise Misuse("no-such-window", window=str(window), known=", ".join(map(str, MONTHS)))
        build.calendar(asked.by)
        build.windows(_grid(asked.by), window)
        build.need(["period"])
        where = "r.window_end in (select period_end from period) and "
        days = build.range()
        where += f"r.window_end > date '{asked.start or periods.add_months(days.shown_from, window)}'"
        if asked.end is None and not days.is_live:
            where += f" and r.window_start <= date '{days.last}'"
        if asked.end:
            where += f" and r.window_end <= date '{asked.end}'"
    build.need(["retention_total"], asked.progress)
    got = (
        "window_start",
        "window_end",
        "months",
        "currency",
        "segment",
        "opening",
        "expansion",
        "contraction",
        "churn",
        "closing",
        "fx",
        "ndr",
        "grr",
        "logo_retention",
        "net_churn",
        "accounts_opening",
        "accounts_lost",
        "largest_account_share",
        "is_complete",
        "seq",
    )
    found = build.engine.run(
        f"select {', '.join('r.' + c for c in got)} from retention_total r where r.currency in ({wanted}) and {where} "
        "order by r.currency, r.window_end, r.segment"
    )
    records = [dict(zip(got, row, strict=True)) for row in found]
    if asked.cut.segment:
        records = [r for r in records if r["accounts_opening"]]
    intervals.add(build, records)
    columns = asked.columns(RETENTION)
    rows = [tuple(r[c] for c in columns) for r in records]
    notes = [Note("native-currency")] if len({r["currency"] for r in records}) > 1 else []
    if asked.cut.segment:
        columns = (*asked.columns(RETENTION, "product" if asked.cut.mode == "owned" else "segment"), "is_small")
        rows = [(*row, _is_small(r["accounts_opening"])) for row, r in zip(rows, records, strict=True)]
    return finish(build, asked, columns, rows, notes)


def as_of_text(as_of: datetime | None, now: datetime) -> str:
    """The moment an answer speaks of, ISO 8601 in UTC to the second."""
    return f"{(as_of or now).replace(microsecond=0).isoformat()}Z"
