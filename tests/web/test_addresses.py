"""Addresses that pages write: each opens what it names, whatever accounts are called, and asks what the page asks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollforward import api
from rollforward.state import Actor

from .serving import Serving, csrf, serving

BY = Actor("root", "cli")
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


def test_the_link_to_the_json_api_asks_what_the_page_asks(site: Serving) -> None:
    client = site.client(headers={"accept-language": "en"})
    for asked, told in {
        "/plan?target=130&of=USD": "/v1/plan?target=130",
        "/voice?view=landmark&landmark=60": "/v1/voice-landmark?landmark=60",
        "/worked?days=180&kind=seats": "/v1/worked-effect?days=180",
        "/economics?margin=80&span=6": "/v1/economics?from=2026-01&margin=80",
        "/roll-forward?span=6&view=x": "/v1/mrr?from=2026-01",
    }.items():
        (link,) = re.findall(r'href="(/v1/[^"]*)"', client.get(asked).text)
        assert html.unescape(link) == told
        assert client.get(told).status_code == 200, told


def test_what_is_done_from_a_list_leads_back_to_the_same_list(site: Serving) -> None:
    client = site.client(headers={"accept-language": "en"})
    page = client.get("/opportunities?policy=stripe&board=1&stage=open&done=offer").text
    hidden = re.findall(r'<input type="hidden" name="(policy|board|stage|done)" value="([^"]*)"', page)
    assert hidden == [("policy", "stripe"), ("board", "1")]
    (again,) = {html.unescape(a) for a in re.findall(r'action="(/opportunities/refresh[^"]*)"', page)}
    assert again == "/opportunities/refresh?policy=stripe&board=1&stage=open"
    back = client.post(again, data={"csrf": csrf(client)})
    assert back.headers["location"] == "/opportunities?policy=stripe&board=1&stage=open&done=refresh"
    listed = client.get("/quotes?policy=stripe&account=a").text
    assert '<input type="hidden" name="policy" value="stripe">' in listed


def test_programs_are_answered_in_the_language_of_their_header(site: Serving) -> None:
    store = site.app.state.desk.state.settings
    store.set_store(BY, language="th")
    plain = site.client()
    plain.headers.pop("accept-language", None)
    for headers, language in (({"accept-language": "en"}, "en"), ({}, "th"), ({"accept-language": "fr"}, "th")):
        assert plain.get("/v1/mrr?by=x", headers=headers).headers["content-language"] == language
    assert plain.get("/roll-forward", headers={"accept-language": "en"}).headers["content-language"] == "th"
    store.set_store(BY, language="")
