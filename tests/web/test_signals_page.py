"""The page of signals lists what the API and the store say, and opens to the accounts."""

from __future__ import annotations

import pytest

from rollforward import api

from .serving import Serving


def test_page_api_and_store_say_the_same(site: Serving) -> None:
    client = site.client(follow_redirects=True)
    asked = {"kind": "seats_full", "currency": "native"}
    page = client.get("/signals", params=asked)
    rows = client.get("/v1/signals", params={**asked, "limit": "3"}).json()["data"]
    told = api.open(site.app.state.desk.path).signals("seats_full", limit=3, currency="native").to_dicts()
    account = client.get(f"/accounts/{told[0]['account_id']}", params={"show": "signals"}).text
    assert [(r["account_id"], r["mrr"]) for r in rows] == [(r["account_id"], str(r["mrr"])) for r in told]
    for row in told:
        assert str(row["sentence_en"]) in page.text
        assert f"/accounts/{row['account_id']}?" in page.text
    assert str(told[0]["sentence_en"]) in account
    assert client.get("/signals", params={"kind": "nonsense"}).status_code == 400


@pytest.mark.slow
def test_chances_are_those_of_the_store_on_page_and_api(site: Serving) -> None:
    pytest.importorskip("sklearn")
    client = site.client(follow_redirects=True)
    page = client.get("/risks", params={"currency": "USD"})
    told = api.open(site.app.state.desk.path).risks(currency="USD", limit=3).to_dicts()
    rows = client.get("/v1/risks", params={"currency": "USD", "limit": "3"}).json()["data"]
    assert page.status_code == 200 and len(told) == 3
    assert [(r["account_id"], r["probability"]) for r in rows] == [(r["account_id"], r["probability"]) for r in told]
    for row in told:
        assert str(row["reasons_en"]) in page.text
        assert f"/accounts/{row['account_id']}?" in page.text
