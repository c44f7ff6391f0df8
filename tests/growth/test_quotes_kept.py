"""Quotes that are kept: approved, sent, answered, held against the ledger; on paper, and in the state file."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal as D
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest

import rollforward as rf
from quoting_company import ANN, BOSS, STEPS, VALUES, Clock, company, opened
from rollforward import text
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.state import Draft, Limits, State
from rollforward.state.tables import QUOTING, VERSIONS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return company(tmp_path_factory.mktemp("quotes"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(made: Path, clock: Clock) -> Store:
    return opened(made, clock)


# --- kept, approved, sent, answered ---------------------------------------------------------------------------------


def test_a_discount_above_the_threshold_needs_an_admin(store: Store) -> None:
    made = store.save_quote(ANN, "acme", "team", discount=D("0.25"), months=3, on="2026-07-05")
    for refused in (lambda: store.send_quote(ANN, 1), lambda: store.answer_quote(ANN, 1, "accepted")):
        with pytest.raises(Misuse, match="not-approved"):
            refused()
    with pytest.raises(Misuse, match="approver-is-admin"):
        store.approve_quote(ANN, made.number)
    store.approve_quote(BOSS, made.number)
    assert store.answer_quote(ANN, 1, "accepted").status == "accepted"
    # an approval is of a version: another one needs its own
    store.save_quote(ANN, "acme", "team", discount=D("0.25"), on="2026-07-05")
    store.approve_quote(BOSS, 2)
    store.save_quote(ANN, "acme", "team", discount=D("0.3"), on="2026-07-05", number=2)
    with pytest.raises(Misuse, match="not-approved"):
        store.answer_quote(ANN, 2, "accepted")
    assert [(r["quote"], r["quote_version"], r["quote_status"]) for r in store.quotes(is_every=True).to_dicts()] == [
        (2, 2, "draft"), (2, 1, "replaced"), (1, 1, "accepted"),
    ]  # fmt: skip
    store.keep_acting_rules("[hold_out]\nshare = 0\n[quote]\napprove_above = 0.3", BOSS)
    assert store.answer_quote(ANN, 2, "accepted").status == "accepted"


def test_sent_is_a_contact_within_the_budget_and_an_answer_moves_the_opportunity(store: Store, clock: Clock) -> None:
    store.keep_acting_rules("[hold_out]\nshare = 0\n[budget]\noffers = 1", BOSS)
    store.refresh_opportunities(ANN)
    (upsell,) = [o for o in store.state.opportunities.all("acme") if o.offered == "team"]
    with pytest.raises(Misuse, match="asked-later"):  # it would count as quoted within 0 hours
        store.save_quote(ANN, "acme", "team", on="2026-07-05", asked_at="2030-01-01T00:00")
    store.save_quote(ANN, "acme", "team", on="2026-07-05", asked_at="2026-06-30T21:00")
    assert store.state.quotes.get(1).opportunity_id == upsell.opportunity_id
    assert not store.offers().rows  # a draft is no contact
    store.send_quote(ANN, 1)
    assert store.state.opportunities.get(upsell.opportunity_id).stage == "quoted"
    store.save_quote(ANN, "acme", "", 12, on="2026-07-05")
    with pytest.raises(Misuse, match="over-budget") as caught:
        store.send_quote(ANN, 2)
    assert caught.value.params["day"] == "2026-07-31"
    days = {r["contact_channel"]: (r["may_be_offered"], r["offer_from"], r["blocked"]) for r in
            store.contact_days("acme").to_dicts()}  # fmt: skip
    assert days["email"] == (False, date(2026, 7, 31), "budget") and days["call"] == (True, None, "")
    clock.at += timedelta(days=1)
    store.answer_quote(ANN, 1, "declined")
    lost = store.state.opportunities.get(upsell.opportunity_id)
    assert (lost.stage, lost.outcome) == ("lost", "quote_declined")
    days = {r["contact_channel"]: r["offer_from"] for r in store.contact_days("acme").to_dicts()}
    assert days["call"] == date(2026, 9, 30)  # a no cools every channel down for 90 days
    with pytest.raises(Misuse, match="quote-ended"):
        store.answer_quote(ANN, 1, "accepted")
    table = store.quotes()
    assert [(n.code, n.params["hours"]) for n in table.notes] == [("quote-hours", "12.0")]


def test_a_quote_without_an_opportunity_opens_one_when_it_is_sent(store: Store) -> None:
    store.save_quote(ANN, "paid", "team", on="2026-07-05")
    assert store.state.quotes.get(1).opportunity_id is None
    sent = store.send_quote(ANN, 1)
    made = store.state.opportunities.get(sent.opportunity_id or 0)
    assert (made.stage, made.gain, made.mrr) == ("quoted", 5000, 5000)
    store.refresh_opportunities(ANN)  # it is worked on, so it stays
    assert store.state.opportunities.get(made.opportunity_id).closed_at is None


def test_it_ends_by_itself_on_its_day(store: Store, clock: Clock) -> None:
    store.save_quote(ANN, "acme", "team", on="2026-07-05", valid_days=3)
    clock.at = datetime(2026, 7, 8, 23)
    assert store.state.quotes.get(1).status == "draft"
    clock.at = datetime(2026, 7, 9)
    assert store.state.quotes.get(1).status == "expired"
    with pytest.raises(Misuse, match="quote-ended"):
        store.answer_quote(ANN, 1, "accepted")
    assert store.save_quote(ANN, "acme", "team", number=1).version == 2


def test_what_is_recorded_for_later_has_not_come(store: Store) -> None:
    """A discount of `less` is said to end on 11 July; known is what is up to 30 June."""
    made = store.save_quote(ANN, "less", seats=6, on="2026-07-05")
    store.answer_quote(ANN, made.number, "accepted")
    (row,) = store.quotes("less").to_dicts()
    assert (row["quote_status"], row["came_on"], row["came_mrr"], row["is_as_quoted"]) == ("accepted", None, None, None)


def test_what_is_accepted_comes_exactly_as_quoted(made: Path, tmp_path: Path, clock: Clock) -> None:
    """The rows that an acceptance leads to, imported, move the ledger by the quote's change, driver by driver."""
    folder = tmp_path / "store"
    files = [made.parent / f"{n}.csv" for n in ("products", "plans", "subscriptions")]
    there = rf.open(folder)
    there.import_(*files, trust_valid_time=True, coverage="..2026-08-01")
    there.__dict__["state"] = State(folder, clock)
    told = {
        "acme": ("team", 13, ["keep=2"], D("0.15"), 2),
        "year": ("start", 7, [], D(0), 0),
        "cent": ("team-year", 0, [], D("0.1"), 0),
        "yoko": ("yen-max", 3, [], D("0.05"), 0),
        "less": ("", 8, [], D(0), 0),
    }
    head = STEPS.splitlines()[0]
    rows, expected = [], {}
    for number, (account, terms) in enumerate(told.items(), 1):
        there.save_quote(ANN, account, *terms, on="2026-07-31")  # type: ignore[arg-type]
        there.answer_quote(ANN, number, "accepted")
        _kept, found = there.kept_quote(number)
        (row,) = found.totals.to_dicts()
        expected[account] = {n: row[n] for n in row if n.startswith("by_")} | {"amount": row["mrr_change"]}
        code, sub = row["currency"], {"acme": "s1", "year": "s2", "cent": "s4", "yoko": "s3", "less": "s5"}[account]
        for n, r in enumerate(r for r in found.lines.to_dicts() if r["quote_part"] == "after" and r["is_changed"]):
            share = f"{D(str(r['discount_share'])) * 100:f}" if r["discount_share"] else ""
            until = r["discount_ends"] or ""
            kind = ("repeating" if until else "forever") if share else ""
            rows.append(f"{account},{sub if n == 0 else sub + 'x'},{r['product_id']},{r['plan_id']},2026-07-31,"
                        f"{r['amount']},{code},{r['interval']},{r['quantity']},{share},{kind},{until},,,")  # fmt: skip
    later = tmp_path / "subscriptions.csv"
    later.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    there.import_(later, trust_valid_time=True, coverage="..2026-08-05")
    for account, drivers in expected.items():
        moved = there.explain("mrr", "2026-07", account=account, currency="native").to_dicts()
        last = [r for r in moved if r["on_date"] == date(2026, 7, 31)]
        assert {n: sum((D(str(r[n])) for r in last), D(0)) for n in drivers} == drivers, account
    for r in there.quotes().to_dicts():
        assert (r["came_on"], r["came_mrr"], r["is_as_quoted"]) == (date(2026, 7, 31), r["mrr_change"], True)


