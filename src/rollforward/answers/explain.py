"""Opens a number: from a cell to movements, ledger rows and source rows, each level adding up to the cell.

Comes in: a metric, a period, perhaps an account. Goes out: a Table of one level. Refuses a metric it cannot open.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from rollforward.answers import by_account, explain_converted
from rollforward.answers.currency import native
from rollforward.answers.figures import BY, Asked, currencies, finish
from rollforward.answers.table import Note, Table
from rollforward.build import MONTHS, Build
from rollforward.cut import WHOLE, Cut
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.schema import FLOWS
from rollforward.store import FactStore

MOST = 300_000
"""Rows that are told at once, of all accounts together."""

LEVELS = ("accounts", "movements", "ledger", "sources")
BALANCES = ("opening", "closing", "mrr")
POINT_TO_POINT = ("ndr", "grr", "logo_retention", "net_churn")

MOVEMENT_COLUMNS = ("on_date", "account_id", "currency", "movement", "amount", *BY, "before", "after")
LEDGER_COLUMNS = (
    "occurred_at", "on_date", "account_id", "subscription_id", "item_id", "product_id", "plan_id", "currency", "delta",
    *BY, "rule", "movement", "source_ref",
)  # fmt: skip


def metrics() -> tuple[str, ...]:
    """What `explain` can open."""
    return (*amounts(), *ratios())


def amounts() -> tuple[str, ...]:
    """What opens to rows that add up to it."""
    return (*FLOWS, "fx", "net_new", *BALANCES, *BY)


def ratios() -> tuple[str, ...]:
    """What opens to rows that make its two sums."""
    return (*(f"ndr_{m}" for m in MONTHS), *(f"grr_{m}" for m in MONTHS), *POINT_TO_POINT)


def explain(
    build: Build, store: FactStore, asked: Asked, metric: str, start: date, end: date, account: str | None, level: str,
    of: str | None = None,
) -> Table:  # fmt: skip
    """The rows of `level` behind `metric` in the period [start, end), of the cut asked about.

    of: the only one of several currencies.

    The level `accounts` has one row an account, the largest first, as many as `asked.limit` allows behind `asked.skip`;
    its remarks tell the sum and the number of all.
    """
    if metric not in metrics():
        raise Misuse("unknown-metric", metric=metric, known=", ".join(metrics()))
    if level not in LEVELS:
        raise Misuse("unknown-option", option="--level", value=level, known=", ".join(LEVELS))
    key = _account_key(build, account)
    wanted = ", ".join(f"'{c}'" for c in currencies(build, asked) if c == (of or c)) or "''"
    build.cut(asked.cut)
    if asked.cut.mode == "owned" and metric not in ratios():
        raise Misuse("unknown-metric", metric=metric, known=", ".join(ratios()))
    if metric in ratios():
        return _retained(build, store, asked, metric, end, key, level, wanted)
    if build.conversion.currency and level == "accounts" and not asked.cut.dimensions and not key:
        return by_account.converted(build, asked, metric, start, end)
    if level != "accounts" and not key:
        _check_size(build, f"account_day m where {explain_converted.behind(metric, start, end, is_driven=False)}")
    if build.conversion.currency and level in ("accounts", "movements"):
        rows = explain_converted.movements(build, metric, start, end, key)
        columns = asked.columns(explain_converted.COLUMNS)
        if level == "accounts":
            return by_account.summed(build, asked, columns, rows, metric if metric in BY else "amount")
        return _with_sum(build, asked, columns, rows, metric if metric in BY else "amount")
    if build.conversion.currency:  # ledger and sources: as it was paid
        wanted = ", ".join(f"'{c}'" for c in native(build))
    where = f"m.currency in ({wanted})" + (f" and m.account_key = {key}" if key else "")
    if metric == "opening":
        # What a source began with stood before its first day, and so opens the period in which it begins.
        where += f" and (m.on_date < date '{start}' or (m.movement = 'opening' and m.on_date < date '{end}'))"
    elif metric == "fx":
        where += " and false"  # amounts as they were paid have none
    elif metric in BALANCES:
        where += f" and m.on_date < date '{end}'"
    else:
        where += f" and m.on_date >= date '{start}' and m.on_date < date '{end}'"
        if metric in FLOWS:
            where += f" and m.movement = '{metric}'"
        elif metric in BY:
            where += f" and m.movement = 'expansion' and m.{metric} <> 0"
        else:
            where += f" and m.movement in ({', '.join(repr(x) for x in FLOWS)})"
    return _level(build, store, asked, level, where, metric)


def _check_size(build: Build, rows: str) -> None:
    """Misuse `too-many-rows` where the rows of all accounts are more than memory is for."""
    build.need(["account_day"])
    count = int(str(build.engine.run(f"select count(*) from {rows}")[0][0]))
    if count > MOST:
        raise Misuse("too-many-rows", rows=str(count), most=str(MOST))


def _level(build: Build, store: FactStore, asked: Asked, level: str, where: str, metric: str) -> Table:
    is_cut = bool(asked.cut.dimensions)
    if level == "accounts":
        return by_account.listed(build, asked, where, metric if metric in BY else "amount")
    if level == "movements":
        names = asked.columns(MOVEMENT_COLUMNS)
        model = "segment_movement" if is_cut else "movement"
        rows = build.need([model], asked.progress).run(
            f"select {', '.join(f'm.{c}' for c in names[:-2])}, m.before_minor, m.after_minor from {model} m "
            f"where {where} order by m.on_date, m.account_id, m.currency, m.window_at, m.movement, m.amount"
        )
        return _with_sum(build, asked, names, rows, metric if metric in BY else "amount")
    model = "segment_ledger" if is_cut else "ledger"
    build.need([model], asked.progress)
    if level == "ledger":
        names = asked.columns(LEDGER_COLUMNS)
        rows = build.engine.run(
            f"select {', '.join(f'm.{c}' for c in names)} from {model} m where {where} "
            "order by m.occurred_at, m.account_id, m.subscription_id, m.item_id, m.side, m.delta"
        )
        return _with_sum(build, asked, names, rows, metric if metric in BY else "delta")
    return _sources(build, store, asked, model, where)


def _sources(build: Build, store: FactStore, asked: Asked, model: str, where: str) -> Table:
    build.need(["source_file", "item_state", "mrr_event", "charge", "account_link"])
    rows = build.engine.run(
        f"with wanted as (select distinct m.source_ref, m.source_id, m.line from {model} m where {where}), "
        "told as (select source_id, line, recorded_at from item_state "
        "union all select source_id, line, recorded_at from mrr_event "
        "union all select source_id, line, recorded_at from charge "
        "union all select source_id, line, recorded_at from account_link) "
        "select f.name, w.source_ref, coalesce(max(t.recorded_at), f.recorded_at), w.source_id, w.line from wanted w "
        "join source_file f on f.source_id = w.source_id "
        "left join told t on t.source_id = w.source_id and t.line = w.line "
        "group by f.name, w.source_ref, f.recorded_at, w.source_id, w.line order by w.source_id, w.line"
    )
    refs = [(int(str(r[3])), int(str(r[4]))) for r in rows]
    texts = store.source_rows(refs)
    found: list[tuple[object, ...]] = []
    for row, ref in zip(rows, refs, strict=True):
        told = texts.get(ref)
        found.append((row[0], row[1], row[2], told if isinstance(told, str) else str(told)))
    return finish(build, asked, ("source", "ref", "recorded_at", "row"), found)


def _with_sum(
    build: Build, asked: Asked, columns: tuple[str, ...], rows: list[tuple[object, ...]], measure: str
) -> Table:
    table = finish(build, asked, columns, rows)
    at = table.columns.index(measure)
    sums: dict[tuple[str, str], object] = {}
    for row in table.rows:
        cell = _cell_of(table, row)
        sums[cell] = sums.get(cell, 0) + row[at]  # type: ignore[operator]
    for cell, total in sorted(sums.items()):
        count = sum(_cell_of(table, row) == cell for row in table.rows) if cell[1] else len(rows)
        table.notes.append(
            Note(
                "sum-of-rows",
                {"measure": measure, "total": str(total), "rows": str(count), "currency": by_account.called(cell),
                 "code": cell[0], "segment": cell[1]},
            )
        )  # fmt: skip
    return table


def _cell_of(table: Table, row: tuple[object, ...]) -> tuple[str, str]:
    """Currency and segment of a row, '' without segments."""
    segment = row[table.columns.index("segment")] if "segment" in table.columns else ""
    return str(row[table.columns.index("currency")]), str(segment)


def _retained(
    build: Build, store: FactStore, asked: Asked, metric: str, end: date, key: int, level: str, wanted: str
) -> Table:
    """The accounts behind a ratio of retention: NDR = Σ after / Σ before, GRR = Σ kept / Σ before, logos by count."""
    months = int(metric.split("_")[1]) if is_whole(metric[-1:]) else 12
    build.calendar(asked.by)
    build.windows(asked.by if asked.by in ("day", "week") else "month", months)
    is_owned = asked.cut.mode == "owned"
    if asked.cut.dimensions and not is_owned:
        build.cut(replace(asked.cut, mode="frozen"))
    build.need(["paired", "retention_window", "account"], asked.progress)
    if not build.engine.run(f"select 1 from retention_window where window_end = date '{end}'"):
        raise Misuse("no-such-window", window=f"{end}", known=f"{build.range().shown_from} …")
    if level == "accounts" and not key:
        return by_account.retained(build, asked, metric, end, wanted)
    if not key:
        _check_size(
            build,
            "paired p join retention_window w on p.months = w.months and p.seq <= w.seq and p.next_seq > w.seq "
            f"where w.window_end = date '{end}'",
        )
    if build.conversion.currency:
        rows = explain_converted.retained(build, end, key)
    else:
        rows = build.engine.run(
            "select w.window_end, a.account_id, p.currency, case when p.c = 0 and p.x = 0 then 'churn' "
            "when p.c < p.o then 'contraction' when p.c > p.o then 'expansion' else 'none' end as movement, "
            "p.c - p.o as amount, p.o, p.c, least(p.o, p.c), w.window_start, p.account_key, p.segment "
            "from retention_window w join paired p on p.months = w.months and p.seq <= w.seq and p.next_seq > w.seq "
            f"join account a on a.account_key = p.account_key where p.currency in ({wanted}) "
            f"and w.window_end = date '{end}'"
            + (f" and p.account_key = {key}" if key else "")
            + " order by p.currency, p.segment, amount, a.account_id"
        )
    if level in ("accounts", "movements"):
        columns = ("on_date", "account_id", "currency", "movement", "amount", "before", "after", "kept")
        shown = [(*r[:3], r[10], *r[3:8]) if asked.cut.segment else r[:8] for r in rows]
        table = finish(build, asked, asked.columns(columns), shown)
        table.notes += _ratios(table, metric) or [Note("nobody-at-start")]
        return table
    # What changed of these accounts, wherever they stand later; in the product that they had it in.
    asked = replace(asked, cut=Cut("product") if is_owned else WHOLE)
    build.cut(asked.cut)
    own = [", m.segment"] if is_owned else []
    paid = [] if build.conversion.currency else [", m.currency"]
    moved = [
        (str(r[9]), *([quote(str(r[2]))] if paid else []), *([quote(str(r[10]))] if own else []))
        for r in rows if r[4] != 0
    ]  # fmt: skip
    listed = ", ".join(f"({', '.join(cells)})" for cells in moved)
    inside = f"(m.account_key{''.join(paid + own)}) in ({listed})" if listed else "false"
    inside += f" and m.on_date >= date '{rows[0][8] if rows else end}' and m.on_date < date '{end}'"
    return _level(build, store, asked, level, inside, "net_new")


def _ratios(table: Table, metric: str) -> list[Note]:
    """For each currency and segment, what the rows sum to and the ratio of it."""
    notes = []
    rows = table.to_dicts()
    cells = [_cell_of(table, row) for row in table.rows]
    for cell in sorted(set(cells)):
        mine = [r for r, of in zip(rows, cells, strict=True) if of == cell]
        before, after, kept = (sum((Decimal(str(r[n])) for r in mine), Decimal(0)) for n in ("before", "after", "kept"))
        began = [r for r in mine if Decimal(str(r["before"])) > 0]
        stayed = sum(r["movement"] != "churn" for r in began)
        notes += by_account.ratio(metric, cell, before, after, kept, len(mine), len(began), stayed)
    return notes


def _account_key(build: Build, account: str | None) -> int:
    if account is None:
        return 0
    key = build.account_key(account)
    if not key:
        raise Misuse("unknown-account", account=account)
    return key
