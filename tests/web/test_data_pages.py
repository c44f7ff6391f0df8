"""The pages of data over real HTTP: files good and bad, undo, mappings, links, closings, policies, reconciling."""

from __future__ import annotations

import csv
import gzip
import html
import re
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

import rollforward as rf
from rollforward.text import figures
from rollforward.web.pages import files
from rollforward.web.permission import faults
from rollforward.web.uploads import safe_name

from .serving import Serving, csrf, serving

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
GOOD = HEAD + "acme,s1,pro,2026-01-01,,100,USD\nbeta,s2,pro,2026-02-01,2026-05-01,50,USD\n"
FOREIGN = "Kunde;Vertrag;Tarif;Beginn;Betrag\na;s;p;01.02.2026;1.234,50 €\nb;t;p;13.02.2026;99,00 €\n"


class Browser:
    """A person without JavaScript: follows redirects, sends forms with their token."""

    def __init__(self, server: Serving) -> None:
        self.client = server.client(follow_redirects=True)

    def get(self, path: str) -> str:
        got = self.wait(self.client.get(path))
        assert got.status_code == 200, got.text
        return got.text

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.wait(self.client.post(path, data={"csrf": self.token, **fields}))

    def send(self, *sent: tuple[str, bytes], to: str = "/data/upload") -> httpx.Response:
        form = [("csrf", (None, self.token)), *(("file", (name, content)) for name, content in sent)]
        return self.client.post(to, files=form)  # type: ignore[arg-type]

    def wait(self, got: httpx.Response) -> httpx.Response:
        """Follows the page of a job as its reader would."""
        end = time.monotonic() + 60
        while "/data/jobs/" in str(got.url) and "flash bad" not in got.text and time.monotonic() < end:
            time.sleep(0.2)
            got = self.client.get(got.url)
        return got

    @property
    def token(self) -> str:
        return csrf(self.client, "/start")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("data") / "store") as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[Browser, Path]]:
    with serving(tmp_path / "store") as found:
        yield Browser(found), tmp_path / "store"


@pytest.fixture
def browser(server: Serving) -> Browser:
    return Browser(server)


def waiting(store: Path) -> list[str]:
    return sorted(p.name for p in (store / "uploads").glob("*/*")) if (store / "uploads").exists() else []


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def closing(store: Path, month: str) -> dict[str, Decimal]:
    rows = rf.open(store).mrr(start=month, end=month).to_dicts()
    return {str(r["currency"]): r["closing"] for r in rows}  # type: ignore[misc]


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
        ("q.csv", (HEAD + 'a,s,"open quote,2026-01-01,,1,USD\n').encode(), "quote"),
    ],
)
def test_a_bad_file_is_told_what_is_wrong(browser: Browser, name: str, content: bytes, said: str) -> None:
    sent = browser.send((name, content))
    assert sent.status_code == 200 and said in text_of(sent.text), text_of(sent.text)
    assert "Traceback" not in sent.text


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
        found.append(done.url.path)

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


# --- undo, fix, and what else there is -----------------------------------------------------------------------------


@pytest.fixture
def filled(fresh: tuple[Browser, Path]) -> tuple[Browser, Path]:
    browser, store = fresh
    file = store.parent / "subs.csv"
    file.write_text(GOOD + "bad,s3,pro,2026-13-01,,70,USD\n", encoding="utf-8")
    rf.open(store).import_(file)
    return browser, store


def test_undo_shows_what_it_changes_and_can_be_undone(filled: tuple[Browser, Path]) -> None:
    browser, store = filled
    shown = text_of(browser.get("/data/imports/1/undo"))
    assert "-150.00" in shown and rf.open(store).version() == 1
    done = browser.post("/data/imports/1/undo")
    assert "was taken back by 2" in text_of(done.text) and len(rf.open(store).mrr()) == 0
    assert browser.post("/data/imports/1/again").url.path == "/data/imports/3"
    assert closing(store, "2026-03") == {"USD": Decimal("150.00")}


def test_a_problem_is_fixed_by_reading_the_kept_file_otherwise(filled: tuple[Browser, Path]) -> None:
    browser, store = filled
    page = text_of(browser.get("/data/problems"))
    assert "start_date is no date" in page and "70.00 USD a month at stake" in page
    step = browser.post("/data/imports/1/fix")
    assert "in place of import 1" in step.text
    fields = {f"col.{c}": c for c in HEAD.strip().split(",") if c != "currency"}
    done = browser.post(str(step.url), do="import", kind="subscriptions", **fields, **{"const.currency": "EUR"})
    assert done.url.path == "/data/imports/2" and "It stands in place of import 1" in done.text
    assert closing(store, "2026-03") == {"EUR": Decimal("150.00")}
    rows = rf.open(store).imports().to_dicts()
    assert [(r["kind"], r["retracts"]) for r in rows] == [("import", 0), ("import", 1)], "one commit"
    assert browser.post("/data/imports/1/again").url.path == "/data/imports/3"
    assert closing(store, "2026-03") == {"USD": Decimal("150.00")}


