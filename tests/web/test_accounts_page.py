"""Accounts in the browser: search as one types, keys, pages, export, one account, notes and links with undo."""

from __future__ import annotations

import csv
import io
import re
import shutil
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from rollforward import api

from .serving import Serving, csrf, serving

ODD = ("a/b", "50% off?", "ลูกค้า #1", "a b", "<b>&amp;", "..", "x" * 200, "a//b", "'; drop")


@pytest.fixture(scope="module")
def store(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(demo, tmp_path_factory.mktemp("accounts") / "store"))
    made = api.open(folder)
    rows = "".join(f'"{a}","s-{n}",p,2026-09-0{n + 1},,5.00,USD\n' for n, a in enumerate(ODD))
    (folder.parent / "odd.csv").write_text(
        "account_id,subscription_id,plan,start_date,end_date,amount,currency\n" + rows
    )
    made.import_(folder.parent / "odd.csv", trust_valid_time=True)
    made.account("a/b")
    return folder


@pytest.fixture(scope="module")
def site(store: Path) -> Iterator[Serving]:
    with serving(store) as found:
        yield found


def got(client: httpx.Client, path: str) -> str:
    """The page at an address."""
    return client.get(path).text


def texts(html: str, pattern: str) -> list[str]:
    return re.findall(pattern, html, re.DOTALL)


