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
    """The rows behind `metric` in [start, end), in the order of COLUMNS, money in whole minor units.

    In a cut with segments the segment follows the currency, and the rows of each segment add up to its cell.
    """
    build.need(["rate_day", "reporting", "account", "carried", "known"])
    # a flow is made of what moved inside; only balances, and what rates did to them, of all that moved before
    first = start if metric in FLOWS or metric in BY else date.min
    every, rates = _moved(build, key, first, end), _Rates(build, key)
    if not build.segments.cut.segment:
        return _of_segment(build, metric, start, end, every, rates, "", not key)
    found: list[Row] = []
    for segment in sorted({str(m[-1]) for m in every}):
        mine = _of_segment(build, metric, start, end, every, rates, segment, not key)
        found += [(*row[:3], segment, *row[3:]) for row in mine]
    return found


def by_account(build: Build, metric: str, start: date, end: date, limit: int, skip: int) -> tuple[list[Row], int, int]:
    """Accounts and what each has of the cell, the largest first: (account, currency, minor units, rows); their sum
    and their number. Rounded one after the other, as movements are."""
    build.need(["rate_day", "reporting", "account", "account_day", "known", "judged_window", "several_currencies"])
    carried = build.engine.run("select carried from reporting")[0][0] == 1
    moved = behind(metric, start, end)
    if metric in BY or carried:
        build.need(["converted_movement"])
        measure = metric if metric in BY else "amount"
        worth = f"cast(m.{measure} as hugeint) as exact"
        parts = f"select m.account_key, {worth}, 1 as n from converted_movement m where {moved}"
        stood = _NOBODY
    else:
        build.need(["account_balance"])
        parts, stood = _parts(build, metric, start, end)
    upto = f"limit {skip + limit}" if limit else ""
    found = build.engine.run(
        f"with {_TOTAL.format(parts=parts, stood=stood)}, "
        f"top as (select t.account_key, t.exact, t.n from total t order by abs(t.exact) desc, t.account_key {upto}) "
        "select a.account_id, g.currency, t.exact, t.account_key, (select sum(z.exact) from total z), "
        "(select count(*) from total z), t.n from top t join account a on a.account_key = t.account_key "
        "cross join reporting g order by abs(t.exact) desc, t.account_key"
    )
    shown = found[skip:]
    counts = {row[3]: row[6] for row in shown}
    if metric in ("opening", "closing", "mrr") or (carried and metric not in BY):  # one row, whatever has moved it
        mine = f"and m.account_key in ({', '.join(str(r[3]) for r in shown)})" if limit and shown else ""
        sql = f"select m.account_key, count(*) from {_worth(build)} m where ({moved}) {mine} group by m.account_key"
        counts = {row[0]: row[1] for row in build.engine.run(sql)}
    so_far = sum(_int(r[2]) for r in found[:skip])
    rows: list[Row] = []
    for account, currency, exact, key, *_rest in shown:
        before, so_far = so_far, so_far + _int(exact)
        rows.append((account, currency, rounded(so_far) - rounded(before), counts.get(key, 0)))
    return rows, rounded(_int(found[0][4])) if found else 0, _int(found[0][5]) if found else 0


_NOBODY = "select cast(0 as bigint) as account_key, cast(0 as hugeint) as exact, 0 as n where false"

_TOTAL = (
    "part as materialized ({parts}), "
    "again as (select account_key from part union select account_key from several_currencies), "
    "stood as materialized (select s.account_key, s.exact, s.n, g.account_key is not null as is_again "
    "from ({stood}) s left join again g on g.account_key = s.account_key), "
    "total as materialized (select account_key, exact, n from stood where not is_again union all "
    "select account_key, sum(exact), sum(n) from (select account_key, exact, n from part union all "
    "select account_key, exact, n from stood where is_again) group by account_key)"
)
"""Sums by account, of `n` movements. Of most accounts a balance is the one row of `stood`, which is their sum: only
those that have others too are grouped."""


def _worth(build: Build) -> str:
    """The select of movements as they are classed in the currency of the answer, without their drivers; amounts as
    paid."""
    movement, judged = "d.movement", ""
    if build.engine.run("select 1 from several_currencies limit 1"):
        movement = "coalesce(j.movement, d.movement)"
        judged = "left join judged_window j on j.account_key = d.account_key and j.window_at = d.window_at "
    return (
        f"(select d.account_key, d.currency, d.on_date, {movement} as movement, d.amount "
        f"from account_day d cross join known k {judged}where d.movement <> 'none' and d.on_date < k.known_to)"
    )


