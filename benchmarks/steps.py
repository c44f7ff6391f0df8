"""The steps that run.py measures, each in a process of its own; the last line printed is JSON.

`seconds` and `cpu` in it are those of the step alone, without the start of Python; where they are absent, run.py counts
the whole process.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

FLOW = (
    "opening", "new", "expansion", "contraction", "churn", "reactivation", "closing", "accounts_closing",
    "accounts_new", "accounts_expanded", "accounts_contracted", "accounts_churned", "accounts_reactivated",
)  # fmt: skip


def timed(work: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """What `work` returns, with its seconds by the clock and of all threads' processors."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def make_states(folder: str, scale: str) -> dict[str, object]:
    import make_states

    return {"rows": make_states.make(Path(folder), float(scale))}


def make_stretches(folder: str, rows: str) -> dict[str, object]:
    import make_states

    return {"rows": make_states.make_stretches(Path(folder), int(rows))}


def import_(store: str, *files: str) -> dict[str, object]:
    import rollforward as rf

    mapping = next((f for f in files if f.endswith(".toml")), None)
    report = rf.open(store).import_(*(f for f in files if f != mapping), mapping=mapping)
    return {"accepted": report.files[-1].accepted, "problems": report.problem_count}


def floor(states: str) -> dict[str, object]:
    """The floor, and the closings that the states mean, by plain event deltas: written here, not by the program."""
    import duckdb

    con = duckdb.connect()
    scan = f"select date_trunc('month', start_date), sum(amount) from '{states}' group by 1 order by 1"
    runs = [timed(lambda: con.execute(scan).fetchall())[1] for _ in range(5)]
    counted = (
        "select start_date, end_date, round(amount * 100 * (1 - discount_percent / 100))::bigint as mrr "
        f"from '{states}' where status = 'active'"
    )
    closing = con.execute(
        f"with counted as ({counted}), delta as (select start_date as d, mrr from counted union all "
        "select end_date, -mrr from counted where end_date is not null), "
        "summed as (select date_trunc('month', d) as m, sum(mrr) as s from delta group by 1) "
        "select strftime(m, '%Y-%m-%d'), (sum(s) over (order by m))::bigint from summed order by 1"
    ).fetchall()
    count = con.execute(f"select count(*), count(distinct account_id) from '{states}'").fetchall()[0]
    medians = {k: statistics.median(r[k] for r in runs) for k in ("seconds", "cpu")}
    return {"states": count[0], "accounts": count[1], "closing": [list(c) for c in closing], **medians}


def mrr(store: str, policy: str = "default") -> dict[str, object]:
    import rollforward as rf

    opened = rf.open(store, create=False)
    table, spent = timed(lambda: opened.mrr(by="month", end="2026-09", minor=True, policy=policy))
    return {"closing": [[str(r["period"]), r["closing"]] for r in table.to_dicts()], **spent}


def accounts_(store: str, states: str) -> dict[str, object]:
    """Two attributes of every account, one of which one account in ten changes once; and rates of one currency."""
    import duckdb

    import rollforward as rf

    folder = Path(states).parent
    con = duckdb.connect()
    con.execute(
        "copy (with a as (select distinct account_id, hash(account_id) as h "
        f"from '{states}') select account_id, 'c' || h % 20 as country, 'i' || h % 7 as industry, "
        "date '2021-01-01' as valid_from from a union all select account_id, 'c' || (h + 1) % 20, 'i' || h % 7, "
        f"date '2024-01-01' from a where h % 10 = 0) to '{folder / 'accounts.parquet'}' (format parquet)"
    )
    days = "range(timestamp '2021-01-01', timestamp '2026-12-01', interval 1 day)"
    rate = "round(0.9 + (epoch(range) % 17) / 100, 2) as rate"
    picks = f"cast(range as date) as date, 'USD' as currency, {rate}"
    con.execute(f"copy (select {picks} from {days}) to '{folder / 'fx.csv'}'")
    opened = rf.open(store)
    opened.import_(folder / "accounts.parquet", kind="accounts", trust_valid_time=True)
    opened.import_(folder / "fx.csv", kind="fx", currency="EUR")
    return {}


