"""How long expansions last (definitions.md section 7, decision 0016): by number, by money, and one by one.

Comes in: a Build, what was asked, by what to split. Goes out: a Table. Which uplifts there are and what became of them
is said by the models; stats/survival.py estimates from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse
from rollforward.numerals import is_whole

SPLITS = ("driver", "discount", "channel", "offer")
"""What uplifts can be split by besides a dimension of accounts."""

STATES = ("all", "held", "ended", "watched", "unsustainable")
"""Which uplifts are listed; watched: still inside the watch period, unsustainable: see `unsustainable`."""

_BANDS = ("no discount", "to 10 %", "10 to 20 %", "20 to 30 %", "above 30 %")
"""Depths of discount in their order."""

FATES = ("partly", "fully", "churned")
LEAST = 20
"""Uplifts below which no interval is told."""

MONTHS, MOST_MONTHS = 24, 240
"""Months for which shares are told unless others are asked for, and at most."""

DURABILITY = (
    "currency", "age_months", "made", "made_mrr", "at_risk", "held", "held_low", "held_high", "money_held", "money_low",
    "money_high", *FATES, "is_small",
)  # fmt: skip
UNSUSTAINABLE = (
    "currency", "made", "made_mrr", "unsustainable", "unsustainable_mrr", "unsustainable_share", "later_cost",
    "watched", "watched_mrr",
)  # fmt: skip
UPLIFTS = (
    "made_on", "account_id", "currency", "uplift", "held_now", "driver", "discount_share", "channel", "offer", "fate",
    "ended_on", "watched_days", "is_unsustainable",
)  # fmt: skip

_SAID = {
    "": "''",
    "driver": "f.driver",
    "discount": "case when f.discount_ppm = 0 then 'no discount' when f.discount_ppm <= 100000 then 'to 10 %' "
    "when f.discount_ppm <= 200000 then '10 to 20 %' when f.discount_ppm <= 300000 then '20 to 30 %' "
    "else 'above 30 %' end",
    "channel": "case when f.by_offer = 0 then 'no offer' when f.channel = '' then 'unknown' else f.channel end",
    "offer": "case when f.by_offer = 0 then 'no offer' when f.offer = '' then 'unknown' else f.offer end",
    "segment": "m.value",
}


def prepared(build: Build, asked: Asked, split: str) -> tuple[str, list[str]]:
    """Keeps `asked_uplift`, the uplifts asked for with `part`, what they are split by; its column and the currencies.

    Misuse `unknown-option`, `dimension-of-items`.
    """
    if split and split not in SPLITS:
        raise Misuse("unknown-option", option="--split", value=split, known=", ".join(SPLITS))
    if split and asked.cut.segment:
        raise Misuse("one-split", split=split, segment=asked.cut.segment)
    if asked.cut.item:
        raise Misuse("dimension-of-items", dimension=asked.cut.item)
    column = split or ("segment" if asked.cut.segment else "")
    codes = figures.currencies(build, asked)
    build.cut(replace(asked.cut, mode="flow"))
    build.need(["uplift_fate", "uplift_loss", "account", "reporting"], asked.progress)
    inside = ""
    if asked.cut.dimensions:
        build.need(["member"])
        inside = "join member m on m.account_key = f.account_key and m.from_at <= f.window_at and m.to_at > f.window_at"
    bounds = [f"f.currency in ({', '.join(map(quote, codes))})"]
    bounds += [f"f.made_on >= date '{asked.start}'"] if asked.start else []
    bounds += [f"f.made_on < date '{asked.end}'"] if asked.end else []
    build.engine.keep(
        "asked_uplift",
        f"select row_number() over (order by f.account_key, f.paid_in, f.window_at) - 1 as nth, "
        f"{_SAID[column]} as part, f.* "
        f"from uplift_fate f {inside} where {' and '.join(bounds)}",
    )
    return column, codes


def _unsustainable(deep: float, watch: int) -> str:
    return (
        f"(f.by_offer = 1 or f.discount_ppm > {round(deep * 1_000_000)}) and f.fate <> 'held' "
        f"and f.ended_on - f.made_on <= {watch}"
    )


def ages(told: str | Sequence[int] | None) -> list[int]:
    """Months as `3,6,12` or numbers says them, in order; none: []. Misuse `unknown-option`."""
    parts = told.split(",") if isinstance(told, str) else [str(n) for n in told or ()]
    if not all(is_whole(p.strip()) and 0 < int(p) <= MOST_MONTHS for p in parts):
        raise Misuse("unknown-option", option="--months", value=str(told), known=f"1 … {MOST_MONTHS}")
    return sorted({int(p) for p in parts})


def durability(build: Build, asked: Asked, split: str = "", months: Sequence[int] = ()) -> Table:
    """What share of expansions made is held after so many months, by number and by money, and how others ended."""
    import numpy as np

    from rollforward.stats import survival

    column, _ = prepared(build, asked, split)
    found = build.engine.arrays(
        "select f.currency, f.part, f.account_key, cast(f.uplift as double) as uplift, f.rated, "
        "cast(f.watched_to - f.made_on as bigint) as watched, "
        "cast(case when f.fate = 'held' then f.watched_to else f.ended_on end - f.made_on as bigint) as days, "
        "cast(case f.fate when 'partly' then 1 when 'fully' then 2 when 'churned' then 3 else 0 end as bigint) "
        "as cause "
        "from asked_uplift f order by f.nth"
    )
    losses = build.engine.arrays(
        "select f.nth, cast(l.on_date - f.made_on as bigint) as after, "
        "cast(l.lost as double) * f.uplift / u.uplift as lost "
        "from uplift_loss l join asked_uplift f on f.account_key = l.account_key and f.paid_in = l.currency "
        "and f.window_at = l.made_at join uplift u on u.account_key = l.account_key and u.currency = l.currency "
        "and u.window_at = l.made_at where l.lost > 0 order by f.nth, l.window_at"
    )
    longest = int(found["watched"].max()) if len(found["watched"]) else 0
    months = months or [n for n in range(1, MONTHS + 1) if survival.days_after(n) <= longest]
    after = np.array([survival.days_after(n) for n in months], dtype=np.int64)
    rows: list[tuple[object, ...]] = []
    cells = list(zip(found["currency"].tolist(), found["part"].tolist(), strict=True))
    number = {cell: n for n, cell in enumerate(sorted(set(cells), key=_order))}
    belongs = np.array([number[cell] for cell in cells], dtype=np.int64)
    for (currency, part), n in number.items():
        mine = belongs == n
        place = np.cumsum(mine) - 1
        of_mine = mine[losses["nth"]] if len(losses["nth"]) else np.zeros(0, dtype=bool)
        days, cause, amount = found["days"][mine], found["cause"][mine], found["uplift"][mine]
        by_number = survival.curve(days, cause, len(FATES), after)
        by_money = survival.money(
            amount, found["watched"][mine], found["account_key"][mine], losses["lost"][of_mine],
            place[losses["nth"][of_mine]], losses["after"][of_mine], after,
        )  # fmt: skip
        made, rated = len(days), bool(found["rated"][mine].all())
        for i, age in enumerate(months):
            if not np.isfinite(by_number.held[i]):
                continue
            told = [by_number.held[i], by_number.low[i], by_number.high[i]]
            told += [by_money.held[i], by_money.low[i], by_money.high[i]] if rated else [None] * 3
            if made < LEAST:
                told[1] = told[2] = told[4] = told[5] = None
            total = int(amount.sum()) if rated else None
            ends = [float(v) for v in by_number.incidence[:, i]]
            row = (currency, age, made, total, int(by_number.at_risk[i]), *map(_share, told), *ends, made < LEAST)
            rows.append((row[0], part, *row[1:]) if column else row)
    columns = (DURABILITY[0], column, *DURABILITY[1:]) if column else DURABILITY
    return _finished(build, asked, columns, rows)


def _order(cell: tuple[str, str]) -> tuple[str, int, str]:
    """Where the row of a currency and a group stands."""
    return cell[0], _BANDS.index(cell[1]) if cell[1] in _BANDS else 0, cell[1]


def _share(value: Any) -> float | None:
    """A share, None where it is not told."""
    return None if value is None or value != value else float(value)


def unsustainable(build: Build, asked: Asked, split: str = "", deep: float = 0.2, watch: int = 90) -> Table:
    """Expansions bought with deep discounts or offers that did not last, of those watched long enough; their cost.

    deep: the discount above which (a fraction). watch: days within which. Those younger are `watched`.
    """
    if not 0 <= deep <= 1 or watch < 1:
        raise Misuse("unknown-option", option="--deep, --watch", value=f"{deep}, {watch}", known="0 … 1, 1 …")
    column, _ = prepared(build, asked, split)
    old = f"f.made_on + {watch} <= (select known_to - 1 from known)"
    bad = f"{old} and {_unsustainable(deep, watch)}"

    def total(what: str, where: str) -> str:
        return f"cast(coalesce(sum(case when {where} then {what} else 0 end), 0) as bigint)"

    def money(what: str, where: str) -> str:
        return f"case when min(f.rated) = 1 then {total(what, where)} end"

    build.need(["known"])
    rows = build.engine.run(
        f"select f.currency, {'f.part, ' if column else ''}{total('1', old)}, {money('f.uplift', old)} as mrr, "
        f"{total('1', bad)}, {money('f.uplift', bad)} as bad, cast(bad as double) / nullif(mrr, 0), "
        f"{money('f.lost + f.base_lost', bad)}, {total('1', f'not ({old})')}, {money('f.uplift', f'not ({old})')} "
        f"from asked_uplift f group by f.currency, f.part"
    )
    rows.sort(key=lambda row: _order((str(row[0]), str(row[1]) if column else "")))
    columns = (UNSUSTAINABLE[0], column, *UNSUSTAINABLE[1:]) if column else UNSUSTAINABLE
    return _finished(build, asked, columns, rows)


def uplifts(build: Build, asked: Asked, state: str = "all", split: str = "", part: str | None = None,
            deep: float = 0.2, watch: int = 90) -> Table:  # fmt: skip
    """Expansions one by one, the latest first; `part`: only those of this value of `split`. Ages in days."""
    if state not in STATES:
        raise Misuse("unknown-option", option="--list", value=state, known=", ".join(STATES))
    prepared(build, asked, split)
    build.need(["known"])
    within = f"f.made_on + {watch} > (select known_to - 1 from known)"
    bad = f"not ({within}) and {_unsustainable(deep, watch)}"
    where = {"all": "true", "held": "f.fate = 'held'", "ended": "f.fate <> 'held'", "watched": within,
             "unsustainable": bad}[state]  # fmt: skip
    where += " and f.part = ?" if part is not None else ""
    window = (f" limit {asked.limit}" if asked.limit else "") + (f" offset {asked.skip}" if asked.skip else "")
    rows = build.engine.run(
        "select f.made_on, a.account_id, f.currency, case when f.rated = 1 then f.uplift end, "
        "case when f.rated = 1 then f.held end, f.driver, cast(f.discount_ppm as double) / 1000000, f.channel, "
        "f.offer, f.fate, nullif(f.ended_on, date '9999-12-31'), cast(f.watched_to - f.made_on as bigint), "
        f"{bad} from asked_uplift f join account a on a.account_key = f.account_key where {where} "
        f"order by f.made_on desc, a.account_id, f.paid_in{window}",
        [part] if part is not None else [],
    )
    return _finished(build, asked, UPLIFTS, rows)


def _finished(build: Build, asked: Asked, columns: Sequence[str], rows: list[tuple[object, ...]]) -> Table:
    notes = [] if rows else [Note("no-expansions")]
    return figures.finish(build, asked, columns, rows, notes)
