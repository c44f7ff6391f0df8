"""What an opened number says: of cohorts of quarters, of ARR, and of a cell behind which nothing lies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape

import httpx
import pytest

from rollforward import api

from .serving import serving
from .small import small


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, api.Store]]:
    path = small(tmp_path_factory.mktemp("opening"))
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
    assert (
        store.explain("mrr", "2026-Q1", cohort="2026-02", level="accounts", currency="native").rows
        == store.explain("mrr", "2026-Q1", where=["cohort=2026-02"], level="accounts", currency="native").rows
    )


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