def behind(metric: str, start: date, end: date, is_driven: bool = True) -> str:
    """Which movements `m` a cell is made of, beside what rates did; `is_driven`: `m` has drivers."""
    inside = f"m.on_date >= date '{start}' and m.on_date < date '{end}'"
    if metric in FLOWS:
        return f"{inside} and m.movement = '{metric}'"
    if metric in BY:
        return f"{inside} and m.movement = 'expansion'" + (f" and m.{metric} <> 0" if is_driven else "")
    if metric == "opening":
        return f"m.on_date < date '{start}' or (m.movement = 'opening' and m.on_date < date '{end}')"
    if metric == "net_new":
        return f"{inside} and m.movement in ({', '.join(repr(x) for x in FLOWS)})"
    return f"m.on_date < date '{end}'" if metric != "fx" else "false"


def _parts(build: Build, metric: str, start: date, end: date) -> tuple[str, str]:
    """The selects (account_key, exact) that a cell by account is the sum of, balances at the rate of their day: any
    rows, and rows of which an account has one for each currency in which it pays."""
    last = min((start if metric == "opening" else end), build.range().known_to) - _ONE
    parts, stood = [_NOBODY], _NOBODY
    moves, where = metric in FLOWS or metric == "net_new", behind(metric, start, end)
    if metric == "opening":  # what a source began with is seldom in the period
        where = f"m.on_date >= date '{start}' and m.on_date < date '{end}' and m.movement = 'opening'"
        moves = bool(build.need(["movement_day"]).run(f"select 1 from movement_day m where {where}"))
    if moves:
        parts.append(
            f"select m.account_key, cast(m.amount as hugeint) * r.rate as exact, 1 as n from {_worth(build)} m "
            f"join rate_day r on r.currency = m.currency and r.on_date = m.on_date where {where}"
        )
    if metric in ("opening", "closing", "mrr"):
        stood = (
            "select b.account_key, cast(b.balance as hugeint) * r.rate as exact, 0 as n from account_balance b "
            f"join rate_day r on r.currency = b.currency and r.on_date = date '{last}' "
            f"where b.from_on <= date '{last}' and b.to_on > date '{last}'"
        )
    if metric in ("fx", "net_new"):
        lowest = max(start - _ONE, _FIRST)
        all_along = f"b.from_on <= date '{lowest}' and b.to_on > date '{last}'"
        stood = (
            "select b.account_key, cast(b.balance as hugeint) * (e.rate - r.rate) as exact, 0 as n "
            "from account_balance b cross join reporting g "
            f"join rate_day e on e.currency = b.currency and e.on_date = date '{last}' "
            f"join rate_day r on r.currency = b.currency and r.on_date = date '{lowest}' "
            f"where {all_along} and b.currency <> g.currency and e.rate <> r.rate"
        )
        parts.append(
            "select b.account_key, cast(b.balance as hugeint) * (e.rate - r.rate) as exact, 0 as n "
            "from account_balance b cross join reporting g "
            f"join rate_day e on e.currency = b.currency and e.on_date = least(b.to_on, date '{last}') "
            f"join rate_day r on r.currency = b.currency and r.on_date = greatest(b.from_on, date '{lowest}') "
            f"where b.from_on <= date '{last}' and b.to_on > date '{lowest}' and not ({all_along}) "
            "and b.currency <> g.currency and e.rate <> r.rate"
        )
    return " union all ".join(parts), stood


def _of_segment(
    build: Build, metric: str, start: date, end: date, every: list[Row], rates: _Rates, segment: str, is_whole: bool
) -> list[Row]:
    """The rows of one segment; with `is_whole` (no single account) also what its cell was rounded by."""
    moved = [m[:-1] for m in every if m[-1] == segment]
    fx = metric in ("fx", "net_new", "opening", "closing", "mrr")
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
        rows += rates.between(lowest, (start if metric == "opening" else end) - _ONE, segment)
    done = _rounded(rows)
    if is_whole:
        at = 5 + BY.index(metric) if metric in BY else 4
        rest = _cell(metric, moved, start, end, rates, segment) - sum(_int(r[at]) for r in done)
        if rest:
            nothing = [0] * (len(BY) + 3)
            nothing[at - 4] = rest
            done.append((end - _ONE, "", build.conversion.currency, "rounding", *nothing, ""))
    return done