def named(store: str, states: str) -> dict[str, object]:
    """A name, an e-mail and an owner for every account."""
    import duckdb

    import rollforward as rf

    file = Path(states).parent / "named.parquet"
    duckdb.connect().execute(
        "copy (select account_id, "
        "'Company ' || hash(account_id) % 200000 || ' บริษัท ' || hash(account_id || 'x') % 5000 as name, "
        "'billing@' || account_id || '.example.com' as email, 'Owner ' || hash(account_id) % 40 as owner "
        f"from (select distinct account_id from '{states}')) to '{file}' (format parquet)"
    )
    report = rf.open(store).import_(file, kind="accounts", trust_valid_time=True)
    return {"accepted": report.files[-1].accepted}


SEARCHES = (
    {}, {"search": "company 777"}, {"search": "บริษัท 77"}, {"search": "a00012"}, {"search": "example.com owner"},
    {"search": "no such account"}, {"state": "churned"}, {"sort": "name"}, {"sort": "-change_12"},
    {"owner": "Owner 7"}, {"search": "company", "sort": "-changed_on", "state": "active"},
)  # fmt: skip


def search(store: str) -> dict[str, object]:
    """Searches of all accounts, each eight times, with the second page of each; and the pages of 40 accounts."""
    import rollforward as rf

    opened = rf.open(store, create=False)
    first, cold = timed(lambda: opened.accounts(currency="native"))
    again, attached = timed(lambda: rf.open(store, create=False).accounts(currency="native"))
    searches: list[float] = []
    for _ in range(8):
        for asked in SEARCHES:
            found, spent = timed(lambda asked=asked: opened.accounts(currency="native", **asked))
            searches.append(spent["seconds"])
            if found.next:
                spent = timed(lambda a=asked, n=found.next: opened.accounts(currency="native", after=n, **a))[1]
                searches.append(spent["seconds"])
    ids = [str(r[0]) for r in opened.accounts(currency="native", sort="account_id", limit=4000).table.rows[::100]]
    opened.account(ids[0], currency="native")
    pages, untied = [], 0
    for account in ids:
        one, spent = timed(lambda a=account: opened.account(a, currency="native"))
        pages.append(spent["seconds"])
        paid = sum(r["mrr"] for r in one.stand.to_dicts())  # type: ignore[misc]
        untied += sum(r["amount"] for r in one.steps.to_dicts()) != paid  # type: ignore[misc]
    closing = opened.mrr(currency="native", minor=True).to_dicts()[-1]["closing"]
    return {
        "rows": first.total, "cold": cold["seconds"], "attached": attached["seconds"],
        "search": _spread(searches), "page": _spread(pages), "untied": untied,
        "mrr": int(sum(first.mrr.values()) * 100), "closing": closing,
        "same": first.table.rows[0][0] == again.table.rows[0][0],
    }  # fmt: skip


def _spread(seconds: list[float]) -> list[float]:
    """Median and 95th percentile."""
    ordered = sorted(seconds)
    return [statistics.median(ordered), ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]]


def expansion(store: str) -> dict[str, object]:
    import rollforward as rf

    table, spent = timed(lambda: rf.open(store, create=False).expansion(by="month", minor=True))
    rows = table.to_dicts()
    parts = [c for c in rows[0] if c.startswith("by_")]
    untied = [r for r in rows if r["expansion"] != sum(int(str(r[c])) for c in parts)]
    return {"untied": len(untied), **spent}


def customers(store: str) -> dict[str, object]:
    """Roll-forward and retention in the columns and the order of the generator's expected files."""
    import rollforward as rf

    asked = rf.open(store, create=False)
    rolled, roll_time = timed(lambda: asked.mrr(by="month", minor=True))
    kept, keep_time = timed(lambda: asked.retention(window=12, by="month", minor=True))
    retention = []
    for r in kept.to_dicts():
        opening, contraction, churn = (int(str(r[c])) for c in ("opening", "contraction", "churn"))
        money = [r["accounts_opening"], opening, r["closing"], opening + contraction + churn]
        retention.append([_month_before(r["window_end"]), *money, r["ndr"], r["grr"]])
    return {
        "roll-forward": [[str(r["period"]), *(r[c] for c in FLOW)] for r in rolled.to_dicts()],
        "retention": retention,
        "seconds_roll-forward": roll_time["seconds"],
        "seconds_retention": keep_time["seconds"],
    }


