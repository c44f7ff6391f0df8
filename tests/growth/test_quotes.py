"""Quotes: days and cents by hand, parts that add up, what cannot be known or quoted, what use is worth."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rollforward as rf
from quoting_company import ANN, PLANS, PRODUCTS, VALUES, Clock, company, opened
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.proration import Price, Span, after, half_up, period


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return company(tmp_path_factory.mktemp("quotes"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(made: Path, clock: Clock) -> Store:
    return opened(made, clock)


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
    """20 % to 11 July of 1 July to 1 August: 40 for 6 days, 50 for 21 back: 1,290/31; 80 and 100 for them: 2,580/31."""
    row = total(store, "less", "team")
    assert (row["credit"], row["charge"]) == (D("41.61"), D("83.23"))
    assert (row["mrr_before"], row["mrr_after"], row["mrr_later"]) == (D(40), D(80), D(100))
    over = total(store, "less", "team", on="2026-07-11")  # its first day without it: 50 × 21/31
    assert (over["credit"], over["mrr_before"], over["mrr_after"]) == (D("33.87"), D(50), D(100))
    more = total(store, "less", "", 8)
    assert (more["by_seats"], more["mrr_change"]) == (D(24), D(24))  # three more at 8.00


TWICE = """\
account_id,subscription_id,plan,start_date,amount,currency,interval,quantity,discount_percent,discount_kind,discount_until,discount_percent_2,discount_kind_2,discount_until_2
over,s1,start,2026-01-01,100.00,USD,month,10,10,repeating,2026-03-01,20,forever,
both,s2,start,2026-06-01,100.00,USD,month,10,10,repeating,2026-07-11,20,repeating,2026-07-21
"""


def test_each_of_two_discounts_has_its_own_end(tmp_path: Path) -> None:
    files = {"products": PRODUCTS, "plans": PLANS, "subscriptions": TWICE}
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    store = rf.open(tmp_path / "store")
    store.import_(*(tmp_path / f"{name}.csv" for name in files), trust_valid_time=True, coverage="..2026-07-01")
    more = total(store, "over", "", 20)  # 10 % are over, 20 % go on: 80 × 27/31
    assert (more["mrr_before"], more["credit"], more["mrr_after"], more["mrr_later"]) == (
        D(80), D("69.68"), D(160), D(160),
    )  # fmt: skip
    more = total(store, "both", "", 20)  # 72 for 6 days, 80 for 10, 100 for 11: 2,332/31
    assert (more["mrr_before"], more["credit"], more["charge"]) == (D(72), D("75.23"), D("150.45"))
    assert (more["mrr_after"], more["mrr_later"]) == (D(144), D(200))
    then = total(store, "both", "", 20, on="2026-07-11")  # 80 for 10 days, 100 for 11
    assert (then["mrr_before"], then["credit"], then["mrr_after"]) == (D(80), D("61.29"), D(160))


def test_the_day_up_to_which_is_paid_ends_the_period(store: Store) -> None:
    (credit,) = [
        r for r in store.quote("paid", "team", on="2026-07-05").lines.to_dicts() if r["quote_part"] == "credit"
    ]
    assert (credit["period_start"], credit["days_counted"], credit["days_in_period"]) == (date(2026, 6, 20), 15, 30)


def test_what_is_late_or_ends_is_said(store: Store) -> None:
    told = {n.code: n.params for n in store.quote("late", "team", on="2026-07-05").totals.notes}
    assert told["quote-ends"] == {"day": "2026-09-10"} and "quote-late" in told


def test_a_link_hands_the_period_on(store: Store) -> None:
    row = total(store, "heir", "team", on="2026-07-04")  # its months begin on the 5th, as they did before 20 June
    assert (row["credit"], row["charge"], row["next_bill_on"]) == (D("0.33"), D("0.67"), date(2026, 7, 5))


def test_a_discount_that_the_policy_does_not_subtract_still_costs(store: Store, tmp_path: Path) -> None:
    rules = tmp_path / "full.toml"
    rules.write_text('name = "full"\nversion = 1\ndiscounts = { repeating = false }\n', encoding="utf-8")
    row = total(store, "acme", "team", discount=D("0.25"), months=1, policy=str(rules))
    assert (row["mrr_after"], row["by_plan"], row["by_discount"]) == (D(200), D(100), D(0))
    assert (row["charge"], row["discount_cost"]) == (D("50.00"), D(50))


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


def test_a_limit_for_each_unit_grows_with_units(store: Store) -> None:
    store.keep_signal_rules('[metrics]\nper_unit = ["storage_gb"]\n[limit]\nnear = 0.05\nnear_off = 0.01', ANN)
    (reason, *_more) = store.quote("acme", "", 12, on="2026-07-05").reasons.to_dicts()
    assert (reason["limit_now"], reason["limit_after"], reason["used_after"]) == (500, 600, 0.08)
    (reason, *_more) = store.quote("acme", "team", 5, on="2026-07-05").reasons.to_dicts()
    assert reason["limit_after"] == 2500


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
