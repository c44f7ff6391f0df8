"""Opens a number by account: one row an account, the largest first, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from rollforward.answers import explain_converted
from rollforward.answers.figures import Asked, finish
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.rates import SCALE

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
        seen.add(key[0])
        cells[cell] = so_far + amount, seen
    ordered = [(*k, *v) for k, v in sorted(sums.items(), key=lambda kv: (-abs(kv[1][0]), [str(c) for c in kv[0]]))]
    shown = ordered[asked.skip : asked.skip + asked.limit] if asked.limit else ordered
    return _told(build, asked, shown, [(*c, total, len(seen)) for c, (total, seen) in sorted(cells.items())])


RETAINED = ("on_date", "account_id", "currency", "movement", "amount", "before", "after", "kept")


def retained(build: Build, asked: Asked, metric: str, end: date, wanted: str) -> Table:
    """The accounts of the window that ends at `end`, what changed most first, and the ratio that all of them make."""
    rows, scale = of_window(build, end, wanted), SCALE if build.conversion.currency else 1
    upto = f"limit {asked.skip + asked.limit}" if asked.limit else ""
    order = "order by abs(p.c - p.o) desc, p.currency, p.segment, p.c - p.o, p.account_key"
    told = build.engine.run(  # who they are is worked out once: they are most of the accounts
        f"with p as materialized ({rows}), top as (select p.* from p {order} {upto}) "
        "select 0 as nth, '', p.currency, p.segment, '', sum(p.o), sum(p.c), sum(least(p.o, p.c)), count(*), "
        "count(case when p.o > 0 then 1 end), count(case when p.o > 0 and p.lost = 0 then 1 end) "
        "from p group by p.currency, p.segment union all "
        f"select row_number() over ({order}), a.account_id, p.currency, p.segment, case when p.lost = 1 then 'churn' "
        "when p.c < p.o then 'contraction' when p.c > p.o then 'expansion' else 'none' end, p.o, p.c, 0, 0, 0, 0 "
        "from top p join account a on a.account_key = p.account_key order by nth, 3, 4"
    )
    totals = [(*row[2:4], *row[5:]) for row in told if not row[0]]
    top = [row[1:7] for row in told if row[0]]
    shown: list[tuple[object, ...]] = []
    sums: dict[tuple[object, object], list[int]] = {}
    for account, currency, segment, movement, *ends in top:
        # each sum so far is rounded, and a row has what it adds: rows add up to the cell
        exact = [int(str(e)) for e in ends]
        so_far = sums.setdefault((currency, segment), [0, 0, 0])
        after = [s + e for s, e in zip(so_far, (*exact, min(exact)), strict=True)]
        opening, closing, kept = (_in(scale, a) - _in(scale, s) for a, s in zip(after, so_far, strict=True))
        sums[currency, segment] = after
        own = (segment,) if asked.cut.segment else ()
        shown.append((end, account, currency, *own, movement, closing - opening, opening, closing, kept))
    table = finish(build, asked, asked.columns(RETAINED), shown[asked.skip :])
    sums_of = Table.of_money(
        ("currency", "segment", "before", "after", "kept", "rows", "began", "stayed"),
        [(*t[:2], *(_in(scale, int(str(x))) for x in t[2:5]), *t[5:]) for t in totals],
        frozenset(("before", "after", "kept")), asked.minor,
    )  # fmt: skip
    for currency, segment, *cells in sums_of.rows:
        before, end_, least = (Decimal(str(x)) for x in cells[:3])
        count, began, stayed = (int(str(n)) for n in cells[3:])
        table.notes += ratio(metric, (str(currency), str(segment)), before, end_, least, count, began, stayed)
    if not any(n.code == "ratio-of-rows" for n in table.notes):
        table.notes.append(Note("nobody-at-start"))
    return table


def of_window(build: Build, end: date, wanted: str) -> str:
    """The select of each account's part of the window that ends at `end`, in the currency of the answer: account_key,
    currency, segment, o, c, lost; 1/SCALE of a minor unit where they are converted. wanted: the native currencies."""
    if build.conversion.currency:
        return explain_converted.paired(build, end)
    build.need(["paired", "retention_window"])
    return (
        "select m.account_key, m.currency, m.segment, m.o, m.c, "
        "case when m.c = 0 and m.x = 0 then 1 else 0 end as lost "
        "from paired m join retention_window w on m.months = w.months and m.seq <= w.seq and m.next_seq > w.seq "
        f"where m.currency in ({wanted}) and w.window_end = date '{end}'"
    )


def _in(scale: int, exact: int) -> int:
    return exact if scale == 1 else explain_converted.rounded(exact)


def ratio(
    metric: str, cell: tuple[str, str], before: Decimal, after: Decimal, kept: Decimal, rows: int, began: int,
    stayed: int,
) -> list[Note]:  # fmt: skip
    """The remark that says what a ratio of retention is made of in one currency and segment; none of nobody.

    began, stayed: accounts with MRR at the start, and those of them that have any left: a reactivation counts in NDR
    alone.
    """
    top: Decimal | int = kept if metric.startswith("grr") else before - after if metric == "net_churn" else after
    bottom: Decimal | int = before
    if metric == "logo_retention":
        top, bottom = stayed, Decimal(began)
    if not bottom:
        return []
    told = f"{float(top) / float(bottom):.10g}"
    return [
        Note(
            "ratio-of-rows",
            {"metric": metric, "top": str(top), "bottom": str(bottom), "ratio": told,
             "rows": str(rows), "currency": called(cell), "code": cell[0], "segment": cell[1]},
        )
    ]  # fmt: skip


def called(cell: tuple[str, str]) -> str:
    """Currency and segment as a remark says them."""
    return ", ".join(filter(None, cell))


def _told(build: Build, asked: Asked, rows: list[tuple[object, ...]], totals: Sequence[Sequence[object]]) -> Table:
    table = finish(build, asked, asked.columns(COLUMNS), rows)
    sums = Table.of_money(("currency", "segment", "amount", "accounts"), totals, frozenset({"amount"}), asked.minor)
    for currency, segment, total, accounts in sums.rows:
        cell = str(currency), str(segment or "")
        table.notes.append(
            Note(
                "sum-of-rows",
                {"measure": "amount", "total": str(total), "rows": str(accounts), "currency": called(cell),
                 "code": cell[0], "segment": cell[1]},
            )
        )  # fmt: skip
    return table