def _month_before(day: object) -> str:
    from datetime import date, timedelta

    assert isinstance(day, date)
    return str((day - timedelta(days=1)).replace(day=1))


def build(store: str) -> dict[str, object]:
    import rollforward as rf

    opened = rf.open(store, create=False)
    report, spent = timed(opened.build)
    states = opened.sql("select count(*) as n from item_state").to_dicts()[0]["n"]
    return {"states": states, "violations": report.violations, **pick(store), **spent}


def pick(store: str) -> dict[str, object]:
    """A period with expansion, the last but three, and the account that expanded most in it."""
    import rollforward as rf

    opened = rf.open(store, create=False)
    grown = [r for r in opened.expansion(by="month").to_dicts() if r["expansion"]]
    period = str(grown[-4]["period"])[:7]
    rows = opened.explain("expansion", period).to_dicts()
    return {"period": period, "account": max(rows, key=lambda r: (r["amount"], r["account_id"]))["account_id"]}


def make_use(folder: str, accounts: str) -> dict[str, object]:
    import make_use

    return {"rows": make_use.make(Path(folder), int(accounts))}


def import_use(store: str, folder: str) -> dict[str, object]:
    """The files of make_use, in two imports."""
    import rollforward as rf

    opened, at = rf.open(store), Path(folder)
    options = {"trust_valid_time": True, "coverage": "..2026-11-01"}
    files = ("products.csv", "plans.csv", "subscriptions.parquet")
    opened.import_(*(at / f for f in files), **options)  # type: ignore[arg-type]
    report, spent = timed(lambda: opened.import_(at / "usage.parquet", kind="usage", **options))  # type: ignore[arg-type]
    return {"accepted": report.files[-1].accepted, **spent}


def accounts_built(store: str) -> dict[str, object]:
    """What signals stand on: the ledger, and the accounts as they stand."""
    import rollforward as rf

    opened = rf.open(store, create=False)
    build, _ = opened._ask(rf.api.Question())
    _, spent = timed(lambda: build.need(["account_now", "held_item"]))
    return spent


def signals(store: str) -> dict[str, object]:
    """Every signal of every account, worked out anew; how many of each."""
    import rollforward as rf

    opened = rf.open(store, create=False)
    build, _ = opened._ask(rf.api.Question())
    build.need(["account_now", "held_item"])
    engine, spent = timed(lambda: build.need(["signal"]))
    found = engine.run("select signal, count(*) from signal group by signal order by signal")
    return {"signals": dict(found), "accounts": engine.run("select count(*) from signal_account")[0][0], **spent}


def scores(store: str) -> dict[str, object]:
    """Scores and reasons of every account by a model that is there; features are made. What was learnt is made up."""
    import numpy as np

    import rollforward as rf
    from rollforward.answers import risks
    from rollforward.stats import scores as learning

    opened = rf.open(store, create=False)
    build, _ = opened._ask(rf.api.Question())
    build.need(["account_feature"])
    draw = np.random.default_rng(7)
    values = draw.normal(size=(100_000, len(risks.FEATURES)))
    came = (draw.random(len(values)) < 0.1 + 0.05 * (values[:, 0] > 0)).astype(float)
    rows = learning.Rows(np.zeros(len(values)), np.arange(len(values)), values, came)  # type: ignore[arg-type]
    model = learning.Learnt(rows, rows)
    path = build.folder / "scores-bench.parquet"
    _, spent = timed(lambda: risks._score(build, model, path))
    told = build.engine.run(f"select count(*) from read_parquet('{path}')")[0][0]
    path.unlink()
    return {"accounts": told, **spent}


if __name__ == "__main__":
    step = globals()[sys.argv[1]]
    print(json.dumps(step(*sys.argv[2:]), default=str))
