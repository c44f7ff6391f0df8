"""Quotes: days and cents by hand, parts that add up, what follows an acceptance held against the ledger; paper."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal as D
from fractions import Fraction
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rollforward as rf
from rollforward import text
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.proration import Price, Span, after, half_up, period
from rollforward.state import Actor, Draft, State
from rollforward.state.tables import VERSIONS

ANN, BOSS = Actor("ann", "analyst"), Actor("boss", "admin")
PRODUCTS = """\
product_id,name,role,family
app,App,base,app
backup,Backup,add_on,
"""
PLANS = """\
plan_id,product_id,tier,amount,currency,interval,limit:storage_gb
start,app,1,10.00,USD,month,50
team,app,2,20.00,USD,month,500
team-year,app,2,216.00,USD,year,500
yen,app,1,1000,JPY,month,
yen-max,app,2,2500,JPY,month,
keep,backup,,5.00,USD,month,
"""
STEPS = """\
account_id,subscription_id,product,plan,start_date,amount,currency,interval,quantity,discount_percent,discount_kind,discount_until,paid_through
acme,s1,app,start,2026-01-15,100.00,USD,month,10,,,,
year,s2,app,team-year,2026-03-01,1080.00,USD,year,5,,,,
yoko,s3,app,yen,2026-05-10,1000,JPY,month,1,,,,
cent,s4,app,start,2026-01-31,33.33,USD,month,1,,,,
less,s5,app,start,2026-06-01,50.00,USD,month,5,20,repeating,2026-07-11,
paid,s6,app,start,2026-01-03,50.00,USD,month,5,,,,2026-07-20
"""
MONTHLY = "account_id,month,mrr,currency,plan\nmona,2026-05,40.00,USD,start\nmona,2026-06,40.00,USD,start\n"
USE = "account_id,metric,at,quantity\nacme,storage_gb,2026-05-31,47\nacme,storage_gb,2026-06-29,48\n"
NAMES = "account_id,name\nacme,บริษัท น้ำดี จำกัด\n"
VALUES = """
[[value]]
metric = "storage_gb"
per_unit = 0.125
currency = "USD"
en = "Disks you need not buy"
th = "ดิสก์ที่ไม่ต้องซื้อเอง"
source = "price list of disks, 2026"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quotes")
    told = {"products": PRODUCTS, "plans": PLANS, "subscriptions": STEPS, "monthly": MONTHLY, "usage": USE,
            "accounts": NAMES}  # fmt: skip
    files = []
    for name, content in told.items():
        files.append(folder / f"{name}.csv")
        files[-1].write_text(content, encoding="utf-8")
    store = rf.open(folder / "store")
    store.import_(*files, trust_valid_time=True, coverage="..2026-07-01")
    return store.path


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 7, 1, 9)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(made: Path, clock: Clock) -> Store:
    for name in ("state.sqlite", "state.sqlite-wal", "state.sqlite-shm"):
        (made / name).unlink(missing_ok=True)
    opened = rf.open(made)
    opened.__dict__["state"] = State(made, clock)
    opened.keep_acting_rules("[hold_out]\nshare = 0", BOSS)
    return opened


def total(store: Store, account: str, *how: object, **more: object) -> dict[str, object]:
    (row,) = store.quote(account, *how, **({"on": "2026-07-05"} | more)).totals.to_dicts()  # type: ignore[arg-type]
    return row


# --- days and cents by hand ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("anchor", "per", "on", "start", "end", "left"),
    [
        ("2024-01-31", 13, "2024-02-28", "2024-01-31", "2024-02-29", 1),  # a leap year's February is its end
        ("2024-01-31", 13, "2024-02-29", "2024-02-29", "2024-03-31", 31),  # and the month after has its 31st again
        ("2023-01-31", 13, "2023-02-28", "2023-02-28", "2023-03-31", 31),
        ("2024-02-29", 14, "2024-03-01", "2024-02-29", "2025-02-28", 364),
        ("2024-02-29", 14, "2028-02-29", "2028-02-29", "2029-02-28", 365),
        ("2025-11-30", 33, "2026-02-27", "2025-11-30", "2026-02-28", 1),  # a quarter
        ("2026-03-01", 12, "2026-03-14", "2026-03-08", "2026-03-15", 1),
        ("2026-03-01", 71, "2026-02-28", "2026-02-22", "2026-03-01", 1),  # before the anchor too
    ],
)
def test_periods_follow_their_first_day(anchor: str, per: int, on: str, start: str, end: str, left: int) -> None:
    found = period(date.fromisoformat(anchor), per, date.fromisoformat(on))
    assert (str(found.start), str(found.end), found.left(date.fromisoformat(on))) == (start, end, left)