def test_a_policy_is_tried_before_it_is_saved(filled: tuple[Browser, Path]) -> None:
    browser, store = filled
    page = browser.get("/data/policies/default/edit")
    fields = dict(re.findall(r'<input id="set-[^"]+" name="([^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select id="set-[^"]+" name="([^"]+)">(.*?)</select>', page):
        fields[name] = re.findall(r"<option selected>([^<]*)", options)[0]
    head = {"name": "ours", "version": "1", "title": "Ours"}
    seen = browser.post("/data/policies/default/edit", do="preview", **head, **fields)
    assert "No figure would change." in seen.text
    bad = browser.post("/data/policies/default/edit", do="save", **head, **(fields | {"set.gap_days": "-1"}))
    assert "gap_days" in text_of(bad.text) and "flash bad" in bad.text
    done = browser.post("/data/policies/default/edit", do="save", **head, **(fields | {"set.churn_on": "requested"}))
    assert done.url.path == "/data/policies/ours" and rf.open(store).policy_text("ours").count("requested") == 1
    assert "churn_on" in browser.get("/data/policies?one=default&other=ours@1")
    assert "No difference." in browser.get("/data/reconcile?against=ours")


def test_months_are_closed_and_opened_again_after_a_question(filled: tuple[Browser, Path]) -> None:
    browser, store = filled
    page = browser.get("/data/closings?ask=close&period=2026-02")
    assert "Close 2026-02?" in page and "150.00" in page and rf.open(store).version() == 1
    browser.post("/data/closings", period="2026-02", kind="close")
    assert len(rf.open(store).closings()) == 1
    assert "Closed periods are what is known now." in browser.get("/data/closings")
    assert "Open 2026-02 again?" in browser.get("/data/closings?ask=reopen&period=2026-02")
    browser.post("/data/closings", period="2026-02", kind="reopen")
    assert [r["kind"] for r in rf.open(store).closings().to_dicts()] == ["close", "reopen"]
    assert "flash bad" in browser.post("/data/closings", period="2999-01", kind="close").text


def test_accounts_are_linked_and_unlinked(filled: tuple[Browser, Path]) -> None:
    browser, store = filled
    people = store.parent / "people.csv"
    people.write_text("account_id,name,email\nacme,Acme,a@acme.io\nbeta,Acme,a@acme.io\n", encoding="utf-8")
    rf.open(store).import_(people)
    assert "same e-mail, same name" in text_of(browser.get("/data/links"))
    browser.post("/data/links", from_id="beta", to_id="acme")
    assert rf.open(store).links().rows == [("beta", "acme", "same", None)]
    browser.post("/data/links/undo", from_id="beta", to_id="acme")
    assert rf.open(store).links().rows == []


def test_another_tools_file_is_compared_and_not_imported(filled: tuple[Browser, Path]) -> None:
    browser, store = filled
    theirs = b"account_id,month,mrr,currency\nacme,2026-01,100,USD\nacme,2026-02,90,USD\nbeta,2026-02,50,USD\n"
    sent = browser.wait(browser.send(("theirs.csv", theirs), to="/data/upload?for=reconcile"))
    page = text_of(sent.text)
    ours = rf.open(store).reconcile(_written(store.parent / "theirs.csv", theirs), by="period").to_dicts()
    differing = [r for r in ours if r["difference"]]
    assert differing and all(figures.number(r["difference"]) in page for r in differing)  # type: ignore[arg-type]
    assert rf.open(store).version() == 1
    detail = text_of(browser.get(f"{sent.url.path}?{sent.url.query.decode()}&of=2026-02"))
    assert "acme" in detail and "10.00" in detail


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_every_page_of_data_speaks_both_languages(filled: tuple[Browser, Path]) -> None:
    browser, _store = filled
    for path in ("/data", "/data/imports/1", "/data/problems", "/data/links", "/data/closings", "/data/reconcile",
                 "/data/policies", "/data/policies/stripe", "/data/policies/stripe/edit", "/start"):  # fmt: skip
        english, thai = browser.get(f"{path}?lang=en"), browser.get(f"{path}?lang=th")
        assert '<html lang="th"' in thai and re.search("[ก-๙]{4}", re.sub(r"(?s)<header.*?</header>", "", thai))
        assert not re.search("[ก-๙]", re.sub(r"(?s)<header.*?</header>", "", english)), path


def test_every_route_says_who_may(server: Serving) -> None:
    assert faults(server.app) == []


# --- in a browser --------------------------------------------------------------------------------------------------


def test_drag_and_drop_and_the_mapping_step_in_a_browser(fresh: tuple[Browser, Path], tmp_path: Path) -> None:
    sync = pytest.importorskip("playwright.sync_api")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("no /usr/bin/chromium")
    browser, store = fresh
    url = str(browser.client.base_url)
    with sync.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        faulty: list[str] = []
        page.on("console", lambda said: faulty.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faulty.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(url) else faulty.append(asked.url))
        page.goto(url)
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
        page.wait_for_url(re.compile(re.escape(url) + r"/?$"))
        assert "THB" in page.content() or "200.50" in page.content()
        chromium.close()
    assert faulty == []
    assert closing(store, "2026-03") == {"THB": Decimal("200.50")}
