"""Addresses that pages write: each opens what it names, whatever accounts are called, and asks what the page asks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollforward import api

from .serving import Serving, serving

ODD = ("..", "a/quote", "x/quote.pdf", "%2e%2e", "q?of=1#x")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("addresses")
    rows = [f"s{n}{k},{name},i1,core,pro,1,{amount}.00,USD,month,2026-0{k}-01,{end}"
            for n, name in enumerate(ODD) for k, amount, end in ((1, 100, "2026-03-01"), (3, 150, ""))]  # fmt: skip
    head = "subscription_id,account_id,item_id,product,plan,quantity,amount,currency,interval,start_date,end_date"
    (folder / "subscriptions.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    store = api.open(folder / "store")
    store.import_(folder / "subscriptions.csv", trust_valid_time=True, coverage="..2026-07-01")
    with serving(Path(store.path)) as found:
        yield found


def test_accounts_open_as_themselves_whatever_they_are_called(site: Serving) -> None:
    client = site.client(headers={"accept-language": "en"}, follow_redirects=True)
    listed = client.get("/durability?state=all").text
    links = dict(re.findall(r'<a href="(/accounts/[^"]*)">([^<]*)</a>', listed))
    told = {html.unescape(name): html.unescape(at) for at, name in links.items()}
    assert set(ODD) <= set(told)
    for name in ODD:
        page = client.get(told[name])
        (title,) = re.findall(r"<h1>(.*?)</h1>", page.text)
        assert page.status_code == 200 and html.unescape(title) == name
        (other,) = re.findall(r'hreflang="th" lang="th" href="([^"]*)"', page.text)
        turned = client.get(html.unescape(other)).text
        assert re.findall(r"<h1>(.*?)</h1>", turned) == [title] and 'lang="th"' in turned
        client.cookies.clear()
