"""Quotes over real HTTP: the same figures as the answer, who may keep, approve and see, and the paper."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal as D

import pypdfium2
import pytest

from quoting_company import ANN, BOSS, VALUES, company
from rollforward import api

from .serving import WORDS, Serving, csrf, serving


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    store = api.open(company(tmp_path_factory.mktemp("quotes")))
    store.keep_acting_rules("[hold_out]\nshare = 0", BOSS)
    store.keep_unit_values(VALUES, BOSS)
    for name, role in (("ann", "admin"), ("noa", "analyst"), ("vic", "viewer"), ("rita", "restricted")):
        store.state.users.add(BOSS, name, role, WORDS)
    store.quote("acme", "team")  # what pages build on is there, however busy the machine is
    store.headroom_options("acme")
    with serving(store.path) as found:
        yield found


ASKED = {"plan": "team", "seats": "12", "add-on": "keep=2", "discount": "25", "months": "3", "on": "2026-12-05"}


def test_the_page_shows_what_the_answer_says(site: Serving) -> None:
    client = site.logged_in("vic")
    page = client.get("/accounts/acme/quote", params=ASKED).text
    store = api.open(site.app.state.desk.path)
    told = store.quote("acme", "team", 12, ["keep=2"], D("0.25"), 3, "2026-12-05")
    (row,) = told.totals.to_dicts()
    for name in ("due_now", "next_bill", "mrr_before", "mrr_after", "discount_cost"):
        assert f"{row[name]:,}" in page, name
    assert "48 of 50" in page and "6.00" in page and "price list of disks" in page
    assert "Keep it as a quote" not in page  # a viewer keeps nothing
    thai = client.get("/accounts/acme/quote", params=ASKED | {"lang": "th"}).text
    assert "ยอดที่ต้องชำระตอนนี้" in thai and "ดิสก์ที่ไม่ต้องซื้อเอง" in thai
    first = client.get("/accounts/acme/quote").text  # without a wish, the tier next to its own
    assert "<option selected>team</option>" in first
    refused = client.get("/accounts/acme/quote", params={"plan": "gold"})
    assert refused.status_code == 200 and "keep, start, team, team-year" in refused.text
    assert client.get("/accounts/nobody/quote", params={"plan": "team"}).status_code == 404
    same = client.get("/tables/quote.json", params=ASKED | {"account": "acme", "part": "totals"}).json()
    assert same == [{n: str(v) if v is not None and n != "discount_share" else v for n, v in row.items()}]


def test_kept_approved_sent_and_answered_by_who_may(site: Serving) -> None:
    noa, vic, ann = (site.logged_in(name) for name in ("noa", "vic", "ann"))
    form = {"account": "acme", "plan": "team", "discount": "25", "months": "3", "on": "2026-12-05"}
    assert vic.post("/quotes/save", data=form | {"csrf": csrf(vic)}).status_code == 403
    assert noa.post("/quotes/save", data=form).status_code == 403  # no token of the form
    made = noa.post("/quotes/save", data=form | {"csrf": csrf(noa)})
    assert made.status_code == 303 and made.headers["location"].startswith("/quotes/1")
    token = {"csrf": csrf(noa)}
    assert "needs an admin" in noa.get("/quotes/1").text and "Approve the discount" not in noa.get("/quotes/1").text
    assert noa.post("/quotes/1/answer", data=token | {"step": "accepted"}).status_code == 409  # not approved
    assert noa.post("/quotes/1/approve", data=token).status_code == 403
    assert ann.post("/quotes/1/approve", data={"csrf": csrf(ann)}).status_code == 303
    assert noa.post("/quotes/1/send", data=token | {"channel": "email"}).status_code == 303
    assert noa.post("/quotes/1/answer", data=token | {"step": "accepted"}).status_code == 303
    assert noa.post("/quotes/1/answer", data=token | {"step": "declined"}).status_code == 409  # it has ended
    assert noa.post("/quotes/99/answer", data=token | {"step": "declined"}).status_code == 404
    page = vic.get("/quotes/1").text
    assert "accepted" in page and "noa" in page and "ann" in page
    assert "acme" in vic.get("/quotes").text
    state = site.app.state.desk.state
    assert [a.action for a in state.audit.rows(action="quote")][::-1] == [
        "quote.save", "quote.approved", "quote.sent", "quote.accepted",
    ]  # fmt: skip
    assert vic.post("/quotes/values", data={"csrf": csrf(vic), "values": ""}).status_code == 403


def test_programs_keep_send_and_answer(site: Serving) -> None:
    tokens = {r: site.app.state.desk.state.tokens.add(BOSS, r, r)[1] for r in ("analyst", "viewer", "admin")}
    by = {r: site.client(headers={"authorization": f"Bearer {t}"}) for r, t in tokens.items()}
    terms = {"account": "paid", "plan": "team", "discount": 30, "months": 2, "on": "2026-12-05"}
    assert by["viewer"].post("/v1/quotes/save", json=terms).status_code == 403
    made = by["analyst"].post("/v1/quotes/save", json=terms).json()
    assert (made["status"], made["version"], made["mrr_change"]) == ("draft", 1, "20.00")
    at = f"/v1/quotes/{made['quote']}"
    assert by["analyst"].post(f"{at}/accepted").json()["error"]["code"] == "not-approved"
    assert by["analyst"].post(f"{at}/approve").status_code == 403
    assert by["admin"].post(f"{at}/approve").status_code == 200
    assert by["analyst"].post(f"{at}/send", json={"channel": "email"}).json()["status"] == "sent"
    assert by["analyst"].post(f"{at}/withdrawn").json()["status"] == "withdrawn"
    (row,) = by["viewer"].get("/v1/quotes", params={"account": "paid"}).json()["data"]
    assert (row["quote_status"], row["approved_person"]) == ("withdrawn", "token admin")
    days = by["viewer"].get("/v1/contact-days", params={"account": "paid"}).json()["data"]
    assert [d["contact_channel"] for d in days] == ["email", "call", "meeting", "in_app"]


def test_who_sees_no_names_sees_none_of_quotes(site: Serving) -> None:
    store = api.open(site.app.state.desk.path)
    number = store.save_quote(ANN, "acme", "team", on="2026-12-05").number
    rita = site.logged_in("rita")
    for path in ("/accounts/acme/quote?plan=team", f"/quotes/{number}", "/quotes", "/accounts/acme?show=signals"):
        told = rita.get(path)
        assert told.status_code == 200 and "น้ำดี" not in told.text and ">ann<" not in told.text, path
    for path in ("/accounts/acme/quote.pdf?plan=team", f"/quotes/{number}.pdf"):
        answer = rita.get(path)
        assert answer.headers["content-type"] == "application/pdf"
        document = pypdfium2.PdfDocument(answer.content)
        (page,) = document
        sheet = page.get_textpage()
        read = sheet.get_text_bounded()
        for part in (sheet, page, document):
            part.close()
        assert "น้ำดี" not in read and "acme" in read
    seen = site.logged_in("vic").get(f"/quotes/{number}").text
    assert "น้ำดี" in seen and "ann" in seen
    assert "May be offered from" in rita.get("/accounts/acme?show=signals").text
