"""notice.js in a browser, on a small application of somebody else's at another origin, as the manual says to use it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from rollforward.state import Actor, Found, Proposal, State
from rollforward.web.rendering import HERE

from .browsing import AXE, Window
from .serving import Serving, serving

BY = Actor("root", "cli")
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Theirs</title></head>
<body><main><h1>Theirs</h1><button id="work">Work</button></main>
<script src="/notice.js" data-source="/my/notice/{account}" data-upgrade="/billing/{account}" defer></script>
</body></html>"""


class Theirs(ThreadingHTTPServer):
    """An application that shows notices: it hands questions on with its token, and records upgrades itself."""

    daemon_threads = True

    def __init__(self, site: Serving, token: str) -> None:
        self.ask = ask = httpx.Client(base_url=site.url, headers={"authorization": f"Bearer {token}"})
        self.shown: dict[str, int] = {}
        theirs = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = self.path.split("/")
                if self.path == "/notice.js":
                    self.answer(200, (HERE / "static" / "notice.js").read_bytes(), "text/javascript")
                elif parts[1] == "my":
                    self.hand_on("GET", f"/v1/accounts/{parts[3]}/notice")
                elif parts[1] == "billing":
                    told = {"opportunity": theirs.shown[parts[2]]}
                    ask.post(f"/v1/accounts/{parts[2]}/notice/upgraded", json=told)
                    self.answer(200, b"<!doctype html><title>Thanks</title>", "text/html")
                elif len(parts) == 3:
                    text = PAGE.replace("{lang}", parts[1]).replace("{account}", parts[2])
                    self.answer(200, text.encode(), "text/html; charset=utf-8")
                else:
                    self.answer(204, b"", "text/plain")

            def do_POST(self) -> None:
                _empty, _my, _notice, account, step = self.path.split("/")
                self.hand_on("POST", f"/v1/accounts/{account}/notice/{step}")

            def hand_on(self, method: str, path: str) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                kept = {n: v for n in ("accept-language", "content-type") if (v := self.headers.get(n))}
                told = ask.request(method, path, content=body, headers=kept)
                if method == "GET" and told.json()["notice"]:
                    theirs.shown[path.split("/")[3]] = told.json()["notice"]["opportunity"]
                self.answer(told.status_code, told.content, "application/json")

            def answer(self, status: int, body: bytes, media: str) -> None:
                self.send_response(status)
                self.send_header("content-type", media)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, State, Theirs]]:
    with serving(tmp_path_factory.mktemp("notice") / "store") as site:
        state = site.app.state.desk.state
        told = [Proposal(a, "seats", "seats:seats", "seats_full", "", "USD", 10_000, 1_000, None, "19 of 20 seats",
                         "ใช้ 19 จาก 20 ที่นั่ง", "") for a in ("acme", "bolt", "cato", "risky")]  # fmt: skip
        mrr = {(p.account_id, "USD"): 10_000 for p in told}
        found = Found(site.app.state.desk.version(), told, mrr, (), {"risky": ("late", "ช้า")})
        state.opportunities.refresh(BY, found, 30, 90)
        token = state.tokens.add(BY, "theirs", "notice")[1]
        theirs = Theirs(site, token)
        yield site, state, theirs
        theirs.shutdown()
        theirs.server_close()
        theirs.ask.close()


@pytest.fixture
def there(chromium: Browser, both: tuple[Serving, State, Theirs]) -> Iterator[Page]:
    window = Window(chromium, both[2].url)
    yield window.page
    window.close()
    assert window.faults == []


def steps(state: State, account: str) -> list[str]:
    with state._database.reading() as con:
        sql = "select step from notice_event where account_id = ? order by notice_event_id"
        return [row["step"] for row in con.execute(sql, (account,))]


def test_a_notice_is_shown_dismissed_by_escape_and_heard(there: Page, both: tuple[Serving, State, Theirs]) -> None:
    state = both[1]
    there.goto("/en/acme")
    box = there.get_by_role("dialog", name="Nearly all of your seats are in use.")
    expect(box).to_be_visible()
    expect(box).to_have_accessible_description("19 of 20 seats")
    expect(there.get_by_role("status")).to_contain_text("19 of 20 seats")
    assert there.evaluate("document.activeElement === document.body")  # nobody's focus is taken
    there.add_script_tag(path=AXE)
    found = there.evaluate("axe.run('[role=dialog]').then(r => r.violations.map(v => v.id))")
    assert found == []
    there.locator("#work").focus()
    there.keyboard.press("Escape")  # their page's, not ours
    expect(box).to_be_visible()
    for name in ("See what fits", "Not now"):
        there.keyboard.press("Tab")
        expect(box.get_by_text(name)).to_be_focused()
    with there.expect_response("**/my/notice/acme/dismissed"):
        there.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(there.locator("#work")).to_be_focused()
    assert steps(state, "acme") == ["shown", "dismissed"]
    with there.expect_response("**/my/notice/acme"):
        there.goto("/en/acme")
    expect(there.get_by_role("dialog")).to_have_count(0)  # a no is heard


def test_it_leads_to_an_upgrade_in_thai(there: Page, both: tuple[Serving, State, Theirs]) -> None:
    state = both[1]
    there.goto("/th/bolt")
    box = there.get_by_role("dialog")
    expect(box).to_contain_text("ใช้ 19 จาก 20 ที่นั่ง")
    expect(box.get_by_role("button")).to_have_text("ไว้ก่อน")
    box.get_by_role("link", name="ดูแพ็กเกจที่เหมาะกับคุณ").click()
    expect(there).to_have_title("Thanks")
    end = time.monotonic() + 20
    while len(steps(state, "bolt")) < 3 and time.monotonic() < end:
        time.sleep(0.02)  # the click is told while the page is left already
    assert sorted(steps(state, "bolt")) == ["clicked", "shown", "upgraded"]
    assert [c.outcome for c in state.opportunities.contacts() if c.account_id == "bolt"] == ["accepted"]


def test_who_may_not_be_offered_anything_sees_nothing(there: Page, both: tuple[Serving, State, Theirs]) -> None:
    with there.expect_response("**/my/notice/risky"):
        there.goto("/en/risky")
    expect(there.locator("#work")).to_be_visible()
    expect(there.get_by_role("dialog")).to_have_count(0)
    assert steps(both[1], "risky") == []


def test_another_origin_s_script_gets_nothing_from_the_server_itself(
    chromium: Browser, both: tuple[Serving, State, Theirs]
) -> None:
    site, state, theirs = both
    secret = state.tokens.add(BY, "careless", "notice")[1]
    page = chromium.new_context(base_url=theirs.url).new_page()  # what is refused is said on its console
    page.goto("/en/risky")
    ask = "([url, headers]) => fetch(url, {headers}).then(r => r.status, () => 'refused')"
    at = f"{site.url}/v1/accounts/cato/notice"
    assert page.evaluate(ask, [at, {"authorization": f"Bearer {secret}"}]) == "refused"
    assert page.evaluate(ask, [at, {}]) == "refused"
    told = httpx.options(at, headers={"origin": theirs.url, "access-control-request-method": "GET",
                                      "access-control-request-headers": "authorization"})  # fmt: skip
    assert not any(name.startswith("access-control") for name in told.headers)
    assert steps(state, "cato") == []
    page.context.close()
