"""Opens a number by account: one row an account, the largest first, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rollforward.answers import explain_converted
from rollforward.answers.figures import Asked, finish
from rollforward.answers.table import Note, Table
from rollforward.build import Build

COLUMNS = ("account_id", "currency", "amount", "movements")


_DRIVEN = "(select c.*, cast(c.window_at + interval '3 microsecond' as date) as on_date from mrr_change c)"
"""Ledger rows by the day of their movement: a restatement stands three microseconds before it, a link's rows two."""


def listed(build: Build, asked: Asked, where: str, measure: str) -> Table:
    """Movements `where` (over `m`), summed by account here, because an opening balance has millions of them."""
    own = ", m.segment" if asked.cut.segment else ""
    cell = own or ", '' as segment"
    if measure == "amount":
        model = "segment_account_day" if asked.cut.dimensions else "account_day"
        build.need([model, "account", "known"])
        rows = f"{model} m cross join known k where m.movement <> 'none' and m.on_date < k.known_to and {where}"
    elif asked.cut.dimensions:
        build.need(["segment_movement", "account"])
        rows = f"segment_movement m where {where}"
    else:
        build.need(["mrr_change", "account"])
        rows = f"{_DRIVEN} m where {where}"
    totals = build.engine.run(
        f"select m.currency{cell}, cast(sum(m.{measure}) as bigint), count(distinct m.account_key) from {rows} "
        f"group by m.currency{own} order by 1, 2"
    )
    page = f"limit {asked.limit} offset {asked.skip}" if asked.limit else ""
    keys = f"m.account_key, m.currency{own}"
    found = build.engine.run(
        f"with top as (select {keys}, cast(sum(m.{measure}) as bigint) as amount, count(*) as movements from {rows} "
        f"group by {keys} order by abs(sum(m.{measure})) desc, {keys} {page}) "
        f"select {', '.join(('a.' if c == 'account_id' else 't.') + c for c in asked.columns(COLUMNS))} from top t "
        "join account a on a.account_key = t.account_key order by abs(t.amount) desc, a.account_id, t.currency"
        + (", t.segment" if own else "")
    )
    return _told(build, asked, found, totals)


def converted(build: Build, asked: Asked, metric: str, start: date, end: date) -> Table:
    """The same in the reporting currency; what the cell itself was rounded by belongs to no account."""
    rows, total, count = explain_converted.by_account(build, metric, start, end, asked.limit, asked.skip)
    return _told(build, asked, rows, [(build.conversion.currency, "", total, count)])


def summed(build: Build, asked: Asked, columns: Sequence[str], rows: list[tuple[object, ...]], measure: str) -> Table:
    """The same of movements that are at hand; a row without an account (`rounding`, `fx`) has '' for one."""
    keys = [columns.index(c) for c in asked.columns(("account_id", "currency"))]
    at = columns.index(measure)
    sums: dict[tuple[object, ...], tuple[int, int]] = {}
    cells: dict[tuple[str, str], tuple[int, set[object]]] = {}
    for row in rows:
        key, amount = tuple(row[k] for k in keys), int(str(row[at]))
        total, count = sums.get(key, (0, 0))
        sums[key] = total + amount, count + 1
        cell = str(key[1]), str(key[2]) if len(key) > 2 else ""
        so_far, seen = cells.get(cell, (0, set()))
        cells[cell] = so_far + amount, seen | {key[0]} if key[0] not in seen else seen
    ordered = [(*k, *v) for k, v in sorted(sums.items(), key=lambda kv: (-abs(kv[1][0]), [str(c) for c in kv[0]]))]
    shown = ordered[asked.skip : asked.skip + asked.limit] if asked.limit else ordered
    return _told(build, asked, shown, [(*c, total, len(seen)) for c, (total, seen) in sorted(cells.items())])


def _told(build: Build, asked: Asked, rows: list[tuple[object, ...]], totals: Sequence[Sequence[object]]) -> Table:
    table = finish(build, asked, asked.columns(COLUMNS), rows)
    sums = Table.of_money(("currency", "segment", "amount", "accounts"), totals, frozenset({"amount"}), asked.minor)
    for currency, segment, total, accounts in sums.rows:
        called = ", ".join(filter(None, (str(currency), str(segment or ""))))
        table.notes.append(
            Note(
                "sum-of-rows",
                {"measure": "amount", "total": str(total), "rows": str(accounts), "currency": called,
                 "code": str(currency), "segment": str(segment or "")},
            )
        )  # fmt: skip
    return table
