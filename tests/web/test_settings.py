"""Settings, the log of what is done, and the first user: over real HTTP."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from fastapi import Request

from rollforward.api import Table
from rollforward.state import Actor, State
from rollforward.web.page import Page

from .serving import WORDS, Serving, csrf, serving

BY = Actor("root", "cli")


@pytest.fixture
def site(demo: Path, tmp_path: Path) -> Iterator[Serving]:
    without_users = shutil.ignore_patterns("state.sqlite*")
    with serving(Path(shutil.copytree(demo, tmp_path / "store", ignore=without_users))) as site:
        yield site


def state_of(site: Serving) -> State:
    found = site.app.state.desk.state
    assert isinstance(found, State)
    return found


def post(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    return client.post(path, data={"csrf": csrf(client), **form})


def acts(site: Serving) -> list[tuple[str, str, str]]:
    return [(a.who, a.action, a.target) for a in reversed(state_of(site).audit.rows())]


def test_the_first_user_is_made_in_the_page_and_then_everybody_logs_in(site: Serving) -> None:
    ann, other = site.client(), site.client()
    assert other.get("/").status_code == 200
    assert post(ann, "/settings/users", name="ann", role="admin", password=WORDS, again="x" * 12).status_code == 400
    assert post(ann, "/settings/users", name="ann", role="viewer", password=WORDS, again=WORDS).status_code == 400
    assert post(ann, "/settings/users", name="ann", role="admin", password=WORDS, again=WORDS).status_code == 303
    assert ann.get("/settings").status_code == 200 and other.get("/").status_code == 303
    assert post(ann, "/settings/users", name="Bob", role="viewer", password=WORDS, again=WORDS).status_code == 303
    bob = site.logged_in("bob")
    for what, more in (("role", {"role": "analyst"}), ("password", {"password": "another good one"})):
        assert post(ann, "/settings/users/change", name="bob", what=what, **more).status_code == 303
    assert bob.get("/").status_code == 303, "a new password ends the sessions"
    bob = site.logged_in("bob", "another good one")
    assert post(ann, "/settings/users/change", name="bob", what="active").status_code == 303
    assert bob.get("/").status_code == 303
    assert post(ann, "/settings/users/change", name="ann", what="remove").status_code == 403
    assert post(ann, "/settings/users/change", name="bob", what="remove").status_code == 303
    assert [u.name for u in state_of(site).users.all()] == ["ann"]
    assert acts(site) == [
        ("local", "user.add", "ann"), ("ann", "login", "ann"), ("ann", "user.add", "Bob"), ("Bob", "login", "Bob"),
        ("ann", "user.role", "Bob"), ("ann", "user.password", "Bob"), ("Bob", "login", "Bob"),
        ("ann", "user.active", "Bob"), ("ann", "user.remove", "Bob"),
    ]  # fmt: skip
    assert WORDS.encode() not in state_of(site).path.read_bytes()


def test_a_token_is_shown_once(site: Serving) -> None:
    client = site.client()
    page = post(client, "/settings/tokens", name="nightly", role="viewer", days="30").text
    secret = page[page.index("rf_") :][:46]
    assert state_of(site).tokens.find(secret) is not None and secret not in client.get("/settings").text
    assert post(client, "/settings/tokens/revoke", number="1").status_code == 303
    assert state_of(site).tokens.find(secret) is None
    assert acts(site) == [("local", "token.add", "nightly"), ("local", "token.revoke", "nightly")]


def test_every_export_is_in_the_log_and_a_refused_one_is_not(site: Serving) -> None:
    client = site.client()
    for path in ("/tables/mrr.csv?by=quarter", "/tables/retention.json?window=3", "/tables/nothing.csv",
                 "/tables/mrr.csv?by=fortnight", "/data/audit.csv?action=export", "/roll-forward",
                 "/charts/waterfall.svg", "/charts/waterfall.csv?of=EUR", "/charts/waterfall.html"):  # fmt: skip
        client.get(path)
    # the picture that a page without scripts shows is a part of the page, as its figures are
    assert client.get("/charts/waterfall.svg", headers={"sec-fetch-dest": "image"}).status_code == 200
    found = [(a.action, a.target, a.detail, a.address) for a in reversed(state_of(site).audit.rows())]
    assert found == [
        ("export", "/tables/mrr.csv", {"by": "quarter"}, "127.0.0.1"),
        ("export", "/tables/retention.json", {"window": "3"}, "127.0.0.1"),
        ("export", "/data/audit.csv", {"action": "export"}, "127.0.0.1"),
        ("export", "/charts/waterfall.svg", {}, "127.0.0.1"),
        ("export", "/charts/waterfall.csv", {"of": "EUR"}, "127.0.0.1"),
    ]


def test_what_cannot_be_logged_is_not_exported(site: Serving) -> None:
    client = site.client()
    client.get("/tables/mrr.csv")
    with state_of(site).audit._database.writing() as con:
        con.execute("create trigger broken before insert on audit begin select raise(abort, 'no'); end")
    done = client.get("/tables/mrr.csv")
    assert done.status_code == 500 and "opening" not in done.text.lower()


def test_the_log_is_filtered_checked_and_safe_in_a_spreadsheet(site: Serving) -> None:
    client, state = site.client(), state_of(site)
    state.audit.add(Actor("=HYPERLINK(1)", "viewer", "10.0.0.1"), "import", "<script>alert(1)</script>")
    state.audit.add(BY, "login")
    page = client.get("/data/audit?action=import&check=1").text
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "root" not in page.split("<tbody>")[1]
    assert "2 rows" in page
    assert "'=HYPERLINK(1)" in client.get("/data/audit.csv").text
    assert client.get("/data/audit?on-from=yesterday").status_code == 400
    assert "<tbody>" not in client.get("/data/audit?on-from=2020-01-01&on-to=2020-01-31").text


def test_settings_hold_for_pages_and_addresses_say_what_differs(site: Serving) -> None:
    client = site.client()
    form = {"language": "th", "currency": "USD", "time_zone": "Asia/Bangkok", "policy": "default",
            "fiscal_year_start": "4", "buddhist_era": "1"}  # fmt: skip
    assert post(client, "/settings/store", **form).status_code == 303
    page = client.get("/roll-forward?by=year").text
    assert 'lang="th"' in page and "2569" in page and "USD" in page and "EUR</" not in page.split("<tbody>")[1]
    assert "<option selected>default-fy04</option>" in page
    assert "policy=" not in page.split("<main")[1].split("</form>")[1].split('href="/open?')[1].split('"')[0]
    with site.app.state.desk.store() as store:
        usual = store.mrr(by="year", currency="USD", policy="default-fy04")
        given = client.get("/tables/mrr.json?by=year").json()
    assert [r["period"] for r in given] == [str(p) for p in [row[usual.columns.index("period")] for row in usual.rows]][
        -len(given) :
    ]
    assert {r["policy"] for r in given} == {"default-fy04"}
    assert {r["policy"] for r in client.get("/tables/mrr.json?policy=default").json()} == {"default"}
    assert {r["currency"] for r in client.get("/tables/mrr.json?currency=native").json()} == {"EUR", "USD"}
    page_of = Page(Request({"type": "http", "app": site.app, "query_string": b"", "headers": [], "path": "/"}))
    shown = page_of.grid(Table(("committed_at",), [(datetime(2026, 1, 1, 20, 30),), (datetime(2026, 1, 1),)]), "")
    assert [line.cells[0].text for line in shown.lines] == ["2026-01-02 03:30", "2026-01-01"]
    for wrong in ({"time_zone": "Mars"}, {"currency": "XXX"}, {"fiscal_year_start": "13"}, {"language": "fr"}):
        assert post(client, "/settings/store", **(form | wrong)).status_code in (400, 422)
    assert post(client, "/settings/store", **form).status_code == 303, "again: the policy is there already"


def test_language_and_theme_follow_the_user_to_another_browser(site: Serving) -> None:
    state_of(site).users.add(BY, "ann", "admin", WORDS)
    post(site.logged_in("ann"), "/settings/mine", language="th", theme="dark")
    elsewhere = site.logged_in("ann")
    page = elsewhere.get("/settings").text
    assert '<html lang="th" data-theme="dark">' in page
    assert '<html lang="en" data-theme="dark">' in elsewhere.get("/settings?lang=en").text


def test_serve_beyond_this_machine_needs_users(demo: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(demo, tmp_path / "store"))
    command = [sys.executable, "-m", "rollforward", "serve", "--host", "0.0.0.0", "--port", "0", "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "rollforward user add" in done.stderr and "Traceback" not in done.stderr
    State(store).users.add(BY, "ann", "admin", WORDS)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = process.stdout.readline().split(":")[2].split("/")[0]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                assert client.get("/").headers["location"] == "/login"
                took = min(client.get("/static/icon.svg").elapsed.total_seconds() for _ in range(15))
                assert took < 0.035, "answers wait for Nagle's delay"
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
