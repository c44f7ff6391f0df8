"""The main pages over a hundred thousand accounts, in Chromium: whole, light, and read by cursors."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser

import rollforward as rf

from .browsing import Window
from .serving import Serving, serving

pytestmark = pytest.mark.slow

ACCOUNTS = 100_000
HEAVIEST = 1_500_000
"""Bytes of a page with all it needs, as sent (the issue's target)."""

PAGES = (
    "/",
    "/roll-forward",
    "/expansion",
    "/retention",
    "/accounts",
    "/accounts/a000007",
    "/open?metric=closing&period=2025-06&of=EUR&level=accounts",
    "/open?metric=ndr_12&period=2025-06&of=EUR&level=accounts",
    "/open?metric=mrr&period=2025-06&of=EUR&level=sources&account=a000007",
    "/data",
    "/data/problems",
)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Accounts that pay 10 to 109 EUR or USD from their month on, and half of them 5 more from January 2025; the
    store reports in EUR."""
    folder = tmp_path_factory.mktemp("large")
    con = duckdb.connect()
    con.execute(
        "create table row as select 'a' || lpad(i::varchar, 6, '0') as account_id, 's' || i as subscription_id, "
        "'team' as plan, "
        "case when s = 0 then date '2023-01-01' + interval (i % 24) month else date '2025-01-01' end as start_date, "
        "case when s = 0 and i % 2 = 0 then date '2025-01-01' end as end_date, 10 + i % 100 + 5 * s as amount, "
        "case i % 2 when 0 then 'EUR' else 'USD' end as currency "
        f"from range({ACCOUNTS}) t(i), range(2) u(s) where s = 0 or i % 2 = 0"
    )
    con.execute(f"copy (from row) to '{folder / 'states.parquet'}' (format parquet)")
    con.execute(
        "copy (select d::date as date, 'USD' as currency, 0.5 as rate from range(date '2022-12-01', date '2025-07-01', "
        f"interval 1 day) t(d)) to '{folder / 'fx.csv'}'"
    )
    store = rf.open(folder / "store")
    store.import_(folder / "states.parquet", trust_valid_time=True, coverage="..2025-07-01")
    store.import_(folder / "fx.csv", kind="fx", currency="EUR")
    with serving(folder / "store") as site:
        yield site


def test_pages_of_a_large_store(large: Serving, chromium: Browser) -> None:
    faults: list[str] = []
    for path in PAGES:
        window = Window(chromium, large.url)
        sent: list[float] = []
        net = window.context.new_cdp_session(window.page)
        net.send("Network.enable")
        net.on("Network.loadingFinished", lambda told, sent=sent: sent.append(told["encodedDataLength"]))
        window.go(path)
        faults += [f"{path}: {fault}" for fault in (*window.faults, *window.overflow())]
        if not 1_000 < sum(sent) <= HEAVIEST:
            faults.append(f"{path}: {sum(sent)} bytes")
        window.close()
    assert faults == []


def test_figures_and_lists_of_a_large_store(large: Serving) -> None:
    asks = large.client()
    # 50,000 of each: EUR at 10 … 108 and 5 more, USD at 11 … 109 worth half
    euros, dollars = 50_000 * (59 + 5), 50_000 * 60
    closing = asks.get("/v1/mrr?from=2025-06&to=2025-06").json()["data"]
    assert [(r["currency"], float(r["closing"])) for r in closing] == [("EUR", euros + dollars / 2)]
    opened = "/v1/explain?metric=closing&period=2025-06&level=accounts"
    first = asks.get(f"{opened}&limit=3").json()["data"]
    assert [(r["account_id"], float(r["amount"]), r["movements"]) for r in first] == [
        (f"a{n:06}", 113.0, 2) for n in (98, 198, 298)
    ]
    # pages follow each other without a gap, and the last one ends the list
    seen: list[str] = []
    path = "/v1/accounts?sort=account_id&limit=500&search=a0000"
    while path:
        told = asks.get(path).json()
        seen += [r["account_id"] for r in told["data"]]
        path = told["next"] and f"/v1/accounts?sort=account_id&limit=500&search=a0000&cursor={told['next']}"
    assert [a for a in seen if a.startswith("a0000")] == [f"a{n:06}" for n in range(100)]


def test_what_is_too_long_is_refused(large: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    from rollforward.answers import explain

    monkeypatch.setattr(explain, "MOST", 1_000)
    told = large.client().get("/open?metric=closing&period=2025-06&of=EUR&level=movements")
    assert told.status_code == 400
    assert "rows are too many" in told.text


def test_two_who_ask_at_once_make_each_table_once(large: Serving, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(large.app.state.desk.path, store, ignore=shutil.ignore_patterns("built", "spill"))
    both = [rf.open(store) for _ in range(2)]
    half: set[str] = set()
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(one.mrr, minor=True) for one in both]
        while not all(a.done() for a in asked):
            half |= {p.name for p in store.glob("built/*/*.tmp")}
            time.sleep(0.002)
    assert asked[0].result().rows[-1][:13] == asked[1].result().rows[-1][:13]
    by_table = Counter(name.split(".parquet.")[0] for name in half)
    assert by_table and set(by_table.values()) == {1}
