"""The pages of data over real HTTP: files good and bad, undo, mappings, links, closings, policies, reconciling."""

from __future__ import annotations

import contextlib
import csv
import gzip
import http.client
import re
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser as Chromium

import rollforward as rf
from rollforward.text import figures
from rollforward.web.pages import files
from rollforward.web.permission import faults
from rollforward.web.uploads import safe_name

from .browsing import Window
from .serving import Serving, serving
from .visiting import GOOD, HEAD, Browser, closing, text_of, waiting

FOREIGN = "Kunde;Vertrag;Tarif;Beginn;Betrag\na;s;p;01.02.2026;1.234,50 €\nb;t;p;13.02.2026;99,00 €\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("data") / "store") as found:
        yield found


@pytest.fixture
def browser(server: Serving) -> Browser:
    return Browser(server)


# --- the first run -------------------------------------------------------------------------------------------------


def test_an_empty_store_greets_and_a_file_leads_to_the_first_figures(fresh: tuple[Browser, Path]) -> None:
    browser, store = fresh
    began = time.monotonic()
    assert "Open the demo company" in browser.get("/") and "Drop files here" in browser.get("/start")
    sent = browser.send(("subs.csv", GOOD.encode()))
    assert "/data/files/" in str(sent.url) and "What importing it would do" in sent.text
    done = browser.post(str(sent.url).split("?")[0], do="import", kind="subscriptions", toml="[format]\n")
    assert str(done.url).endswith("/data/imports/1?new=1"), text_of(done.text)
    assert "2 rows are in." in done.text
    overview = browser.get("/")
    assert figures.number(Decimal("100.00")) in overview
    assert time.monotonic() - began < 60
    assert closing(store, "2026-03") == {"USD": Decimal("150.00")} and waiting(store) == []
    assert "has data already" in browser.post("/start/demo").text


def test_foreign_headers_are_matched_in_the_page_without_writing_toml(fresh: tuple[Browser, Path]) -> None:
    browser, store = fresh
    sent = browser.send(("Umsätze.csv", FOREIGN.encode("cp1252")))
    here = str(sent.url)
    assert "needed" in sent.text and store.joinpath("facts").exists() is False
    fields = {
        "kind": "subscriptions", "col.account_id": "Kunde", "col.subscription_id": "Vertrag", "col.plan": "Tarif",
        "col.start_date": "Beginn", "col.amount": "Betrag", "const.currency": "EUR", "decimal": ",", "thousands": ".",
        "symbol": "€", "encoding": "cp1252", "save": "Our billing",
    }  # fmt: skip
    seen = browser.post(here, do="try", **fields)
    assert "What importing it would do" in seen.text and "Refused 0" in text_of(seen.text)
    assert browser.post(here, do="import", **fields).url.path == "/data/imports/1"
    assert closing(store, "2026-02") == {"EUR": Decimal("1333.50")}
    assert (store / "mappings" / "Our billing.toml").exists()
    again = browser.send(("March.csv", FOREIGN.replace("13.02", "13.03").encode("cp1252")))
    assert "Read with the kept mapping Our billing" in again.text


# --- files that are none -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "is no text file"),
        ("a.csv", HEAD.encode(), "has a header but no rows"),
        ("wide.csv", b",".join(b"c%d" % n for n in range(5000)) + b"\n1\n", "has 5000 columns"),
        ("long.csv", b"x" * (2 << 20), "is no header"),
        ("a.csv.gz", b"\x1f\x8b\x08nonsense", "damaged"),
        ("a.xlsx", b"PK\x03\x04" + bytes(99), "xlsx or zip"),
        ("a.json", b'[{"a":1}]', "not JSON lines"),
        (
            "page.csv",
            b"<!doctype html>\n<html><body><table><tr><td>1</td></tr></table></body></html>\n",
            "is a web page (HTML)",
        ),
        ("q.csv", (HEAD + 'a,s,"open quote,2026-01-01,,1,USD\n').encode(), "quote"),
    ],
)
def test_a_bad_file_is_told_what_is_wrong(browser: Browser, name: str, content: bytes, said: str) -> None:
    sent = browser.send((name, content))
    assert sent.status_code == 200 and said in text_of(sent.text), text_of(sent.text)
    assert "Traceback" not in sent.text