def test_what_is_typed_is_found_and_stands_in_the_address(page: Page, site: Serving) -> None:
    page.goto(f"{site.url}/accounts?sort=name")
    expect(page.locator("[data-search]")).to_be_visible(timeout=60_000)  # not while tables are made
    page.keyboard.press("/")
    page.keyboard.type("กรุงเทพ")
    expect(page.locator("#rows tr").first).to_contain_text("กรุงเทพ")
    expect(page).to_have_url(re.compile(r"q=%E0.*sort=name|sort=name.*q=%E0"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#rows tr th a").nth(1)
    expect(second).to_be_focused()
    name = second.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)
    page.go_back()
    expect(page.locator("[data-search]")).to_have_value("กรุงเทพ")


def test_more_rows_follow_in_order_without_repeats(page: Page, site: Serving) -> None:
    page.goto(f"{site.url}/accounts")
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#rows tr")).to_have_count(100)
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#rows tr")).to_have_count(150)
    shown = page.locator("#rows tr th").all_inner_texts()
    assert len(set(shown)) == 150


def test_the_export_is_the_whole_selection(store: Path, site: Serving) -> None:
    told = got(site.client(), "/accounts.csv?where=country%3DTH&state=active&currency=native")
    rows = list(csv.reader(io.StringIO(told.removeprefix("\ufeff"))))
    found = api.open(store).accounts(where=["country=TH"], state="active", currency="native", limit=0)
    assert len(rows) - 1 == found.total > 400
    at = found.table.columns.index("mrr")
    assert sum(Decimal(r[at]) for r in rows[1:]) == sum(found.mrr.values())


def test_an_export_of_several_chunks_has_one_header(site: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    from rollforward.web.pages import accounts

    monkeypatch.setattr(accounts, "CHUNK", 1000)
    told = got(site.client(), "/accounts.csv")
    rows = list(csv.reader(io.StringIO(told.removeprefix("\ufeff"))))
    assert len({r[0] for r in rows[1:]}) == len(rows) - 1 > 3000 and sum(r == rows[0] for r in rows) == 1


def test_the_page_says_what_the_api_says(store: Path, site: Serving) -> None:
    found = api.open(store).account("acc_01381")
    html = got(site.client(), "/accounts/acc_01381")
    for row in found.steps.to_dicts():
        assert f"{row['amount']:,.2f}" in html and f"{row['after']:,.2f}" in html
    assert f"{found.stand.to_dicts()[0]['mrr']:,.2f}" in html
    assert all(str(i["plan_id"]) in html for i in found.items.to_dicts())


def test_a_change_opens_to_its_ledger_rows_and_to_the_row_of_the_file(page: Page, site: Serving) -> None:
    page.goto(f"{site.url}/accounts/acc_01381")
    expect(page.locator("figure.chart")).to_have_attribute("data-drawn", re.compile("light|dark"), timeout=20_000)
    step = page.locator("section:has(#steps) tbody tr").first
    amount, place = step.locator("td").nth(1).inner_text(), step.locator("td a").last
    place.click()
    expect(page.locator(".told pre")).to_contain_text("acc_01381")
    page.go_back()
    page.locator("section:has(#steps) tbody tr").first.locator("td a").first.click()
    expect(page.locator("p.sum")).to_contain_text(amount.replace(",", ""))


@pytest.mark.parametrize("account", ODD, ids=range(len(ODD)))
def test_any_id_has_an_address(site: Serving, account: str) -> None:
    client = site.client()
    listed = got(client, "/accounts?plan=p")
    shown = re.findall(r'<th scope="row"><a href="([^"]+)"', listed)
    assert shown
    titles = [re.search(r"<h1>(.*?)</h1>", got(client, a.replace("&amp;", "&")), re.DOTALL) for a in shown]
    escaped = account.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
    assert escaped in [t[1] for t in titles if t], titles
    for show in ("history", "links", "sources"):
        assert client.get(f"/accounts/-?id={quote(account, safe='')}&show={show}").status_code == 200


def test_an_id_in_the_address_bar(site: Serving) -> None:
    client = site.client()
    assert "<h1>a/b</h1>" in got(client, "/accounts/a/b")
    assert "<h1>a/b</h1>" in got(client, "/accounts/a%2Fb")
    missing = client.get("/accounts/nobody")
    assert missing.status_code == 404 and "nobody" in missing.text


def test_empty_states(site: Serving) -> None:
    html = got(site.client(), "/accounts?q=zzz%3Cscript%3E")
    assert "zzz&lt;script&gt;" in html and "<script>" not in html.split("<main")[1].split("</main>")[0]
    assert "Show all accounts" in html
    assert site.client().get("/accounts?after=nonsense").status_code == 400
    assert site.client().get("/accounts?sort=shoe").status_code == 400


def test_notes_and_their_undo(site: Serving) -> None:
    client = site.client()
    token = csrf(client)
    told = client.post("/account/note", data={"csrf": token, "account": "a/b", "text": "Call <b>them</b> ก่อนสิ้นปี"})
    html = got(client, told.headers["location"])
    assert "Call &lt;b&gt;them&lt;/b&gt; ก่อนสิ้นปี" in html
    note = texts(html, r'name="note" value="(\d+)"')[0]
    gone = client.post("/account/note/delete", data={"csrf": token, "note": note})
    html = got(client, gone.headers["location"])
    assert "No notes yet." in html and "Undo" in html
    back = client.post("/account/note/restore", data={"csrf": token, "note": note})
    assert "ก่อนสิ้นปี" in got(client, back.headers["location"])
    assert client.post("/account/note", data={"account": "a/b", "text": "no token"}).status_code == 403


def test_link_and_its_undo(store: Path, site: Serving) -> None:
    client = site.client()
    token = csrf(client)
    for _second in range(60):  # the effect on all figures may take its time, on a page of its own
        preview = client.get("/account/link?from-account=a%20b&account=a%2Fb", follow_redirects=True).text
        if "5.00 USD" in preview:
            break
        time.sleep(1)
    assert "5.00 USD" in preview and "Over 12 months" in preview and "Nothing is changed yet." in preview
    assert api.open(store).account("a b").asked_for == ""
    done = client.post("/account/link", data={"csrf": token, "source": "a b", "target": "a/b", "kind": "same"})
    assert done.status_code == 303, done.text
    html = got(client, done.headers["location"])
    assert "a b goes on as a/b." in html and "Undo" in html
    assert "<h1>a/b</h1>" in got(client, "/accounts/a%20b")
    gone = client.post("/account/unlink", data={"csrf": token, "source": "a b", "target": "a/b", "kind": "same"})
    assert "an account of its own again" in got(client, gone.headers["location"])
    assert "<h1>a b</h1>" in got(client, "/accounts/a%20b")
    assert client.get("/account/link", params={"from-account": "nobody", "account": "a/b"}).status_code == 404


def test_who_may_see_no_names_finds_none(store: Path) -> None:
    with serving(store, "0.0.0.0", ("127.0.0.1",)) as site:
        from rollforward.state import Actor

        from .serving import WORDS

        site.app.state.desk.state.users.add(Actor("test", "admin"), "ann", "admin", WORDS)
        site.app.state.desk.state.users.add(Actor("test", "admin"), "ray", "restricted", WORDS)
        assert "Umber" in got(site.logged_in("ann"), "/accounts?q=Umber").split("<tbody")[1]
        client = site.logged_in("ray")
        html = got(client, "/accounts?q=Umber")
        assert "No account has all of these words" in html
        html = got(client, "/accounts?q=acc_01381")
        assert "acc_01381" in html and "กรุงไทย" not in html and "Priya" not in html
        assert client.get("/accounts?sort=name").status_code == 403
        for show in ("", "history", "links", "sources"):
            html = got(client, f"/accounts/acc_01381?show={show}")
            assert "acc_01381" in html
            assert not re.search("กรุงไทย|Priya|billing@|กมล", html), show
        assert client.get("/account/link?from-account=acc_00001&account=acc_01381").status_code == 403
        assert "กรุงไทย" not in got(client, "/accounts.csv")
