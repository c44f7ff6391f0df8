"""Opens a number by account: one row an account, the largest first, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence

from rollforward.answers.figures import Asked, finish
from rollforward.answers.table import Note, Table
from rollforward.build import Build

COLUMNS = ("account_id", "currency", "amount", "movements")


def listed(build: Build, asked: Asked, rows: str, measure: str) -> Table:
    """`rows`: movements as `table m where …`. Summed by account here, because an opening balance has millions."""
    own = ", m.segment" if asked.cut.segment else ""
    cell = own or ", '' as segment"
    names = ", ".join(f"m.{c}" for c in asked.columns(("account_id", "currency")))
    totals = build.engine.run(
        f"select m.currency{cell}, cast(sum(m.{measure}) as bigint), count(distinct m.account_id) "
        f"from {rows} group by m.currency{own} order by 1, 2"
    )
    page = f"limit {asked.limit} offset {asked.skip}" if asked.limit else ""
    found = build.engine.run(
        f"select {names}, cast(sum(m.{measure}) as bigint) as total, count(*) from {rows} group by {names} "
        f"order by abs(total) desc, {names} {page}"
    )
    return _told(build, asked, found, totals)


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