def test_more_than_is_taken_is_refused_before_it_is_read(browser: Browser, server: Serving) -> None:
    before = waiting(server.app.state.desk.path)
    with contextlib.closing(http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)) as line:
        line.putrequest("POST", "/data/upload")
        line.putheader("Content-Type", "multipart/form-data; boundary=x")
        line.putheader("Content-Length", str(3 << 30))
        line.endheaders()
        with line.getresponse() as told:
            assert told.status == 413 and "at most 2 GB" in text_of(told.read().decode())
    assert waiting(server.app.state.desk.path) == before


def test_wrong_encoding_is_proposed_and_shown(browser: Browser) -> None:
    text = HEAD.replace("account_id", "ลูกค้า") + "สยาม,s1,โปร,2026-01-01,,100,THB\n"
    sent = browser.send(("thai.csv", text.encode("cp874")))
    assert "<code>สยาม</code>" in sent.text and 'value="cp874" selected' in sent.text


def test_a_packed_file_is_unpacked_only_so_far(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNPACKED", 4 << 20)
    sent = browser.send(("bomb.csv.gz", gzip.compress(HEAD.encode() + b"0" * (32 << 20))))
    assert "unpacks to more than 4 MB" in text_of(sent.text)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("/abs/x.csv", "x.csv"), ("..", "file"),
        (".bashrc", "bashrc"), ("a\x00b\n.csv", "a_b_.csv"), ("con.csv", "file_con.csv"), ("ลูกค้า.csv", "ลูกค้า.csv"),
        ("mapping.toml", "file_mapping.toml"), ("replaces", "file_replaces"), ('<img src=x>".csv', "_img src=x__.csv"),
        ("", "file"),
    ],
)  # fmt: skip
def test_names_of_files_are_made_harmless(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_long_names_are_cut_and_keep_their_ending() -> None:
    assert len(safe_name("ก" * 300 + ".csv.gz").encode()) <= 180 and safe_name("ก" * 300 + ".csv.gz").endswith(
        ".csv.gz"
    )


def test_a_file_stays_in_its_folder_and_is_shown_as_text(browser: Browser, server: Serving) -> None:
    store = server.app.state.desk.path
    sent = browser.send(("../../<script>alert(1)</script>.csv", GOOD.replace("acme", "=1+1").encode()))
    assert sent.status_code == 200 and "<script>alert" not in sent.text
    assert all(p.resolve().is_relative_to((store / "uploads").resolve()) for p in (store / "uploads").rglob("*"))
    assert not list(store.parent.glob("*.csv"))


def test_what_is_sent_without_a_token_or_a_file_changes_nothing(browser: Browser, server: Serving) -> None:
    before = waiting(server.app.state.desk.path)
    assert browser.client.post("/data/upload", files={"file": ("a.csv", GOOD)}).status_code == 403
    assert "No file was chosen" in browser.client.post("/data/upload", files={"csrf": (None, browser.token)}).text
    headers = {"content-type": "multipart/form-data; boundary=x", "x-csrf-token": browser.token}
    assert (
        browser.client.post("/data/upload", content=b"garbage without any boundary", headers=headers).status_code == 400
    )
    many = [(f"{n}.csv", b"a\n1\n") for n in range(21)]
    assert "At most 20 files" in text_of(browser.send(*many).text)
    assert waiting(server.app.state.desk.path) == before
    assert not list((server.app.state.desk.path / "uploads").glob("*.part"))


def test_formulas_in_a_file_leave_as_text(fresh: tuple[Browser, Path]) -> None:
    browser, _store = fresh
    bad = HEAD + '"=HYPERLINK(""http://x"")",s,p,2026-13-01,,1,USD\n+1,t,p,2026-01-01,,5,USD\n'
    sent = browser.send(("f.csv", bad.encode()))
    browser.post(str(sent.url), do="import", kind="subscriptions", toml="[format]\n")
    exported = browser.get("/tables/problems.csv")
    cells = [cell for row in csv.reader(exported.removeprefix("\ufeff").splitlines()) for cell in row]
    assert any("=HYPERLINK" in cell for cell in cells) and not [c for c in cells if c.startswith(("=", "+", "-", "@"))]


# --- several at once -----------------------------------------------------------------------------------------------


def test_the_same_file_twice_says_that_nothing_is_new(fresh: tuple[Browser, Path]) -> None:
    browser, store = fresh
    for _ in range(2):
        sent = browser.send(("subs.csv", GOOD.encode()))
        done = browser.post(str(sent.url), do="import", kind="subscriptions", toml="[format]\n")
    assert "knows all of it already" in done.text and rf.open(store).version() == 1
    assert waiting(store) == []


def test_two_people_send_and_import_at_once(fresh: tuple[Browser, Path], server: Serving) -> None:
    one, store = fresh
    other = Browser.__new__(Browser)
    other.client = httpx.Client(base_url=one.client.base_url, timeout=60, follow_redirects=True)
    found: list[str] = []

    def go(browser: Browser, account: str) -> None:
        sent = browser.send(("subs.csv", GOOD.replace("acme", account).replace("s1", account).encode()))
        done = browser.post(str(sent.url), do="import", kind="subscriptions", toml="[format]\n")
        found.append(done.url.path if done.status_code == 200 else text_of(done.text))

    threads = [threading.Thread(target=go, args=(b, a)) for b, a in ((one, "left"), (other, "right"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.client.close()
    assert sorted(found) == ["/data/imports/1", "/data/imports/2"]
    assert closing(store, "2026-06") == {"USD": Decimal("200.00")}


def test_several_files_wait_in_a_list_and_can_be_removed(fresh: tuple[Browser, Path]) -> None:
    browser, store = fresh
    browser.send(("a.csv", GOOD.encode()), ("b.csv", GOOD.encode()))
    page = browser.get("/data")
    assert "a.csv" in page and "b.csv" in page and waiting(store) == ["a.csv", "b.csv"]
    for id in re.findall(r"/data/files/([0-9a-f]{16})/drop", page):
        browser.post(f"/data/files/{id}/drop")
    assert waiting(store) == []
    assert "does not wait here" in text_of(browser.client.get("/data/files/0123456789abcdef").text)
    assert browser.client.get("/data/files/..%2f..%2fx").status_code in (400, 404)


def test_what_a_killed_server_leaves_is_taken_away(tmp_path: Path) -> None:
    half = tmp_path / "store" / "uploads" / "0123456789abcdef.part"
    rf.open(tmp_path / "store")
    half.mkdir(parents=True)
    (half / "subs.csv").write_text("half a li")
    with serving(tmp_path / "store") as server:
        assert "subs.csv" not in Browser(server).get("/data")
    assert not half.exists()


@pytest.mark.slow
def test_a_file_of_100_mb(fresh: tuple[Browser, Path]) -> None:
    browser, _store = fresh
    row = "customer-{0:08d},subscription-{0:08d},a plan with a name,2026-01-01,,100.50,USD\n"
    content = (HEAD + "".join(row.format(n) for n in range(1_300_000))).encode()
    assert len(content) > 100 << 20
    began = time.monotonic()
    sent = browser.send(("large.csv", content))
    assert sent.status_code == 200 and "is tried when you ask for it" in sent.text
    assert time.monotonic() - began < 30


def test_every_route_says_who_may(server: Serving) -> None:
    assert faults(server.app) == []


# --- in a browser --------------------------------------------------------------------------------------------------


def test_drag_and_drop_and_the_mapping_step_in_a_browser(fresh: tuple[Browser, Path], chromium: Chromium) -> None:
    browser, store = fresh
    window = Window(chromium, str(browser.client.base_url).rstrip("/"))
    page = window.go("/")
    page.evaluate(
        """(text) => { const data = new DataTransfer(); data.items.add(new File([text], "mine.csv"));
        document.querySelector("form[data-drop]").dispatchEvent(
          new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })); }""",
        "Customer ID,Plan name,MRR,Started at\n1,Pro,120.50,2026-01-05\n2,Pro,80,2026-02-09\n",
    )
    page.wait_for_url("**/data/files/*")
    assert page.locator("tr.missing").count() == 1
    page.fill("input[name='const.currency']", "THB")
    page.click("button[value=try]")
    page.wait_for_selector("section.outcome")
    page.click("button[value=import]")
    page.wait_for_url("**/data/imports/1*", timeout=30_000)
    page.click("text=To the overview")
    page.wait_for_url(re.compile(r":\d+/?$"))
    assert "THB" in page.content() or "200.50" in page.content()
    window.close()
    assert window.faults == []
    assert closing(store, "2026-03") == {"THB": Decimal("200.50")}