def paired(build: Build, end: date) -> str:
    """The select of each account's part of the window that ends at `end`: account_key, currency, segment, o, c (both
    ends at the rates of the day before the window, not rounded), lost (1: nothing is left), window_start."""
    build.need(["paired", "joint_line", "joint_account", "retention_window", "rate_day", "reporting"])
    found = build.engine.run(  # told as constants, so that other windows are not read
        f"select months, seq, opening_day, window_start from retention_window where window_end = date '{end}'"
    )
    months, seq, opening_day, window_start = found[0] if found else (0, 0, end, end)
    return (
        f"select p.account_key, g.currency, p.segment, p.o, p.c, p.lost, date '{window_start}' as window_start from ("
        "select m.account_key, m.segment, cast(m.o as hugeint) * b.rate as o, cast(m.c as hugeint) * b.rate as c, "
        "case when m.c = 0 and m.x = 0 then 1 else 0 end as lost from paired m "
        f"join rate_day b on b.currency = m.currency and b.on_date = date '{opening_day}' "
        f"anti join joint_account j on j.account_key = m.account_key "
        f"where m.months = {months} and m.seq <= {seq} and m.next_seq > {seq} union all "
        "select j.account_key, j.segment, cast(j.opening as hugeint), cast(j.closing as hugeint), j.lost "
        f"from joint_line j where j.seq = {seq}) p cross join reporting g"
    )


def retained(build: Build, end: date, key: int) -> list[Row]:
    """Accounts of the window that ends at `end`: day, account, currency, movement, amount, before, after, kept, start,
    key, segment; both ends at the rates of the day before the window."""
    found = build.engine.run(
        f"select date '{end}', a.account_id, p.currency, case when p.lost = 1 then 'churn' when p.c < p.o then "
        "'contraction' when p.c > p.o then 'expansion' else 'none' end, p.o, p.c, p.window_start, p.account_key, "
        f"p.segment from ({paired(build, end)}) p join account a on a.account_key = p.account_key "
        f"{f'where p.account_key = {key}' if key else ''} order by p.segment, p.c - p.o, a.account_id"
    )
    sums, done = [0, 0], []
    for row in found:
        ends = []
        for i in (0, 1):
            before = rounded(sums[i])
            sums[i] += _int(row[4 + i])
            ends.append(rounded(sums[i]) - before)
        done.append((*row[:4], ends[1] - ends[0], *ends, min(ends), *row[6:]))
    return done


_ONE = timedelta(days=1)


def _moved(build: Build, key: int, first: date, end: date) -> list[Row]:
    """Every movement in [first, end) at its worth, in the order of COLUMNS, then its segment ('' in no cut)."""
    one = f"and m.on_date >= date '{first}' and m.on_date < date '{end}'" + (
        f" and m.account_key = {key}" if key else ""
    )
    if not build.segments.cut.dimensions:
        build.need(["converted_movement"])
        return build.engine.run(
            f"select {', '.join('m.' + c for c in COLUMNS)}, '' from converted_movement m where true {one} "
            "order by m.on_date, m.account_id, m.paid_in, m.window_at"
        )
    build.need(["segment_movement", "judged_account", "judged_cause"])
    worth = ", ".join(f"cast(m.{c} as decimal(38,0)) * coalesce(r.rate, 0)" for c in ("amount", *BY))
    rows = build.engine.run(
        f"select m.on_date, m.account_id, g.currency, m.movement, {worth}, "
        "cast(m.before_minor as decimal(38,0)) * coalesce(r.rate, 0), "
        "cast(m.after_minor as decimal(38,0)) * coalesce(r.rate, 0), m.currency, m.segment "
        "from segment_movement m cross join reporting g "
        "left join rate_day r on r.currency = m.currency and r.on_date = m.on_date "
        f"where m.account_key not in (select j.account_key from judged_account j) {one}"
    )
    # What is judged over all of an account's currencies stands in no one of them, and has no balances of its own.
    rows += build.engine.run(
        f"select m.on_date, a.account_id, g.currency, m.movement, m.amount, {', '.join(f'm.{c}' for c in BY)}, 0, 0, "
        "'', m.segment from judged_cause m join account a on a.account_key = m.account_key cross join reporting g "
        f"join known k on m.on_date < k.known_to where true {one}"
    )
    return sorted(rows, key=lambda m: (m[0], m[1], m[-2], m[-1], m[3], m[4]))


