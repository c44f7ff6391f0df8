"""Restatements in a reporting currency: what closed periods say in it beside what is known now (decision 0012.4).

Comes in: a Build of closed days, which answers in that currency, and the one beside it, which knows no closing. Goes
out: one difference a period, account and measure. Only accounts are looked at whose rows differ, or that pay in a
currency of which a rate on a closed day differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from rollforward import closings, periods
from rollforward.build import Build
from rollforward.rates import SCALE
from rollforward.schema import DRIVERS, FLOWS

_DAY = timedelta(days=1)
_BY = tuple(f"by_{d}" for d in DRIVERS)

Cells = dict[str, int | None]
"""Minor units of the reporting currency by measure; None: a rate is missing."""


@dataclass(frozen=True)
class Difference:
    """One cell as closed and as known now, in minor units; None: a rate is missing."""

    period: date
    account_key: int
    measure: str
    as_closed: int | None
    as_known_now: int | None


@dataclass
class _Sums:
    """What one build says of an account in one period, in 1/SCALE minor units; `lacks`: measures without a rate."""

    cells: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lacks: set[str] = field(default_factory=set)


def differences(build: Build, accounts: Iterable[int]) -> list[Difference]:
    """All of `accounts`, whose native rows differ, and of those that other rates concern."""
    assert build.known is not None
    known = build.known
    known.report(build.conversion.currency)
    changed = _changed(build, known)
    concerned = sorted({*accounts, *_paying_in(build, changed), *_paying_in(known, changed)})
    if not concerned:
        return []
    end = closings.open_from(build.closed)
    first = min(build.range().first, known.range().first) - _DAY
    months = [(p.start, p.end) for p in periods.Calendar().spread("month", first, end - _DAY, (first, end))]
    ours, theirs = (_told(b, concerned, months) for b in (build, known))
    found = []
    for key in concerned:
        balance: list[Cells] = [{"closing": 0}, {"closing": 0}]
        for start, _ in months:
            shown = [_shown(side[start, key], begun) for side, begun in zip((ours, theirs), balance, strict=True)]
            for measure in shown[0]:
                told = [cells[measure] for cells in shown]
                if told[0] != told[1]:
                    found.append(Difference(start, key, measure, told[0], told[1]))
            balance = shown
    return sorted(found, key=lambda d: (d.period, d.account_key))


def _changed(build: Build, known: Build) -> list[str]:
    """Currencies of which a rate on a closed day is another by now."""
    query = (
        f"select currency, on_date, rate, known from rate_day where on_date < date '{closings.open_from(build.closed)}'"
    )
    told, tells = (set(b.need(["rate_day"]).run(query)) for b in (build, known))
    return sorted({str(row[0]) for row in told ^ tells})


def _paying_in(build: Build, currencies: list[str]) -> set[int]:
    listed = ", ".join(f"'{c}'" for c in currencies) or "''"
    rows = build.need(["account_day"]).run(f"select distinct account_key from account_day where currency in ({listed})")
    return {int(str(row[0])) for row in rows}


def _told(build: Build, accounts: list[int], months: list[tuple[date, date]]) -> dict[tuple[date, int], _Sums]:
    """Movements, drivers and the balance at the end of each month."""
    engine = build.need(["converted_movement", "account_day", "carried", "rate_day", "reporting"])
    engine.table("concerned", {"account_key": accounts}, ["BIGINT"])
    columns = {
        "period": [m[0] for m in months],
        "following": [m[1] for m in months],
        "last": [m[1] - _DAY for m in months],
    }
    engine.table("concerned_month", columns, ["DATE", "DATE", "DATE"])
    found: dict[tuple[date, int], _Sums] = defaultdict(_Sums)
    sums = ", ".join(f"sum(case when m.movement = 'restatement' then 0 else m.{c} end)" for c in _BY)
    came = "g.carried = 1 and {}.{} <> g.currency"  # worth what it was when it came
    carried = (
        "left join carried k on k.account_key = {0}.account_key and k.currency = {0}.{1} "
        "and k.window_at = {0}.window_at"
    )
    flows = engine.run(
        f"select p.period, m.account_key, m.movement, sum(m.amount), max(case when {came.format('m', 'paid_in')} "
        f"then coalesce(k.missing, 0) <> 0 else coalesce(r.known, 0) = 0 and m.paid_amount <> 0 end), {sums} "
        "from converted_movement m join concerned a on a.account_key = m.account_key cross join reporting g "
        "join concerned_month p on m.on_date >= p.period and m.on_date < p.following "
        "left join rate_day r on r.currency = m.paid_in and r.on_date = m.on_date "
        f"{carried.format('m', 'paid_in')} group by 1, 2, 3"
    )
    for period, key, movement, amount, lacks, *by in flows:
        assert isinstance(period, date)
        of = found[period, int(str(key))]
        of.cells[str(movement)] += int(str(amount))
        for name, part in zip(_BY, by, strict=True):
            of.cells[name] += int(str(part))
        if lacks:
            of.lacks |= {str(movement), *_BY}
    ended = engine.run(
        f"select p.period, d.account_key, d.currency, sum(case when {came.format('d', 'currency')} "
        "then coalesce(k.amount, 0) else cast(d.amount as hugeint) * coalesce(r.rate, 0) end), "
        f"sum(case when {came.format('d', 'currency')} "
        "then coalesce(k.missing, 0) else d.amount * (1 - coalesce(r.known, 0)) end) from account_day d "
        "join concerned a on a.account_key = d.account_key cross join reporting g "
        "join concerned_month p on d.on_date < p.following "
        "left join rate_day r on r.currency = d.currency and r.on_date = p.last "
        f"{carried.format('d', 'currency')} group by 1, 2, 3"
    )
    for period, key, _, amount, lacks in ended:
        assert isinstance(period, date)
        of = found[period, int(str(key))]
        of.cells["closing"] += int(str(amount))
        if lacks:
            of.lacks.add("closing")
    return found


def _shown(of: _Sums, before: Cells) -> Cells:
    """Whole minor units; what is no movement is what rates did, so that a row ties."""
    shown: Cells = {"opening": before["closing"]}
    for measure in (*FLOWS, "closing", *_BY):
        shown[measure] = None if measure in of.lacks else _rounded(of.cells.get(measure, 0))
    opened = _rounded(of.cells.get("opening", 0))  # coverage begins: no movement and no rate
    told = [shown[m] for m in ("closing", "opening", *FLOWS)]
    if None in told:
        shown["fx"] = None
    else:
        closing, *others = (int(str(t)) for t in told)
        shown["fx"] = closing - sum(others) - opened
    return shown


def _rounded(exact: int) -> int:
    size = (2 * abs(exact) + SCALE) // (2 * SCALE)
    return size if exact >= 0 else -size
