"""The reference against answers that nobody here made up: definitions.md, review cases, public data sets.

Number in a name = number in the review cases. The same rules stand as text in tests/cases; here are those that need
code: public data, formulas called alone, many periods at once.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from reference import (
    DRIVERS,
    Catalogue,
    Discount,
    Event,
    File,
    LedgerRow,
    PlanEntry,
    Product,
    RollForward,
    State,
    Tier,
    item_mrr,
    ledger,
    major,
    movements,
    retention,
    roll_forward,
    to_coverage,
    to_states,
)
from reference.drivers import price_of
from reference.files import next_month

TOLD = datetime(2026, 6, 1)


def state(account: str, item: str, start: str, end: str, amount: int, **more: object) -> State:
    """A state with amounts in minor units; end '' is open."""
    begins = datetime.fromisoformat(start)
    known = {"product": "app", "plan": "pro", "currency": "USD", "recorded_at": TOLD, "commit": 1, **more}
    return State(
        subscription_id=f"{account}-{item}",
        item_id=item,
        account=account,
        valid_from=begins,
        valid_to=datetime.fromisoformat(end or "9999-12-31"),
        replaces_from=begins,
        amount=amount,
        **known,
    )  # type: ignore[arg-type]


def drivers(row: LedgerRow) -> dict[str, int]:
    return {name: amount for name, amount in zip(DRIVERS, row.drivers, strict=True) if amount}


def changed(before: State, after: State, catalogue: Catalogue | None = None) -> dict[str, int]:
    """Drivers of the second of two rows: what happened between two states of one item."""
    return drivers(ledger([before, after], catalogue=catalogue or Catalogue())[1])


def months(first: date, last: date) -> list[tuple[date, date]]:
    result = []
    while first <= last:
        following = next_month(datetime(first.year, first.month, 1)).date()
        result.append((first, following))
        first = following
    return result


# -- definitions.md -------------------------------------------------------------------------------------------------


def test_worked_example_of_retention() -> None:
    rows = ledger(
        [
            state("A", "1", "2025-01-01", "2026-01-15", 100_000),
            state("A", "1", "2026-01-15", "", 150_000),
            state("B", "1", "2025-01-01", "2026-01-16", 50_000),
            state("B", "1", "2026-01-16", "", 30_000),
            state("C", "1", "2025-01-01", "2026-01-17", 40_000),
            state("D", "1", "2025-01-01", "2025-11-20", 30_000),
            state("D", "1", "2026-01-18", "", 30_000),
            state("E", "1", "2026-01-19", "", 25_000),
        ]
    )
    (window,) = retention(rows, date(2026, 1, 1), date(2026, 2, 1))
    assert (window.opening, window.expansion, window.contraction, window.churn) == (190_000, 50_000, -20_000, -40_000)
    assert (window.ndr, window.grr, window.logo_retention) == (
        Fraction(1800, 1900),
        Fraction(1300, 1900),
        Fraction(2, 3),
    )
    (january,) = roll_forward(rows, [(date(2026, 1, 1), date(2026, 2, 1))])
    assert january == RollForward(
        date(2026, 1, 1), "USD", 190_000, 25_000, 30_000, 50_000, -20_000, -40_000, 0, 235_000, 3, 1, 1, 1, 1, 1, 0, 4
    )


TWENTY = (Discount(ppm=200_000),)


def test_definition_of_plan_seats_and_discount() -> None:
    before = state("A", "1", "2026-01-01", "2026-02-01", 10_000, quantity=10, plan="basic", discounts=TWENTY)
    after = state("A", "1", "2026-02-01", "", 18_000, quantity=12, plan="pro")
    assert changed(before, after) == {"plan": 4_000, "seats": 2_400, "discount": 3_600}


VOLUME = PlanEntry("pro", "app", 1, None, "USD", tiers_mode="volume", tiers=(Tier(1, 10, 1_000), Tier(11, 10**9, 800)))
GRADUATED = PlanEntry("pro", "app", 1, None, "USD", tiers_mode="graduated", tiers=VOLUME.tiers)


@pytest.mark.parametrize(("plan", "to", "seats"), [(VOLUME, 8_800, -1_200), (GRADUATED, 10_800, 800)])
def test_review_11_tiers_are_seats(plan: PlanEntry, to: int, seats: int) -> None:
    assert price_of(plan, 10) == 10_000
    assert price_of(plan, 11) == to
    before = state("A", "1", "2026-01-01", "2026-02-01", 10_000, quantity=10)
    after = state("A", "1", "2026-02-01", "", to, quantity=11)
    assert changed(before, after, Catalogue(plans={"pro": plan})) == {"seats": seats}


@pytest.mark.parametrize(
    ("amount", "quantity", "plan", "expected"),
    [
        (20_000, 10, "scale", {"plan": 8_000}),  # plan 100 -> 200 under a lasting 20 %
        (15_000, 15, "pro", {"seats": 4_000}),  # 10 -> 15 seats at 10 under a lasting 20 %
    ],
)
def test_review_11_lasting_discount(amount: int, quantity: int, plan: str, expected: dict[str, int]) -> None:
    before = state("A", "1", "2026-01-01", "2026-02-01", 10_000, quantity=10, discounts=TWENTY)
    after = state("A", "1", "2026-02-01", "", amount, quantity=quantity, plan=plan, discounts=TWENTY)
    assert changed(before, after) == expected


@pytest.mark.parametrize(
    ("amount", "interval", "count", "mrr"),
    [
        (1_999, "year", 1, 167),  # 19.99 a year -> 1.67
        (500, "year", 1, 42),  # JPY 500 a year
        (120_000, "year", 1, 10_000),
        (6, "year", 1, 1),  # exactly half
        (5, "year", 1, 0),
        (500, "week", 1, 2_167),  # worked example D03: 21.67
        (100, "month", 3, 33),
    ],
)
def test_rounding_is_half_up_on_the_state(amount: int, interval: str, count: int, mrr: int) -> None:
    (stretch,) = item_mrr([state("A", "1", "2026-01-01", "", amount, interval=interval, interval_count=count)])
    assert stretch.mrr == mrr


# -- review cases ---------------------------------------------------------------------------------------------------


def test_review_1_every_row_has_drivers() -> None:
    base = state("A", "base", "2026-01-01", "", 5_000, product="desk")
    rows = ledger(
        [
            base,
            state("A", "2", "2026-01-05", "2026-01-10", 10_000),
            state("A", "2", "2026-01-10", "2026-01-20", 10_000, status="paused"),
            state("A", "2", "2026-01-20", "", 10_000),
            state("B", "1", "2026-01-01", "2026-02-01", 10_000),
            state("B", "1", "2026-03-01", "", 10_000),
        ]
    )
    assert all(sum(r.drivers) == r.delta for r in rows)
    told = [(r.account, str(r.on_date), drivers(r), r.rule) for r in rows]
    assert told == [
        ("A", "2026-01-01", {"other": 5_000}, "start"),
        ("A", "2026-01-05", {"product": 10_000}, "start"),
        ("A", "2026-01-10", {"other": -10_000}, "pause"),
        ("A", "2026-01-20", {"other": 10_000}, "pause"),
        ("B", "2026-01-01", {"other": 10_000}, "start"),
        ("B", "2026-02-01", {"other": -10_000}, "gap"),
        ("B", "2026-03-01", {"other": 10_000}, "gap"),
    ]


def test_review_12_swaps() -> None:
    family = Catalogue({p: Product(p, family="core") for p in ("basic", "pro")})
    old = state("A", "old", "2026-01-01", "2026-02-01", 10_000, product="basic", plan="b")
    new = state("A", "new", "2026-02-01", "", 15_000, product="pro", plan="p")
    _, ended, started = ledger([old, new], catalogue=family)
    assert (drivers(ended), drivers(started)) == ({"plan": -10_000}, {"plan": 15_000})
    _, ended, started = ledger([old, new])
    assert (drivers(ended), drivers(started)) == ({"product": -10_000}, {"product": 15_000})
    second = state("A", "second", "2026-01-10", "", 4_000, product="basic", plan="b")
    assert drivers(ledger([old, second])[1]) == {"seats": 4_000}


def test_review_13_nothing_goes_below_zero() -> None:
    too_much = (Discount(amount=20_000),)
    rows = ledger(
        [
            state("A", "1", "2026-01-01", "2026-02-01", 10_000),
            state("A", "1", "2026-02-01", "", 10_000, discounts=too_much),
        ]
    )
    shown = [(m.movement, m.amount, m.after) for m in movements(rows)]
    assert shown == [("new", 10_000, 10_000), ("churn", -10_000, 0)]
    assert drivers(rows[1]) == {"discount": -10_000}
    (window,) = retention(rows, date(2026, 1, 15), date(2026, 3, 1))
    assert (window.ndr, window.grr, window.churn) == (0, 0, -10_000)


def test_review_23_signs_make_ndr_a_sum() -> None:
    rows = ledger(
        [
            state("A", "1", "2026-01-01", "2026-02-10", 10_000),
            state("A", "1", "2026-02-10", "", 15_000),
            state("B", "1", "2026-01-01", "2026-02-10", 5_000),
            state("C", "1", "2026-01-01", "2026-02-10", 5_000),
            state("C", "1", "2026-02-10", "", 2_000),
        ]
    )
    (w,) = retention(rows, date(2026, 2, 1), date(2026, 3, 1))
    assert w.contraction < 0 and w.churn < 0
    assert w.ndr == Fraction(w.opening + w.expansion + w.contraction + w.churn, w.opening) == Fraction(17, 20)


# -- public data ----------------------------------------------------------------------------------------------------


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_mrr_playbook_recheck_of_all_periods(real_data: Path) -> None:
    folder = real_data / "mrr_playbook"
    source = read_csv(folder / "subscription_periods.csv")
    rows = ledger(
        [
            state(
                r["customer_id"], r["subscription_id"], r["start_date"], r["end_date"], int(r["monthly_amount"]) * 100
            )
            for r in source
        ]
    )
    wanted = read_csv(folder / "recheck_all_periods_delta.csv")
    first, last = (date.fromisoformat(wanted[i]["date_month"]) for i in (0, -1))
    rolled = roll_forward(rows, months(first, last))
    actual = [
        [str(r.period), *(v // 100 for v in (r.new, r.reactivation, r.expansion, r.contraction, r.churn, r.closing))]
        for r in rolled
        if r.new or r.reactivation or r.expansion or r.contraction or r.churn
    ]
    names = ("new", "reactivation", "upgrade", "downgrade", "churn", "closing")
    assert actual == [[r["date_month"], *(int(r[n]) for n in names)] for r in wanted]


def tidemill_events(events: Iterable[dict[str, object]]) -> list[Event]:
    result = []
    for e in events:
        delta = int(e.get("new_mrr_cents", e.get("mrr_cents", 0))) - int(e.get("prev_mrr_cents", 0))  # type: ignore[call-overload]
        at = datetime.fromisoformat(str(e["at"]))
        result.append(Event(str(e["subscription"]), "", str(e["customer"]), "", "", "USD", at, delta, TOLD))
    return result


TIDEMILL = (
    "basic",
    "churn_and_expansion_inside_one_month",
    "quiet_months_carry",
    "baseline",
    "reactivation",
    "contraction",
)


@pytest.mark.parametrize("name", TIDEMILL)
def test_tidemill(real_data: Path, name: str) -> None:
    cases = json.loads((real_data / "tidemill" / "waterfall_cases.json").read_text(encoding="utf-8"))["cases"]
    assert sorted(c["name"] for c in cases) == sorted(TIDEMILL)
    case = next(c for c in cases if c["name"] == name)
    first, last = (date.fromisoformat(d) for d in case["range"])
    rolled = roll_forward(ledger([], tidemill_events(case["events"])), months(first, last))
    for row, wanted in zip(rolled, case["expected"], strict=False):  # a case may assert its first months only
        shown = {
            "period": str(row.period),
            "starting_mrr": row.opening,
            "new": row.new,
            "reactivation": row.reactivation,
            "expansion": row.expansion,
            "contraction": row.contraction,
            "churn": row.churn,
            "net_change": row.closing - row.opening,
            "ending_mrr": row.closing,
        }
        assert {k: shown[k] for k in wanted} == wanted


def test_bruin_kpis(real_data: Path) -> None:
    data = json.loads((real_data / "bruin_stripe_readme" / "cases.json").read_text(encoding="utf-8"))
    source = tuple(
        {"account_id": account, "month": month, "mrr": major(amount, "USD"), "currency": currency}
        for month, account, currency, amount in data["monthly_customer_mrr_minor"]
    )
    # The source starts in January with nothing before it, so January's accounts are new: coverage says so.
    file = File("monthly", source, TOLD, (datetime(2025, 12, 1), datetime(2026, 3, 1)))
    rows = ledger(to_states([file]), coverage=to_coverage([file]))
    rolled = {str(r.period)[:7]: r for r in roll_forward(rows, months(date(2026, 1, 1), date(2026, 2, 1)))}
    for kpi in data["expected_kpis"]:
        if kpi["currency"] != "usd":  # its one euro row has no monthly rows behind it
            continue
        row = rolled[kpi["month"]]
        shown = (row.closing, row.new, row.expansion, -row.churn, row.accounts_closing)
        assert shown == (kpi["ending"], kpi["new"], kpi["expansion"], kpi["churned"], kpi["active"])
    (window,) = retention(rows, date(2026, 2, 1), date(2026, 3, 1))
    assert round(float(window.ndr or 0), 2) == 1.04


def test_review_17_a_monthly_file_opens_with_a_balance(real_data: Path) -> None:
    """The playbook's months as a `monthly` file: January 2018 is the opening balance, and nobody churns at its end."""
    source = read_csv(real_data / "mrr_playbook" / "expected_mrr_customer_month.csv")
    file = File(
        "monthly",
        tuple(
            {"account_id": r["customer_id"], "month": r["date_month"], "mrr": r["mrr"], "currency": "USD"}
            for r in source
            if "2018-06" <= r["date_month"] < "2019-10"
        ),
        TOLD,
    )
    rows = ledger(to_states([file]), coverage=to_coverage([file]))
    wanted = {r["date_month"]: r for r in read_csv(real_data / "mrr_playbook" / "expected_rollforward.csv")}
    rolled = roll_forward(rows, months(date(2018, 6, 1), date(2019, 10, 1)))
    assert rolled[0].new == 0 and rolled[0].opening == rolled[0].closing == 100 * int(wanted["2018-06-01"]["closing"])
    assert closing_of(rolled[1:-1]) == [int(wanted[str(r.period)]["closing"]) for r in rolled[1:-1]]
    assert rolled[-1].churn == 0
    for r in rolled[1:-1]:
        parts = [100 * int(wanted[str(r.period)][name]) for name in ("upgrade", "downgrade", "churn")]
        assert [r.expansion, r.contraction, r.churn] == parts


def closing_of(rolled: Sequence[RollForward]) -> list[int]:
    return [r.closing // 100 for r in rolled]