class _Rates:
    """What rates did to each account's balances, in its segments."""

    def __init__(self, build: Build, key: int) -> None:
        self._build, self._key = build, key
        self._source = "segment_account_day" if build.segments.cut.dimensions else "account_day"
        self._segment = "d.segment" if build.segments.cut.dimensions else "''"
        self._told: dict[tuple[date, date], list[Row]] = {}
        build.need([self._source])

    def between(self, lowest: date, last: date, segment: str) -> list[Row]:
        """After the day `lowest` to the day `last`, in one segment, in the order of COLUMNS."""
        last = min(last, self._build.range().known_to - _ONE)
        if (lowest, last) not in self._told:
            self._told[lowest, last] = self._read(lowest, last)
        return [row[:-1] for row in self._told[lowest, last] if row[-1] == segment]

    def _read(self, lowest: date, last: date) -> list[Row]:
        return self._build.engine.run(
            f"select date '{last}', f.account_id, f.currency, 'fx', f.exact, {', '.join('0' for _ in BY)}, 0, 0, "
            f"f.paid_in, f.segment from ({self.text(lowest, last)}) f order by 2, 9"
        )

    def text(self, lowest: date, last: date) -> str:
        """The select of what rates did from the day after `lowest` to `last`: account_id, currency, exact, paid_in,
        segment."""
        one = f"and d.account_key = {self._key}" if self._key else ""
        return (
            "select a.account_id, g.currency, sum(cast(d.amount as hugeint) * (e.rate - b.rate)) as exact, "
            f"d.currency as paid_in, {self._segment} as segment from {self._source} d "
            f"join account a on a.account_key = d.account_key cross join reporting g "
            f"join rate_day e on e.currency = d.currency and e.on_date = date '{last}' "
            f"join rate_day b on b.currency = d.currency "
            f"and b.on_date = greatest(d.on_date, date '{max(lowest, _FIRST)}') "
            f"where g.carried = 0 and d.on_date <= date '{last}' {one} group by a.account_id, g.currency, d.currency, "
            "segment having sum(cast(d.amount as hugeint) * (e.rate - b.rate)) <> 0"
        )


_FIRST = date(1, 1, 1)


def _rounded(rows: list[Row]) -> list[Row]:
    """Each column's sums are rounded, and a row has what its sum adds to the one before: sums of rows are exact."""
    whole = [0] * (len(BY) + 1)
    done: list[Row] = []
    for row in rows:
        cells = list(row)
        for i in range(len(whole)):
            before = rounded(whole[i])
            whole[i] += _int(cells[4 + i])
            cells[4 + i] = rounded(whole[i]) - before
        cells[-3], cells[-2] = rounded(_int(cells[-3])), rounded(_int(cells[-2]))
        done.append(tuple(cells))
    return done


def _cell(metric: str, moved: list[Row], start: date, end: date, rates: _Rates, segment: str) -> int:
    """The cell as the roll-forward or the expansion shows it."""

    def balance(before: date, begun: date) -> int:
        rows = [m for m in moved if _day(m) < before or (m[3] == "opening" and _day(m) < begun)]
        return sum(_int(m[4]) for m in rows) + sum(_int(r[4]) for r in rates.between(date.min, before - _ONE, segment))

    inside = [m for m in moved if start <= _day(m) < end]
    flows = {kind: rounded(sum(_int(m[4]) for m in inside if m[3] == kind)) for kind in FLOWS}
    if metric in flows:
        return flows[metric]
    if metric in BY:
        sums = [sum(_int(m[5 + i]) for m in inside if m[3] == "expansion") for i in range(len(BY))]
        made = [rounded(s) for s in sums]
        largest = max(range(len(BY)), key=lambda i: (abs(sums[i]), -i))
        made[largest] += flows["expansion"] - sum(made)
        return made[BY.index(metric)]
    opening, closing = rounded(balance(start, end)), rounded(balance(end, end))
    if metric == "opening":
        return opening
    if metric in ("closing", "mrr"):
        return closing
    return closing - opening - (sum(flows.values()) if metric == "fx" else 0)


def rounded(exact: int) -> int:
    """Minor units of what is counted in parts of one, half away from zero."""
    size = (2 * abs(exact) + SCALE) // (2 * SCALE)
    return size if exact >= 0 else -size


def _int(value: object) -> int:
    return int(str(value))


def _day(row: Row) -> date:
    assert isinstance(row[0], date)
    return row[0]
