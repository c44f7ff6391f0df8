"""What pages say of a number: of cohorts of quarters, of ARR, where nothing lies behind it, and whose it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

import httpx
import pytest

from rollforward import api
from rollforward.answers.asking import Question
from rollforward.state import Actor

from .serving import serving
from .small import small


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, api.Store]]:
    path = small(tmp_path_factory.mktemp("opening"))
    late = path.parent / "late.csv"
    late.write_text(
        "subscription_id,account_id,plan,amount,currency,start_date,end_date,status\n"
        "g1,gina,pro,10.00,GBP,2026-04-01,,past_due\ng2,hugo,pro,5.00,GBP,2026-04-01,,active\n"
    )
    api.open(path).import_(late, trust_valid_time=True, coverage="..2026-07-01")
    api.open(path).register_policy('name = "strict"\nversion = 1\npast_due = "does_not_count"\n')
    with serving(path) as site:
        yield site.client(), api.open(path)


def sums(page: str) -> list[str]:
    found = re.findall(r'<p class="sum[^"]*">(.*?)</p>', page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", "", each)).split()) for each in found]


def test_cohorts_of_quarters_open_down_to_the_rows(made: tuple[httpx.Client, api.Store]) -> None:
    client, store = made
    part = client.get("/charts/cohorts.html?by=quarter&of=USD&currency=native").text
    links = [unescape(link) for link in re.findall(r'href="(/open[^"]*)"', part)]
    assert links and all("cohort=2026-Q1" in link for link in links)
    # acme 100 + 20, bolt 50 and =elsa 30 begin in the first quarter; bolt's subscription ends in April
    assert sums(client.get(links[0]).text) == ["3 accounts add up to 200.00 USD = the cell ✓"]
    assert sums(client.get(links[1]).text) == ["3 accounts add up to 150.00 USD = the cell ✓"]
    for level in ("movements", "ledger"):
        assert "150.00 USD" in sums(client.get(f"{links[1]}&level={level}").text)[0]
    assert "s6,&#34;=elsa&#34;" in client.get(f"{links[1]}&level=sources").text
    told = client.get(
        "/v1/explain?metric=mrr&period=2026-Q1&cohort=2026-Q1&of=USD&currency=native&level=accounts"
    ).json()
    assert sum(Decimal(str(row["amount"])) for row in told["data"]) == 200
    at: Question = {"currency": "native", "as_of": datetime.now(UTC).isoformat()}  # one moment for both
    by_month = store.explain("mrr", "2026-Q1", cohort="2026-02", level="accounts", **at)
    assert by_month.rows == store.explain("mrr", "2026-Q1", where=["cohort=2026-02"], level="accounts", **at).rows


def test_arr_is_twelve_times_its_rows(made: tuple[httpx.Client, api.Store]) -> None:
    client, _store = made
    home = client.get("/?currency=native&of=USD&to=2026-03").text
    link = unescape(re.findall(r'href="(/open[^"]*metric=arr[^"]*)"', home)[0])
    assert sums(client.get(link).text) == [
        "3 accounts add up to 200.00 USD · ARR = 12 × 200.00 = 2,400.00 USD = the cell ✓"
    ]
    assert client.get(link.replace("/open", "/tables/explain.csv")).status_code == 200


def test_a_cell_of_nothing_says_so(made: tuple[httpx.Client, api.Store]) -> None:
    client, _store = made
    page = client.get("/open?metric=churn&period=2026-01&of=USD&currency=native").text
    assert sums(page) == ["Nothing lies behind this number: no rows, sum 0 USD = the cell ✓"]


def test_charts_of_two_policies_stand_side_by_side_and_say_whose_they_are(
    made: tuple[httpx.Client, api.Store],
) -> None:
    client, store = made
    part = client.get("/charts/trend.html?policy=default,strict&currency=native&of=GBP&to=2026-06").text
    titles = [re.sub(r"<[^>]+>", "", h) for h in re.findall(r"<h2>(.*?)</h2>", part)]
    assert titles == ["MRR · default", "MRR · strict"]
    files = [unescape(f) for f in re.findall(r'href="([^"]*csv[^"]*)"', part)]
    assert [re.findall("policy=([a-z,]+)", f) for f in files] == [[], ["strict"]]  # the default needs not be named
    drawn = [json.loads(unescape(s)) for s in re.findall(r'<script type="application/json">(.*?)</script>', part)]
    for spec, policy in zip(drawn, ("default", "strict"), strict=True):
        rows = store.mrr(policy=policy, currency="native", start="2026-06", end="2026-06").to_dicts()
        wanted = [float(str(r["closing"])) for r in rows if r["currency"] == "GBP"]
        assert [v["v"] for v in spec["data"]["values"]][-1:] == wanted == [{"default": 15.0, "strict": 5.0}[policy]]

    both = client.get("/?policy=default,strict&currency=native&of=GBP&to=2026-06").text
    one = client.get("/?currency=native&of=GBP&to=2026-06").text
    value = r'<p class="value">\s*(?:<a [^>]*>)?([^<]*)'
    assert re.findall(value, both) == re.findall(value, one) != []
    assert "Figures under the policy default; charts under each." in both and "charts under each" not in one


def test_the_page_leads_to_the_same_question_of_the_api(made: tuple[httpx.Client, api.Store]) -> None:
    client, store = made
    store.state.settings.set_store(Actor("root", "cli"), currency="native", policy="strict")
    try:
        page = client.get("/roll-forward?to=2026-06&by=quarter").text
        link = unescape(re.findall(r'href="(/v1/mrr[^"]*)"', page)[0])
        told = client.get(link).json()["data"]
    finally:
        store.state.settings.set_store(Actor("root", "cli"), currency="", policy="default")
    assert "currency=native" in link and "policy=strict" in link
    assert {row["currency"] for row in told} == {"USD", "EUR", "GBP"} and {row["policy"] for row in told} == {"strict"}
    later = client.get(link).json()["data"]  # as of its own moment
    assert [row | {"as_of": ""} for row in later] == [row | {"as_of": ""} for row in told], "whatever is set"
