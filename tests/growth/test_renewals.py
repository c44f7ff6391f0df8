"""Renewals: what is up and what became of it by hand, plain rules, and calls that are kept apart and scored."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal as D
from pathlib import Path

import pytest

import rollforward as rf
from product import store_of_texts
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.state import Actor, State
from rollforward.stats import proportion

SUBSCRIPTIONS = """\
account_id,subscription_id,plan,start_date,end_date,amount,currency,interval
same,s1,pro,2025-02-01,,100,USD,month
more,s2,pro,2025-02-01,2026-02-01,100,USD,month
more,s3,max,2026-02-01,,150,USD,month
left,s4,pro,2025-02-01,2026-01-15,100,USD,month
early,s5,pro,2025-02-01,2025-09-01,100,USD,month
fresh,s6,pro,2025-06-20,,40,USD,month
soon,s7,pro,2025-08-01,,80,USD,month
year,s8,pro,2025-07-20,,1200,USD,year
ends,s9,pro,2025-08-10,,60,USD,month
"""
CONTRACTS = """\
account_id,contract_id,start_date,end_date,notice_date,auto_renew,amount,currency
same,c1,2025-02-01,2026-02-01,,true,1200,USD
same,c2,2026-02-01,2027-02-01,,true,1200,USD
more,c3,2025-02-01,2026-02-01,,true,1200,USD
left,c4,2025-02-01,2026-02-01,,true,1200,USD
early,c5,2025-02-01,2026-02-01,,true,1200,USD
fresh,c6,2025-06-20,2026-06-20,,true,480,USD
soon,c7,2025-08-01,2026-08-01,2026-07-10,true,960,USD
ends,c8,2025-08-10,2026-08-10,,false,720,USD
"""
ACCOUNTS = "account_id,owner\nsoon,Kim\nends,Kim\nyear,\n"
ANN, BOSS = Actor("ann", "analyst"), Actor("boss", "admin")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    files = []
    for name, text in (("subscriptions", SUBSCRIPTIONS), ("contracts", CONTRACTS), ("accounts", ACCOUNTS)):
        files.append(tmp_path / f"{name}.csv")
        files[-1].write_text(text, encoding="utf-8")
    made = rf.open(tmp_path / "store")
    made.import_(*files, trust_valid_time=True, coverage="..2026-07-01")
    made.__dict__["state"] = State(made.path, clock=lambda: datetime(2026, 7, 1, 9))
    return made


def test_what_ends_is_listed_once_with_its_step(store: Store) -> None:
    """Known to 30 June: `soon` may be given notice in ten days, `year` has no owner, `ends` must be asked."""
    told = {str(r["account_id"]): r for r in store.renewals(45).to_dicts()}
    assert {a: (r["due_on"], r["mrr"], r["next_step"]) for a, r in told.items()} == {
        "year": (date(2026, 7, 20), D("100.00"), "own"),
        "soon": (date(2026, 8, 1), D("80.00"), "confirm"),
        "ends": (date(2026, 8, 10), D("60.00"), "ask"),
    }
    assert told["soon"]["days_to_notice"] == 10 and told["soon"]["term_amount"] == D("960.00")
    assert told["ends"]["machine"] == "renew" and told["ends"]["machine_mrr"] == D("60.00")
    assert told["soon"]["machine_chance"] is None  # four outcomes are too few
    assert [r["account_id"] for r in store.renewals(20).to_dicts()] == ["year"]
    assert [n.code for n in store.renewals(5).notes] == ["no-renewals", "few-renewals"]


def test_a_year_ends_with_what_was_paid_for_it(tmp_path: Path) -> None:
    """Not twelve times a rounded month: 1,000.00; 1,000.01 less half of it, half up; 100 off 2,400.00 for two years."""
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,amount,currency,interval,interval_count,discount_percent,"
        "discount_amount,discount_kind\na,a,pro,2025-12-20,1000,USD,year,1,,,\n"
        "b,b,pro,2025-12-20,1000.01,USD,year,1,50,,forever\nc,c,pro,2024-12-20,2400,USD,year,2,,100,forever\n",
        encoding="utf-8",
    )
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv", coverage="..2026-07-01")
    assert {r["account_id"]: (r["due_on"], r["term_amount"]) for r in store.renewals(200).to_dicts()} == {
        "a": (date(2026, 12, 20), D("1000.00")),
        "b": (date(2026, 12, 20), D("500.01")),
        "c": (date(2026, 12, 20), D("2300.00")),
    }


def test_outcomes_are_thirty_days_after_of_what_was_up_ninety_days_before(store: Store) -> None:
    """`left` went in January, inside the ninety days, and is lost; `early` was gone before them, and was not up."""
    told = {str(r["account_id"]): r for r in store.renewals_past().to_dicts()}
    assert {a: (r["renewal_outcome"], r["up_mrr"], r["after_mrr"]) for a, r in told.items()} == {
        "same": ("renewed", D(100), D(100)),
        "more": ("expanded", D(100), D(150)),
        "left": ("gone", D(100), D(0)),
        "fresh": ("pending", D(40), None),
    }
    (rate,) = store.renewal_rate(by="quarter").to_dicts()
    assert (rate["period"], rate["renewals"], rate["kept_accounts"]) == (date(2026, 1, 1), 3, 2)
    assert rate["renewal_rate"] == pytest.approx(2 / 3) and rate["money_rate"] == pytest.approx(2 / 3)
    assert rate["net_rate"] == pytest.approx(250 / 300) and rate["money_rate_low"] is None and rate["is_small"]


def test_wilson_limits_are_those_of_the_textbook() -> None:
    """81 of 263 (Newcombe 1998, table I): 0.2553 to 0.3662; 0 of 20: 0 to 0.1611."""
    assert proportion.interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert proportion.interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_calls_are_kept_apart_and_stay(store: Store) -> None:
    store.call_renewal(ANN, "soon", "2026-08-01", "expand", amount=D("90"), chance=0.8)
    store.call_renewal(BOSS, "soon", "2026-08-01", "at_risk", "leader")
    store.call_renewal(ANN, "soon", "2026-08-01", "renew", amount=D("80"))
    (row,) = store.renewals(45, "soon").to_dicts()
    assert (row["machine"], row["owner_call"], row["owner_mrr"], row["owner_by"]) == ("renew", "renew", D(80), "ann")
    assert (row["leader_call"], row["leader_by"]) == ("at_risk", "boss")
    assert [c.voice for c in store.state.calls.all("soon")] == ["owner", "machine", "leader", "owner"]
    assert store.keep_calls(ANN, 45) == 2 and store.keep_calls(ANN, 45) == 0
    store.call_renewal(ANN, "soon", "2026-08-01", "")
    assert store.renewals(45, "soon").to_dicts()[0]["owner_call"] is None
    acts = [str(a["action"]) for a in store.audit(action="renewal").to_dicts()]
    assert acts.count("renewal.call") == 4


def test_calls_that_cannot_be_are_refused(store: Store) -> None:
    for code, asked in {
        "leader-is-admin": lambda: store.call_renewal(ANN, "soon", "2026-08-01", "renew", "leader"),
        "no-such-renewal": lambda: store.call_renewal(ANN, "soon", "2026-08-02", "renew"),
        "too-late-to-call": lambda: store.call_renewal(ANN, "more", "2026-02-01", "renew"),
        "bad-call": lambda: store.call_renewal(ANN, "soon", "2026-08-01", "renew", chance=1.5),
        "unknown-account": lambda: store.call_renewal(ANN, "nobody", "2026-08-01", "renew"),
    }.items():
        with pytest.raises(Misuse) as caught:
            asked()
        assert caught.value.code == code
    assert store.state.calls.all() == []


def test_scores_hold_calls_against_outcomes(store: Store) -> None:
    """Right: `same` renews, `left` lost. Wrong: `more` at risk. Brier ((0.9-1)² + (0.4-0)²) / 2; 10 MRR too much."""
    early = State(store.path, clock=lambda: datetime(2026, 1, 10)).calls
    early.make(ANN, "same", date(2026, 2, 1), "owner", "renew", D("110"), "USD", 0.9)
    early.make(ANN, "left", date(2026, 2, 1), "owner", "lost", D("0"), "USD", 0.4)
    early.make(ANN, "more", date(2026, 2, 1), "owner", "at_risk")
    late = State(store.path, clock=lambda: datetime(2026, 2, 1)).calls
    late.make(ANN, "more", date(2026, 2, 1), "owner", "expand")  # on the day itself: it does not count
    (row,) = store.renewal_scores().to_dicts()
    assert (row["voice"], row["calls"], row["hits"], row["with_chance"]) == ("owner", 3, 2, 2)
    assert row["brier"] == pytest.approx((0.01 + 0.16) / 2) and row["brier_base"] == pytest.approx(0.25)
    assert (row["amount_error"], row["amount_miss"]) == (D(10), D(5))


SWITCHING = """\
account_id,subscription_id,plan,start_date,end_date,amount,currency
stay,s1,pro,2025-02-01,,100,USD
swap,s2,pro,2025-02-01,2026-02-01,60,USD
swap,s3,pro,2026-02-01,,60,EUR
pound,s4,pro,2025-02-01,,50,GBP
part,s5,pro,2025-02-01,2026-02-01,100,USD
part,s5,pro,2026-02-01,,40,USD
part,s6,pro,2026-02-01,,60,EUR
"""
TERMS = """\
account_id,contract_id,start_date,end_date
stay,c1,2025-02-01,2026-02-01
stay,c2,2026-02-01,2026-08-15
swap,c3,2025-02-01,2026-02-01
swap,c4,2026-02-01,2026-09-01
pound,c5,2025-02-01,2026-02-01
pound,c6,2026-02-01,2026-08-01
part,c7,2025-02-01,2026-02-01
"""


def test_another_currency_is_no_loss_and_a_missing_rate_no_zero(tmp_path: Path) -> None:
    """60 USD went on as 60 EUR (66 USD), 100 as 40 and 60 EUR (106); nobody rates the pound: in no sum."""
    files = {"subscriptions": SWITCHING, "contracts": TERMS, "fx": "date,currency,rate\n2026-06-30,EUR,1.10\n"}
    store = rf.open(tmp_path / "store")
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
        more = {"currency": "USD"} if name == "fx" else {"trust_valid_time": True, "coverage": "..2026-07-01"}
        store.import_(tmp_path / f"{name}.csv", **more)  # type: ignore[arg-type]
    past = {str(r["account_id"]): r for r in store.renewals_past(currency="native").to_dicts()}
    assert {a: r["renewal_outcome"] for a, r in past.items()} == {
        "stay": "renewed", "swap": "transferred", "pound": "renewed",
        "part": "transferred",
    }  # fmt: skip
    rates = {str(r["currency"]): r for r in store.renewal_rate(by="year", currency="native").to_dicts()}
    assert {c: (r["renewals"], r["renewal_rate"], r["up_mrr"]) for c, r in rates.items()} == {
        "USD": (1, 1.0, D(100)), "GBP": (1, 1.0, D(50)),
    }  # fmt: skip
    past = {str(r["account_id"]): r for r in store.renewals_past(currency="USD").to_dicts()}
    assert (past["swap"]["up_mrr"], past["swap"]["after_mrr"], past["swap"]["renewal_outcome"]) == (
        D(60), D(66), "expanded",
    )  # fmt: skip
    assert (past["part"]["up_mrr"], past["part"]["after_mrr"], past["part"]["renewal_outcome"]) == (
        D(100), D(106), "expanded",
    )  # fmt: skip
    assert (past["pound"]["up_mrr"], past["pound"]["renewal_outcome"]) == (None, "pending")
    table = store.renewal_rate(by="year", currency="USD")
    (rate,) = table.to_dicts()
    assert (rate["renewals"], rate["kept_accounts"], rate["up_mrr"], rate["net_rate"]) == (4, 4, None, None)
    assert "missing-rates" in [n.code for n in table.notes]
    ahead = store.renewals(90, currency="USD")
    assert {str(r["account_id"]): r["mrr"] for r in ahead.to_dicts()} == {"pound": None, "stay": D(100), "swap": D(66)}
    assert "missing-rates" in [n.code for n in ahead.notes]
    months = store.renewal_calendar(90, currency="USD")
    assert [(r["renewals"], r["mrr"]) for r in months.to_dicts()] == [(2, None), (1, D(66))]
    assert "missing-rates" in [n.code for n in months.notes]
    (first,) = store.renewal_calendar(90, currency="native", limit=1, skip=1).to_dicts()
    assert (first["currency"], first["renewals"], first["mrr"]) == ("USD", 1, D(100)), "a month of whole totals"
    kinds = store.signal_kinds(currency="USD")
    (coming,) = [r for r in kinds.to_dicts() if r["signal"] == "renewal_coming"]
    assert (coming["accounts"], coming["mrr"]) == (3, None) and "missing-rates" in [n.code for n in kinds.notes]


BESIDE = """\
account_id,subscription_id,plan,start_date,end_date,amount,currency
own,k1,pro,2025-02-01,2026-02-01,70,USD
own,k9,pro,2026-02-01,,80,USD
own,k2,sso,2025-02-01,,30,USD
own,s3,extra,2025-02-01,,5,USD
share,s4,pro,2025-02-01,,100,USD
alike,s5,pro,2025-02-01,,100.01,USD
"""
ENDS = """\
account_id,contract_id,start_date,end_date,amount,currency
own,k1,2025-02-01,2026-02-01,,
own,k9,2026-02-01,2027-02-01,,
own,k2,2025-02-01,2026-04-01,,
share,c1,2025-08-01,2026-08-01,900,USD
share,c2,2025-08-15,2026-08-15,300,USD
alike,c3,2025-08-01,2026-08-01,,
alike,c4,2025-08-20,2026-08-20,,
"""


def test_each_of_two_contracts_puts_up_what_is_its_own(tmp_path: Path) -> None:
    """`own`: 70 of k1, which goes on as k9 with 80, and 30 of k2; the 5 have no contract. `share`: 100 by 900 and 300 a
    year; `alike`: 100.01 in halves, the odd cent to the later one."""
    store = store_of_texts({"subscriptions": BESIDE, "contracts": ENDS}, tmp_path, "..2026-07-01")
    past = store.renewals_past()
    assert [(r["subject"], r["up_mrr"], r["after_mrr"], r["renewal_outcome"]) for r in past.to_dicts()] == [
        ("k2", D(30), D(30), "renewed"), ("k1", D(70), D(80), "expanded"),
    ]  # fmt: skip
    assert "split-contracts" not in [n.code for n in past.notes]
    ahead = store.renewals(90)
    assert {r["subject"]: r["mrr"] for r in ahead.to_dicts()} == {
        "c1": D(75), "c2": D(25), "c3": D("50.00"), "c4": D("50.01"),
    }  # fmt: skip
    assert [n.params for n in ahead.notes if n.code == "split-contracts"] == [{"count": "4"}]