# --- paper ----------------------------------------------------------------------------------------------------------


def read_from(made: bytes) -> str:
    """The text of a document of one page, as a reader finds it."""
    document = pypdfium2.PdfDocument(made)
    (page,) = document
    sheet = page.get_textpage()
    read = str(sheet.get_text_bounded())
    for part in (sheet, page, document):
        part.close()
    return read


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("Quote 1", "33.34 USD", "10 of 30 days", "Tax is not included.", "48 of 50", "6.00 USD")),
        ("th", ("ใบเสนอราคา 1", "33.34 USD", "ราคายังไม่รวมภาษี", "พื้นที่จัดเก็บ", "ดิสก์ที่ไม่ต้องซื้อเอง")),
    ],
)
def test_the_paper_says_it_in_both_languages(store: Store, lang: str, said: tuple[str, ...]) -> None:
    text.use(lang)
    store.keep_unit_values(VALUES, ANN)
    store.save_quote(ANN, "acme", "team", on="2026-07-05")
    kept, found = store.kept_quote(1)
    read = read_from(store.quote_pdf(found, kept.number))
    assert "บริษัท น้ำดี จำกัด" in read
    for words in said:
        assert words in read, words


def test_marks_above_marks_are_raised_on_paper(store: Store) -> None:
    """In น้ำ the tone stands on the ring of ำ: it is set higher than the line. Without shaping all lie on the line."""
    made = store.quote_pdf(store.quote("acme", "team", on="2026-07-05"))
    streams = (m[1] for m in re.finditer(rb"stream\n(.*?)\nendstream", made, re.DOTALL))
    drawn = b"".join(zlib.decompress(s) for s in streams if s[:1] == b"x")
    heights = [float(y) for y in re.findall(rb"1 0 0 1 [\d.]+ ([\d.]+) Tm \(", drawn)]
    assert any(0 < high - low < 2 for low, high in pairwise(heights))


