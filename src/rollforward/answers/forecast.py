"""MRR of the months ahead, by movement, and how such forecasts have done on the company's own past.

Comes in: a Build and what was asked. Goes out: a Table. The history is the roll-forward's; stats/forecast.py draws from
it; what is recorded to happen already is in it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rollforward import periods
from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.listing import Wanted, conditions, source_of
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.errors import Misuse
from rollforward.money import to_major

MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn")
FORECAST = (
    "period", "currency", "opening", *MOVEMENTS, "closing", "closing_low", "closing_high", "recorded", "renewing",
    "method",
)  # fmt: skip
SCORES = ("currency", "horizon_ahead", "forecast_by", "mape", "mase", "covered", "origins")
MOST_MONTHS = 36


def forecast(build: Build, asked: Asked, months: int = 12) -> Table:
    """One row a month and currency; opening + movements = closing, to the minor unit."""
    if not 1 <= months <= MOST_MONTHS:
        raise Misuse("unknown-option", option="--months", value=str(months), known=f"1 … {MOST_MONTHS}")
    from rollforward.stats import forecast as draws

    told = list[tuple[object, ...]]()
    history, notes = _history(build, asked)
    gaps = list[Note]()
    first = build.complete_to().replace(day=1)
    for code, rows in history.items():
        closing = int(str(rows[-1]["closing"]))
        recorded, gap, said = _recorded(build, asked, code, first, months)
        gaps += said
        renewing = _renewing(build, asked, code, first, months)
        if len(rows) < draws.LEAST:
            notes.append(Note("short-history", {"months": str(len(rows)), "needed": str(draws.LEAST)}))
            told += [(periods.add_months(first, m), code, closing, 0, 0, 0, 0, 0, closing, None, None,
                      None if m in gap else sum(recorded[m]), renewing[m], "naive") for m in range(months)]  # fmt: skip
            continue
        import numpy as np

        past = np.array([[float(str(r[c] or 0)) for c in MOVEMENTS] for r in rows])
        opening = np.array([float(str(r["opening"] or 0)) for r in rows])
        found = draws.ahead(past, opening, float(closing), months, np.array(recorded, dtype=float))
        known = min(gap, default=months)  # what follows on an amount that nobody can convert is not known either
        for m in range(known):
            moved = [round(float(v)) for v in found.movements[m]]
            after = closing + sum(moved)
            told.append(
                (periods.add_months(first, m), code, closing, *moved, after, round(float(found.low[m])),
                 round(float(found.high[m])), sum(recorded[m]), renewing[m], "movements")
            )  # fmt: skip
            closing = after
        for m in range(known, months):
            opening_then = closing if m == known else None
            told.append(
                (periods.add_months(first, m), code, opening_then, *([None] * (len(MOVEMENTS) + 3)),
                 None if m in gap else sum(recorded[m]), renewing[m], "movements")
            )  # fmt: skip
    table = figures.finish(build, asked, FORECAST, told, notes)
    named = {n.params["currency"] for n in table.notes if n.code == "missing-rates"}
    table.notes += [n for n in gaps if n.params["currency"] not in named]  # what begins after all days with rates
    return table


def scores(build: Build, asked: Asked) -> Table:
    """What forecasts made at each past month would have missed by, beside naive ones (rolling origin)."""
    import numpy as np

    from rollforward.stats import forecast as draws

    told = list[tuple[object, ...]]()
    history, notes = _history(build, asked)
    for code, rows in history.items():
        if len(rows) <= draws.LEAST:
            notes.append(Note("short-history", {"months": str(len(rows)), "needed": str(draws.LEAST + 1)}))
            continue
        past = np.array([[float(str(r[c] or 0)) for c in MOVEMENTS] for r in rows])
        opening, closing = (np.array([float(str(r[c] or 0)) for r in rows]) for c in ("opening", "closing"))
        told += [(code, s.horizon, s.method, s.mape, s.mase, s.covered, s.origins)
                 for s in draws.scores(past, opening, closing)]  # fmt: skip
    return figures.finish(build, asked, SCORES, told, notes)


def _history(build: Build, asked: Asked) -> tuple[dict[str, list[dict[str, object]]], list[Note]]:
    """The roll-forward's complete months by currency, in minor units, from the first with MRR; with remarks.

    A month that lacks a rate ends what is known before it: nothing is drawn over a gap, and without the last month
    there is nothing to go on from.
    """
    if asked.cut.segment:
        raise Misuse("no-split-here", dimension=asked.cut.segment)
    plain = replace(asked, by="month", minor=True, start=None, end=None)
    found: dict[str, list[dict[str, object]]] = {}
    table, has_gap = figures.mrr(build, plain), False
    for row in table.to_dicts():
        rows = found.setdefault(str(row["currency"]), [])
        if row["is_complete"] and any(row[c] is None for c in ("opening", *MOVEMENTS, "closing")):
            rows.clear()
            has_gap = True
        elif row["is_complete"] and (rows or row["closing"]):
            rows.append(row)
    notes = [note for note in table.notes if has_gap and note.code == "missing-rates"]
    return {code: rows for code, rows in found.items() if rows}, notes


def _recorded(
    build: Build, asked: Asked, code: str, first: date, months: int
) -> tuple[list[list[int]], set[int], list[Note]]:
    """By month and movement what is recorded to take effect already, in the currency of the answer at present rates;
    the months in which an amount has no rate, which count as 0 here; and the remark on them."""
    if asked.cut.dimensions:  # what is recorded is known of all accounts only
        return [[0] * len(MOVEMENTS) for _ in range(months)], set(), []
    build.need(["account_day", "reporting", "rate_day", "lookback"])
    rows = build.engine.run(
        "select date_trunc('month', d.on_date)::date, d.movement, cast(sum(cast(d.amount as decimal(38,0)) * "
        "coalesce(r.rate, g.unsaid)) / any_value(g.scale) as bigint), d.currency, sum(abs(d.amount)), "
        "coalesce(any_value(r.known), any_value(g.unsaid)), any_value(k.last_day) from account_day d "
        "cross join reporting g cross join lookback k "
        "left join rate_day r on r.currency = d.currency and r.on_date = k.last_day "
        "where case g.currency when '' then d.currency else g.currency end = ? and d.on_date >= k.known_to "
        "and d.movement <> 'none' group by 1, 2, 4 order by 1, 2, 4",
        [code],
    )
    amounts: dict[tuple[object, object], int] = {}
    lost, lacking = set[object](), dict[str, tuple[int, object]]()
    for on, movement, amount, paid_in, size, known, last in rows:
        amounts[on, movement] = amounts.get((on, movement), 0) + int(str(amount))
        if not known and movement in MOVEMENTS and on < periods.add_months(first, months):  # type: ignore[operator]
            lost.add(on)
            lacking[str(paid_in)] = max(lacking.get(str(paid_in), (0, last))[0], int(str(size))), last
    ahead = [periods.add_months(first, m) for m in range(months)]
    notes = [
        Note("missing-rates", {"currency": paid_in, "to": code, "first": f"{last}", "last": f"{last}",
                               "amount": f"{to_major(size, paid_in)}"})
        for paid_in, (size, last) in sorted(lacking.items())
    ]  # fmt: skip
    gap = {m for m, on in enumerate(ahead) if on in lost}
    return [[amounts.get((on, name), 0) for name in MOVEMENTS] for on in ahead], gap, notes


def _renewing(build: Build, asked: Asked, code: str, first: date, months: int) -> list[int | None]:
    """Present MRR of accounts whose next contract ends in each month: up for renewal, in no movement by itself.

    None where a rate is missing, and for a part of what accounts have: contracts are of all of it.
    """
    if asked.cut.item:
        return [None] * months
    source, where, values = source_of(build, asked.progress), "", list[object]()
    if asked.cut.where:
        met, values = conditions(build, asked.cut, Wanted(), [code])
        where = f"and w.account_key in (select listed.account_key from {source} listed where {met})"
        build.cut(asked.cut)
    build.need(["account_now", "account_worth"])
    rows = build.engine.run(
        "select date_trunc('month', n.ends)::date, case when max(w.unrated) = 0 then cast(sum(w.mrr) as bigint) end "
        "from account_worth w join (select account_key, min(contract_ends) as ends from account_now group by 1) n "
        f"on n.account_key = w.account_key where w.currency = ? and n.ends < date '9999-12-31' {where} group by 1",
        [code, *values],
    )
    amounts = {on: None if amount is None else int(str(amount)) for on, amount in rows}
    return [amounts.get(periods.add_months(first, m), 0) for m in range(months)]
