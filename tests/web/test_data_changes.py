"""The pages of data over real HTTP: undo and redo, fixing, policies, closings, links, reconciling, both languages."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.text import figures

from .visiting import GOOD, HEAD, Browser, closing, text_of

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
    assert "Drop files here" in browser.get("/"), "nothing stands, so there is nothing to show"
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
    browser.post("/data/closings", period="2026-02")
    assert len(rf.open(store).closings()) == 1
    assert "Closed periods are what is known now." in browser.get("/data/closings")
    assert "Open 2026-02 again?" in browser.get("/data/closings?ask=reopen&period=2026-02")
    browser.post("/data/closings/reopen", period="2026-02")
    assert [r["kind"] for r in rf.open(store).closings().to_dicts()] == ["close", "reopen"]
    assert "flash bad" in browser.post("/data/closings", period="2999-01").text
    log = [(a.action, a.target, a.detail) for a in reversed(rf.open(store).state.audit.rows(action="close"))]
    code = log[-1][2].pop("code")
    assert log == [
        ("close", "2026-02", {"policy": "default"}), ("close.done", "2026-02", {"commit": 2}),
        ("close", "2999-01", {"policy": "default"}), ("close.refused", "2999-01", {}),
    ] and code  # fmt: skip
    page = text_of(browser.get("/data/audit?action=close"))
    assert "Closed a period: finished" in page and "Closed a period: refused, nothing was changed" in page


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
