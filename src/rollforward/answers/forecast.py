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
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.errors import Misuse

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

    told, notes = list[tuple[object, ...]](), list[Note]()
    first = build.complete_to().replace(day=1)
    for code, rows in _history(build, asked).items():
        closing = int(str(rows[-1]["closing"]))
        recorded = _recorded(build, asked, code, first, months)
        renewing = _renewing(build, code, first, months)
        if len(rows) < draws.LEAST:
            notes.append(Note("short-history", {"months": str(len(rows)), "needed": str(draws.LEAST)}))
            told += [(periods.add_months(first, m), code, closing, 0, 0, 0, 0, 0, closing, None, None,
                      sum(recorded[m]), renewing[m], "naive") for m in range(months)]  # fmt: skip
            continue
        import numpy as np

        past = np.array([[float(str(r[c] or 0)) for c in MOVEMENTS] for r in rows])
        opening = np.array([float(str(r["opening"] or 0)) for r in rows])
        found = draws.ahead(past, opening, float(closing), months, np.array(recorded, dtype=float))
        for m in range(months):
            moved = [round(float(v)) for v in found.movements[m]]
            after = closing + sum(moved)
            told.append(
                (periods.add_months(first, m), code, closing, *moved, after, round(float(found.low[m])),
                 round(float(found.high[m])), sum(recorded[m]), renewing[m], "movements")
            )  # fmt: skip
            closing = after
    return figures.finish(build, asked, FORECAST, told, notes)


def scores(build: Build, asked: Asked) -> Table:
    """What forecasts made at each past month would have missed by, beside naive ones (rolling origin)."""
    import numpy as np

    from rollforward.stats import forecast as draws

    told, notes = list[tuple[object, ...]](), list[Note]()
    for code, rows in _history(build, asked).items():
        if len(rows) <= draws.LEAST:
            notes.append(Note("short-history", {"months": str(len(rows)), "needed": str(draws.LEAST + 1)}))
            continue
        past = np.array([[float(str(r[c] or 0)) for c in MOVEMENTS] for r in rows])
        opening, closing = (np.array([float(str(r[c] or 0)) for r in rows]) for c in ("opening", "closing"))
        told += [(code, s.horizon, s.method, s.mape, s.mase, s.covered, s.origins)
                 for s in draws.scores(past, opening, closing)]  # fmt: skip
    return figures.finish(build, asked, SCORES, told, notes)


def _history(build: Build, asked: Asked) -> dict[str, list[dict[str, object]]]:
    """The roll-forward's complete months by currency, in minor units, from the first with MRR."""
    if asked.cut.segment:
        raise Misuse("no-split-here", dimension=asked.cut.segment)
    plain = replace(asked, by="month", minor=True, start=None, end=None)
    found: dict[str, list[dict[str, object]]] = {}
    for row in figures.mrr(build, plain).to_dicts():
        rows = found.setdefault(str(row["currency"]), [])
        if row["is_complete"] and row["closing"] is not None and (rows or row["closing"]):
            rows.append(row)
    return {code: rows for code, rows in found.items() if rows}


def _recorded(build: Build, asked: Asked, code: str, first: date, months: int) -> list[list[int]]:
    """By month and movement what is recorded to take effect already, in the currency of the answer at present rates."""
    if asked.cut.dimensions:  # what is recorded is known of all accounts only
        return [[0] * len(MOVEMENTS) for _ in range(months)]
    build.need(["account_day", "reporting", "rate_day", "lookback"])
    rows = build.engine.run(
        "select date_trunc('month', d.on_date)::date, d.movement, cast(sum(cast(d.amount as decimal(38,0)) * "
        "coalesce(r.rate, g.unsaid)) / any_value(g.scale) as bigint) from account_day d cross join reporting g cross "
        "join lookback k left join rate_day r on r.currency = d.currency and r.on_date = k.last_day "
        "where case g.currency when '' then d.currency else g.currency end = ? and d.on_date >= k.known_to "
        "group by 1, 2",
        [code],
    )
    amounts = {(on, movement): int(str(amount)) for on, movement, amount in rows}
    return [[amounts.get((periods.add_months(first, m), name), 0) for name in MOVEMENTS] for m in range(months)]


def _renewing(build: Build, code: str, first: date, months: int) -> list[int]:
    """Present MRR of accounts whose next contract ends in each month: up for renewal, in no movement by itself."""
    build.need(["account_now", "account_worth"])
    rows = build.engine.run(
        "select date_trunc('month', n.ends)::date, cast(sum(w.mrr) as bigint) from account_worth w join (select "
        "account_key, min(contract_ends) as ends from account_now group by 1) n on n.account_key = w.account_key "
        "where w.currency = ? and n.ends < date '9999-12-31' group by 1",
        [code],
    )
    amounts = {on: int(str(amount)) for on, amount in rows}
    return [amounts.get(periods.add_months(first, m), 0) for m in range(months)]
