"""The pages of what moved NDR and of commission, by HTTP: their numbers are the answer's, and they open."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from rollforward import api
from rollforward.text.cells import cell

from .serving import Serving, serving


@pytest.fixture(scope="module")
def site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    store = tmp_path_factory.mktemp("bridge") / "store"
    shutil.copytree(demo, store)
    with serving(store) as found:
        yield found


def test_a_segment_opens_as_its_accounts_and_they_as_their_rows(site: Serving) -> None:
    client = site.client(headers={"accept-language": "en"})
    page = client.get("/bridge?segment=industry&of=USD")
    assert page.status_code == 200 and "Without the 5 that moved it most" in html.unescape(page.text)
    (inside,) = re.findall(r'<th scope="row"><a href="([^"]*part=Agency[^"]*)"', page.text)
    listed = html.unescape(client.get(html.unescape(inside)).text)
    rows = api.open(site.app.state.desk.path).bridge(
        view="accounts", segment="industry", part="Agency", of="USD", limit=50
    )
    first = rows.to_dicts()[0]
    assert f"/accounts/{first['account_id']}" in listed
    assert f">{cell('contribution', first, 'month')}<" in listed
    opened = re.findall(r'href="(/open\?metric=ndr_12[^"]*)"', listed)
    assert client.get(opened[0]).status_code == 200
    for view in ("accounts", "concentration"):
        assert client.get(f"/bridge?view={view}&window=3&lang=th").status_code == 200


def test_a_page_that_cannot_be_is_refused(site: Serving) -> None:
    assert site.client().get("/bridge?view=mood").status_code == 400
    assert site.client().get("/bridge?window=7").status_code == 400


def test_commission_opens_down_to_ledger_rows(site: Serving) -> None:
    client = site.client(headers={"accept-language": "en"})
    asked = "/goals/commission?rate=5.1&split=50&claw=60"
    page = html.unescape(client.get(asked).text)
    store = api.open(site.app.state.desk.path)
    rows = store.commission(Decimal("0.051"), Decimal("0.5"), None, 60, start="2025-11").to_dicts()
    first = rows[0]
    assert f">{cell('commission', first, 'month')}<" in page and f"/accounts/{first['account_id']}" in page
    owners = store.commission(Decimal("0.051"), Decimal("0.5"), None, 60, True, start="2025-11").to_dicts()
    assert all(f">{cell('commission', r, 'month')}<" in page for r in owners)
    assert sum(Decimal(str(r["commission"])) for r in owners) == sum(Decimal(str(r["commission"])) for r in rows)
    opened = re.findall(r'href="(/open\?[^"]*metric=expansion[^"]*level=ledger[^"]*)"', page)
    ledger = client.get(opened[0])
    assert ledger.status_code == 200 and "/open?" in ledger.text and first["account_id"] in ledger.text
    assert client.get("/goals/commission?rate=0").status_code == 400
    assert client.get("/goals/commission?rate=x").status_code == 400
