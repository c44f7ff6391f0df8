"""Opens a number of the reporting currency: native movements at their worth, and what rates did (decision 0010).

Comes in: a metric and a period. Goes out: rows that add up to the cell as shown: amounts are rounded one after the
other so that no cent is lost, and a last row `rounding` has what the cell itself was rounded by.
"""

from __future__ import annotations

from datetime import date, timedelta

from rollforward.answers.figures import BY
from rollforward.build import Build
from rollforward.rates import SCALE
from rollforward.schema import FLOWS

COLUMNS = ("on_date", "account_id", "currency", "movement", "amount", *BY, "before", "after", "paid_in")

Row = tuple[object, ...]


def movements(build: Build, metric: str, start: date, end: date, key: int) -> list[Row]:
    """The rows behind `metric` in [start, end), in the order of COLUMNS, money in whole minor units."""
    build.need(["converted_movement", "rate_day", "reporting", "account_day", "account"])
    moved, fx = _moved(build, key), metric in ("fx", "net_new", "opening", "closing", "mrr")
    inside = [m for m in moved if start <= _day(m) < end]
    if metric == "opening":
        rows = [m for m in moved if _day(m) < start] + [m for m in inside if m[3] == "opening"]
    elif metric in ("closing", "mrr"):
        rows = [m for m in moved if _day(m) < end]
    elif metric in BY:
        rows = [m for m in inside if m[3] == "expansion" and m[5 + BY.index(metric)] != 0]
    elif metric == "fx":
        rows = []
    else:
        rows = [m for m in inside if m[3] == metric or (metric == "net_new" and m[3] in FLOWS)]
    if fx:
        lowest = start - _ONE if metric in ("fx", "net_new") else date.min
        rows += _rates(build, lowest, (start if metric == "opening" else end) - _ONE, key)
    done = _rounded(rows)
    if not key:
        at = 5 + BY.index(metric) if metric in BY else 4
        rest = _cell(build, metric, moved, start, end) - sum(_int(r[at]) for r in done)
        if rest:
            nothing = [0] * (len(BY) + 3)
            nothing[at - 4] = rest
            done.append((end - _ONE, "", build.conversion.currency, "rounding", *nothing, ""))
    return done


def retained(build: Build, end: date, key: int) -> list[Row]:
    """Accounts of the window that ends at `end`: day, account, currency, movement, amount, before, after, kept, start,
    key; both ends at the rates of the day before the window."""
    build.need(["retention_account", "joint_retention", "joint_account", "retention_window", "rate_day", "reporting"])
    one = f"and p.account_key = {key}" if key else ""
    found = build.engine.run(
        "with pair as (select m.account_key, cast(m.before_minor as hugeint) * b.rate as o, "
        "cast(m.after_minor as hugeint) * b.rate as c, case when m.movement = 'churn' then 1 else 0 end as lost, w.seq "
        "from retention_account m join retention_window w on w.window_end = m.window_end "
        "join rate_day b on b.currency = m.currency and b.on_date = w.opening_day "
        "left join joint_account j on j.account_key = m.account_key where coalesce(j.account_key, 0) = 0 union all "
        "select account_key, opening, closing, lost, seq from joint_retention) "
        "select w.window_end, a.account_id, g.currency, case when p.lost = 1 then 'churn' when p.c < p.o then "
        "'contraction' when p.c > p.o then 'expansion' else 'none' end, p.o, p.c, w.window_start, p.account_key "
        "from pair p join retention_window w on w.seq = p.seq join account a on a.account_key = p.account_key "
        f"cross join reporting g where w.window_end = date '{end}' {one} order by p.c - p.o, a.account_id"
    )
    sums, done = [0, 0], []
    for row in found:
        ends = []
        for i in (0, 1):
            before = _shown(sums[i])
            sums[i] += _int(row[4 + i])
            ends.append(_shown(sums[i]) - before)
        done.append((*row[:4], ends[1] - ends[0], *ends, min(ends), *row[6:]))
    return done


_ONE = timedelta(days=1)


def _moved(build: Build, key: int) -> list[Row]:
    one = f"where m.account_key = {key}" if key else ""
    return build.engine.run(
        f"select {', '.join('m.' + c for c in COLUMNS)} from converted_movement m {one} "
        "order by m.on_date, m.account_id, m.paid_in, m.window_at"
    )


def _rates(build: Build, lowest: date, last: date, key: int) -> list[Row]:
    """What rates did to each account's balances after the day `lowest` to the day `last`."""
    one = f"and d.account_key = {key}" if key else ""
    last = min(last, build.range().known_to - _ONE)
    return build.engine.run(
        f"select date '{last}', a.account_id, g.currency, 'fx', sum(cast(d.amount as hugeint) * (e.rate - b.rate)), "
        f"{', '.join('0' for _ in BY)}, 0, 0, d.currency from account_day d "
        f"join account a on a.account_key = d.account_key cross join reporting g "
        f"join rate_day e on e.currency = d.currency and e.on_date = date '{last}' "
        f"join rate_day b on b.currency = d.currency and b.on_date = greatest(d.on_date, date '{max(lowest, _FIRST)}') "
        f"where g.carried = 0 and d.on_date <= date '{last}' {one} group by a.account_id, g.currency, d.currency "
        "having sum(cast(d.amount as hugeint) * (e.rate - b.rate)) <> 0 order by 2, 9"
    )


_FIRST = date(1, 1, 1)


def _rounded(rows: list[Row]) -> list[Row]:
    """Each column's sums are rounded, and a row has what its sum adds to the one before: sums of rows are exact."""
    whole = [0] * (len(BY) + 1)
    done: list[Row] = []
    for row in rows:
        cells = list(row)
        for i in range(len(whole)):
            before = _shown(whole[i])
            whole[i] += _int(cells[4 + i])
            cells[4 + i] = _shown(whole[i]) - before
        cells[-3], cells[-2] = _shown(_int(cells[-3])), _shown(_int(cells[-2]))
        done.append(tuple(cells))
    return done


def _cell(build: Build, metric: str, moved: list[Row], start: date, end: date) -> int:
    """The cell as the roll-forward or the expansion shows it."""

    def balance(before: date, begun: date) -> int:
        rows = [m for m in moved if _day(m) < before or (m[3] == "opening" and _day(m) < begun)]
        return sum(_int(m[4]) for m in rows) + sum(_int(r[4]) for r in _rates(build, date.min, before - _ONE, 0))

    inside = [m for m in moved if start <= _day(m) < end]
    flows = {kind: _shown(sum(_int(m[4]) for m in inside if m[3] == kind)) for kind in FLOWS}
    if metric in flows:
        return flows[metric]
    if metric in BY:
        sums = [sum(_int(m[5 + i]) for m in inside if m[3] == "expansion") for i in range(len(BY))]
        made = [_shown(s) for s in sums]
        largest = max(range(len(BY)), key=lambda i: (abs(sums[i]), -i))
        made[largest] += flows["expansion"] - sum(made)
        return made[BY.index(metric)]
    opening, closing = _shown(balance(start, end)), _shown(balance(end, end))
    if metric == "opening":
        return opening
    if metric in ("closing", "mrr"):
        return closing
    return closing - opening - (sum(flows.values()) if metric == "fx" else 0)


def _shown(exact: int) -> int:
    size = (2 * abs(exact) + SCALE) // (2 * SCALE)
    return size if exact >= 0 else -size


def _int(value: object) -> int:
    return int(str(value))


def _day(row: Row) -> date:
    assert isinstance(row[0], date)
    return row[0]