def test_an_upgrade_in_the_middle_of_a_month(store: Store) -> None:
    """15 June to 15 July are 30 days, 10 of them from 5 July on: 100 × 10/30 = 33.33 back, 200 × 10/30 = 66.67."""
    row = total(store, "acme", "team")
    assert (row["credit"], row["charge"], row["due_now"], row["credit_left"]) == (
        D("33.33"),
        D("66.67"),
        D("33.34"),
        D(0),
    )
    assert (row["next_bill_on"], row["next_bill"]) == (date(2026, 7, 15), D("200.00"))
    assert (row["mrr_before"], row["mrr_after"], row["by_plan"]) == (D(100), D(200), D(100))
    assert row["valid_until"] == date(2026, 8, 4)
    lines = store.quote("acme", "team", on="2026-07-05").lines.to_dicts()
    assert [(r["quote_part"], r["days_counted"], r["days_in_period"], r["prorated"]) for r in lines[2:]] == [
        ("credit", 10, 30, D("-33.33")), ("charge", 10, 30, D("66.67")),
    ]  # fmt: skip
    assert lines[2]["period_start"] == date(2026, 6, 15)


def test_first_and_last_day(store: Store) -> None:
    assert total(store, "acme", "team", on="2026-07-15")["due_now"] == D("100.00")
    assert total(store, "acme", "team", on="2026-07-14")["due_now"] == D("3.34")  # 6.67 − 3.33: one of 30 days


def test_seats_and_an_add_on(store: Store) -> None:
    row = total(store, "acme", "", 13, ["keep=2"])
    assert (row["by_seats"], row["by_add_on"], row["mrr_change"]) == (D(30), D(10), D(40))
    # 130 and 10 for ten of thirty days, less 100: 43.33 + 3.33 − 33.33
    assert row["due_now"] == D("13.33") and row["next_bill"] == D("140.00")


def test_a_price_by_the_year_begins_a_period_of_its_own(store: Store) -> None:
    row = total(store, "acme", "team-year")
    assert (row["charge"], row["credit"], row["due_now"]) == (D("2160.00"), D("33.33"), D("2126.67"))
    assert row["next_bill_on"] == date(2027, 7, 5) and row["mrr_after"] == D("180.00")


def test_a_credit_larger_than_the_charge(store: Store) -> None:
    """Paid for the year from 1 March: 1,080 × 239/365 = 707.18 back from 5 July; five of `start` are 50 a month."""
    row = total(store, "year", "start")
    assert (row["credit"], row["charge"], row["due_now"], row["credit_left"]) == (D("707.18"), D(50), D(0), D("657.18"))
    assert row["mrr_change"] == D("-40.00")


def test_a_currency_without_decimals(store: Store) -> None:
    """10 June to 10 July: 5 of 30 days. 1,000 → 166.7, 2,500 → 416.7."""
    row = total(store, "yoko", "yen-max")
    assert (row["credit"], row["charge"], row["due_now"]) == (D(167), D(417), D(250))


def test_a_discount_that_ends(store: Store) -> None:
    """25 % to 5 August. Ten of thirty days of 150; the period after has 21 days under it and 10 without."""
    row = total(store, "acme", "team", discount=D("0.25"), months=1)
    assert (row["charge"], row["due_now"]) == (D("50.00"), D("16.67"))
    assert row["next_bill"] == D("166.13")  # (150 × 21 + 200 × 10) / 31
    assert (row["mrr_after"], row["mrr_later"], row["discount_cost"]) == (D(150), D(200), D(50))
    assert (row["by_plan"], row["by_discount"], row["discount_ends"]) == (D(100), D(-50), date(2026, 8, 5))
    endless = store.quote("acme", "team", discount=D("0.25"), on="2026-07-05").totals
    assert endless.to_dicts()[0]["discount_cost"] == D(600)
    assert "quote-discount-a-year" in [n.code for n in endless.notes]


