"""The pages of renewals and goals say what the API and the store say, and open to accounts and movements."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from pathlib import Path

from rollforward import api

from .serving import Serving, serving
from .small import small


def test_page_pack_api_and_store_say_the_same(site: Serving) -> None:
    client = site.client(follow_redirects=True)
    asked = {"days": "30", "currency": "native"}
    page = client.get("/renewals", params=asked)
    told = api.open(site.app.state.desk.path).renewals(30, currency="native").to_dicts()
    rows = client.get("/v1/renewals", params=asked).json()["data"]
    assert [(r["account_id"], r["mrr"]) for r in rows] == [(r["account_id"], str(r["mrr"])) for r in told]
    packs = [html.unescape(a) for a in re.findall(r'href="(/renewals/pack[^"]*)"', page.text)]
    assert len(packs) == len(told)
    pack = client.get(packs[0]).text
    assert str(told[0]["sentence_en"]) in pack and str(told[0]["subject"]) in pack
    wrong = client.get("/renewals/pack", params={"account": told[0]["account_id"], "due": "1999-01-01"})
    assert wrong.status_code in (400, 404)
    assert client.get("/renewals/past").status_code == 200


def test_goals_change_what_is_told_at_once(tmp_path: Path) -> None:
    """What people say is no commit, so answers that tell it are made anew."""
    with serving(small(tmp_path)) as site:
        client, desk = site.client(follow_redirects=True), site.app.state.desk
        first = client.get("/v1/goals")
        assert first.json()["data"] == [] and "No goal is set" in client.get("/goals").text
        with desk.store() as store:
            store.set_goal(api.operator(), "expansion", "2026-02", Decimal(10), currency="USD")
        again = client.get("/v1/goals", headers={"if-none-match": first.headers["etag"]})
        (goal,) = again.json()["data"]
        page = html.unescape(client.get("/goals").text)
        assert goal["actual_mrr"] == "20.00" and "/open?" in page  # the add-on of acme