def test_a_letter_that_the_font_lacks_leaves_no_gap(store: Store) -> None:
    found = store.quote("acme", "team", on="2026-07-05")
    assert "株式会社 (x)" in read_from(store.quote_pdf(replace(found, name="株式会社 (x)")))


def test_many_who_send_at_once_stay_within_the_budget(tmp_path: Path) -> None:
    state = State(tmp_path)
    for _ in range(8):
        state.quotes.save(ANN, Draft("acme", "USD", date(2026, 7, 5), date(9999, 1, 1), 0, 0, 1, 1, "{}"))

    def send(number: int) -> bool:
        try:
            return state.quotes.send(ANN, number, "email", Limits(offers=3), 0).status == "sent"
        except Misuse as refused:
            assert refused.code == "over-budget"
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(1, 9))) == 3
    assert len(state.opportunities.contacts()) == 3 and len(state.opportunities.all("acme")) == 1
    state.close()


# --- the file -------------------------------------------------------------------------------------------------------

WRITE = """
import sys
from datetime import date
from pathlib import Path
from rollforward.state import Actor, Draft, State
state = State(Path(sys.argv[1]))
by = Actor("ann", "admin")
print("ready", flush=True)
for n in range(10_000):
    made = state.quotes.save(by, Draft("acme", "USD", date(2026, 7, 5), date(9999, 1, 1), 0, 0, n, n, "{}"))
    state.quotes.answer(by, made.number, "accepted")
    print(made.number, flush=True)
"""


def test_a_killed_writer_leaves_whole_quotes(tmp_path: Path) -> None:
    working = subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert working.stdout is not None
    told = [working.stdout.readline() for _ in range(25)]
    os.kill(working.pid, signal.SIGKILL)
    working.wait()
    working.stdout.close()
    state = State(tmp_path)
    found = {q.number: q for q in state.quotes.all()}
    assert all(found[int(n)].status == "accepted" for n in told[1:])
    assert sorted(found) == list(range(1, len(found) + 1)) and not state.audit.verify().broken
    rows = state.audit.rows()
    assert len(rows) == len(found) + sum(q.status == "accepted" for q in found.values())


def test_a_file_of_the_layout_before_takes_quotes(tmp_path: Path) -> None:
    con = sqlite3.connect(tmp_path / "state.sqlite")
    before = VERSIONS[: VERSIONS.index(QUOTING)]
    for step in before:
        con.executescript(step)
    con.execute(
        "insert into note (account_id, author, at, text) values ('acme', 'ann', '2026-01-01 09:00:00.000000', 'kept')"
    )
    con.execute(f"pragma user_version = {len(before)}")
    con.commit()
    con.close()
    again = State(tmp_path)
    again.quotes.save(ANN, Draft("acme", "USD", date(2026, 7, 5), date(9999, 1, 1), 0, 0, 1, 1, "{}"))
    assert again.notes.of("acme")[0].text == "kept" and again.quotes.get(1).status == "draft"