def test_the_discount_that_it_has_stays_to_its_end(store: Store) -> None:
    """20 % to 11 July of 1 July to 1 August: 40 × 27/31 back; 80 for 6 days, 100 for 21: (480 + 2,100)/31."""
    row = total(store, "less", "team")
    assert (row["credit"], row["charge"]) == (D("34.84"), D("83.23"))
    assert (row["mrr_before"], row["mrr_after"], row["mrr_later"]) == (D(40), D(80), D(100))


def test_the_day_up_to_which_is_paid_ends_the_period(store: Store) -> None:
    (credit,) = [
        r for r in store.quote("paid", "team", on="2026-07-05").lines.to_dicts() if r["quote_part"] == "credit"
    ]
    assert (credit["period_start"], credit["days_counted"], credit["days_in_period"]) == (date(2026, 6, 20), 15, 30)


def test_a_period_that_is_not_known_is_not_guessed(store: Store) -> None:
    found = store.quote("mona", "team", on="2026-07-05")
    (row,) = found.totals.to_dicts()
    assert row["due_now"] is None and row["credit"] is None and row["next_bill"] is None
    assert row["mrr_change"] is not None and "quote-no-period" in [n.code for n in found.totals.notes]


def test_what_use_calls_for_it_or_that_nothing_does(store: Store) -> None:
    (reason, *_more) = store.quote("acme", "team", on="2026-07-05").reasons.to_dicts()
    assert (reason["metric"], reason["used_quantity"], reason["limit_now"], reason["limit_after"]) == (
        "storage_gb", 48, 50, 500,
    )  # fmt: skip
    for found in (store.quote("paid", "team"), store.quote("acme", "", 12)):
        assert [n.code for n in found.reasons.notes] == ["quote-no-reason"] and not found.reasons.rows


@pytest.mark.parametrize(
    ("code", "account", "told"),
    [
        ("unknown-plan", "acme", {"to": "gold"}),
        ("unknown-plan", "acme", {"to": "yen"}),  # another currency
        ("nothing-changes", "acme", {}),
        ("nothing-changes", "acme", {"to": "start"}),
        ("bad-quote", "acme", {"to": "team", "discount": D(1)}),
        ("bad-quote", "acme", {"to": "team", "add_ons": ["keep=0"]}),
        ("quote-in-past", "acme", {"to": "team", "on": "2026-06-29"}),
        ("unknown-account", "nobody", {"to": "team"}),
    ],
)
def test_what_cannot_be_quoted_says_why(store: Store, code: str, account: str, told: dict[str, object]) -> None:
    with pytest.raises(Misuse) as caught:
        store.quote(account, **told)  # type: ignore[arg-type]
    assert caught.value.code == code
    if told.get("to") == "gold":
        assert caught.value.params["known"] == "keep, start, team, team-year"


@settings(max_examples=150)
@given(
    st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.sampled_from((13, 33, 14, 12, 71)), st.integers(0, 1200),
    st.integers(0, 10**7), st.integers(0, 10**7),
)  # fmt: skip
def test_the_first_day_costs_all_and_the_last_day_one(anchor: date, per: int, later: int, old: int, new: int) -> None:
    span = period(anchor, per, anchor + timedelta(days=later))
    assert span.start <= anchor + timedelta(days=later) < span.end and after(span.start, per, 0) == span.start
    before, then = Price(old), Price(new)
    assert then.of_days(span.start, span.end, span) - before.of_days(span.start, span.end, span) == new - old
    last = span.end - timedelta(days=1)
    assert then.of_days(last, span.end, span) == half_up(Fraction(new, span.days))
    for on in (span.start, last, span.start + timedelta(days=span.days // 2)):
        over, left = then.of_days(span.start, on, span), then.of_days(on, span.end, span)
        assert abs(over + left - new) <= 1  # two roundings, never a day
    # a discount changes nothing but the days under it
    turn = Price(new, 10**12 * 3 // 4, 0, last)
    whole = Span(span.start, span.end)
    assert turn.of_days(span.start, span.end, whole) == half_up(
        (Fraction(3 * new, 4) * (span.days - 1) + new) / span.days
    )


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


def test_what_is_accepted_comes_exactly_as_quoted(made: Path, tmp_path: Path, clock: Clock) -> None:
    """The rows that an acceptance leads to, imported, move the ledger by the quote's change, driver by driver."""
    folder = tmp_path / "store"
    files = [made.parent / f"{n}.csv" for n in ("products", "plans", "subscriptions")]
    opened = rf.open(folder)
    opened.import_(*files, trust_valid_time=True, coverage="..2026-08-01")
    opened.__dict__["state"] = State(folder, clock)
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
        opened.save_quote(ANN, account, *terms, on="2026-07-31")  # type: ignore[arg-type]
        opened.answer_quote(ANN, number, "accepted")
        _kept, found = opened.kept_quote(number)
        (row,) = found.totals.to_dicts()
        expected[account] = {n: row[n] for n in row if n.startswith("by_")} | {"amount": row["mrr_change"]}
        code, sub = row["currency"], {"acme": "s1", "year": "s2", "cent": "s4", "yoko": "s3", "less": "s5"}[account]
        for n, r in enumerate(r for r in found.lines.to_dicts() if r["quote_part"] == "after" and r["is_changed"]):
            share = f"{D(str(r['discount_share'])) * 100:f}" if r["discount_share"] else ""
            until = r["discount_ends"] or ""
            kind = ("repeating" if until else "forever") if share else ""
            rows.append(f"{account},{sub if n == 0 else sub + 'x'},{r['product_id']},{r['plan_id']},2026-07-31,"
                        f"{r['amount']},{code},{r['interval']},{r['quantity']},{share},{kind},{until},")  # fmt: skip
    later = tmp_path / "subscriptions.csv"
    later.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    opened.import_(later, trust_valid_time=True, coverage="..2026-08-05")
    for account, drivers in expected.items():
        moved = opened.explain("mrr", "2026-07", account=account, currency="native").to_dicts()
        last = [r for r in moved if r["on_date"] == date(2026, 7, 31)]
        assert {n: sum((D(str(r[n])) for r in last), D(0)) for n in drivers} == drivers, account
    for r in opened.quotes().to_dicts():
        assert (r["came_on"], r["came_mrr"], r["is_as_quoted"]) == (date(2026, 7, 31), r["mrr_change"], True)


# --- what use is worth ----------------------------------------------------------------------------------------------


def test_no_claim_without_use_and_no_number_without_its_input(store: Store) -> None:
    assert [n.code for n in store.value_statement("acme").notes] == ["no-unit-values"]
    store.keep_unit_values(VALUES, ANN)
    (row,) = store.value_statement("acme").to_dicts()
    assert (row["period"], row["used_quantity"], row["unit_worth"], row["worth"]) == (
        date(2026, 6, 1), 48, D("0.125"), D("6.00"),
    )  # fmt: skip
    assert row["worth_source"] == "price list of disks, 2026"
    nothing = store.value_statement("paid")
    assert not nothing.rows and [n.code for n in nothing.notes] == ["no-claim"]
    for wrong in (
        VALUES.replace('source = "price list of disks, 2026"', ""),
        VALUES * 2,
        VALUES.replace("0.125", "-1"),
    ):
        with pytest.raises(Misuse, match="bad-values"):
            store.keep_unit_values(wrong, ANN)


# --- paper ----------------------------------------------------------------------------------------------------------


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
    document = pypdfium2.PdfDocument(store.quote_pdf(found, kept.number))
    (page,) = document
    sheet = page.get_textpage()
    read = sheet.get_text_bounded()
    for part in (sheet, page, document):
        part.close()
    assert "บริษัท น้ำดี จำกัด" in read
    for words in said:
        assert words in read, words


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
    state = State(tmp_path)
    state.notes.add(ANN, "acme", "kept")
    state.close()
    con = sqlite3.connect(tmp_path / "state.sqlite")
    con.executescript("drop table quote_step; drop table quote; pragma user_version = 4;")
    con.close()
    assert len(VERSIONS) == 5
    again = State(tmp_path)
    again.quotes.save(ANN, Draft("acme", "USD", date(2026, 7, 5), date(9999, 1, 1), 0, 0, 1, 1, "{}"))
    assert again.notes.of("acme")[0].text == "kept" and again.quotes.get(1).status == "draft"
