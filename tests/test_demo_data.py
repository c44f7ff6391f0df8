"""The shipped demo company: same bytes from the generator, and rows as the contract wants them.

The figures are computed here from the rows alone (definitions.md sections 2 and 5), not by the program.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rollforward import demo, schema

TOOLS = Path(__file__).resolve().parents[1] / "tools"
FIRST, END = date(2023, 10, 1), date.fromisoformat(demo.AS_OF)
Row = dict[str, str]


@cache
def rows(kind: str) -> list[Row]:
    with gzip.open(demo.DATA / f"{kind}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def catalogue() -> dict[str, Row]:
    return {plan["plan_id"]: plan for plan in rows("plans")}


@cache
def roles() -> dict[str, str]:
    return {product["product_id"]: product["role"] for product in rows("products")}


@cache
def items() -> dict[tuple[str, str], list[Row]]:
    found = defaultdict(list)
    for row in rows("subscriptions"):
        found[row["subscription_id"], row["item_id"]].append(row)
    return {key: sorted(stretches, key=lambda row: row["start_date"]) for key, stretches in found.items()}


@cache
def by_account() -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows("subscriptions"):
        found[row["account_id"]].append(row)
    return found


def covers(row: Row, day: date) -> bool:
    return row["start_date"] <= day.isoformat() and (not row["end_date"] or day.isoformat() < row["end_date"])


def cents(amount: str) -> int:
    whole, _, part = amount.partition(".")
    assert len(part) == 2, amount
    return int(whole) * 100 + int(part)


def mrr_minor(row: Row, day: date, discounts: bool = True) -> int:
    """MRR of one row on a day inside it: default policy, so past_due counts and a `once` discount is not subtracted."""
    if row["status"] not in ("active", "past_due") or row["billing"] == "metered":
        return 0
    amount = Fraction(cents(row["amount"]))
    running = not row["discount_until"] or day.isoformat() < row["discount_until"]
    if discounts and row["discount_kind"] in ("forever", "repeating") and running:
        amount *= 1 - Fraction(row["discount_percent"] or 0) / 100
        amount = max(amount - cents(row["discount_amount"] or "0.00"), Fraction(0))
    months = {"month": 1, "year": 12}[row["interval"]] * int(row["interval_count"])
    return int(amount / months + Fraction(1, 2))


def balance(account: str, day: date, currency: str | None = None) -> int:
    return sum(
        mrr_minor(row, day)
        for row in by_account().get(account, [])
        if covers(row, day) and currency in (None, row["currency"])
    )


@cache
def balances(day: date, currency: str) -> dict[str, int]:
    return {account: balance(account, day, currency) for account in by_account()}


def ndr(start: date, end: date, currency: str, accounts: Iterable[str] | None = None) -> Fraction:
    """Over [start, end): MRR at a moment is what came before it, so a change on the first day is inside."""
    before, after = balances(start - timedelta(1), currency), balances(end - timedelta(1), currency)
    base = [a for a in (by_account() if accounts is None else accounts) if before.get(a, 0) > 0]
    return Fraction(sum(after[a] for a in base), sum(before[a] for a in base))


def base_row(account: str, day: date) -> Row | None:
    """The account's work-management row in force on that day."""
    wanted = [r for r in by_account()[account] if r["product"] in ("work", "classic") and covers(r, day)]
    assert len(wanted) <= 1, wanted
    return wanted[0] if wanted else None


def tier(row: Row | None) -> int:
    return int(catalogue()[row["plan"]]["tier"]) if row else 0


def industry(name: str) -> list[str]:
    return [a["account_id"] for a in rows("accounts") if a["industry"] == name]


# Files ---------------------------------------------------------------------------------------------------------------


def test_the_generator_writes_the_shipped_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TOOLS))
    import make_demo

    try:
        made = make_demo.files()
    finally:
        for name in ("make_demo", "demo_voice", "demo_accounts", "demo_items", "demo_catalogue"):
            sys.modules.pop(name, None)
    assert sorted(made) == sorted(path.name for path in demo.DATA.iterdir())
    for name, content in made.items():
        # Compared unpacked: other builds of zlib pack the same rows into other bytes.
        assert gzip.decompress(content) == gzip.decompress((demo.DATA / name).read_bytes()), name
        assert content[4:8] == bytes(4), f"{name} holds a time"


def test_files_are_small_and_listed() -> None:
    assert [path.name for path in demo.files()] == [f"{kind}.csv.gz" for kind in demo.ALL]
    assert {path.name for path in demo.DATA.iterdir()} == {f"{kind}.csv.gz" for kind in demo.ALL}
    assert sum(path.stat().st_size for path in demo.DATA.iterdir()) <= 3 * 2**20


CONTRACT = {
    "products": "product_id name role family",
    "plans": "plan_id product_id tier amount currency interval tiers tiers_mode limit:seats limit:storage_gb",
    "accounts": "account_id name email country industry employees owner created_at",
    "subscriptions": "account_id subscription_id item_id product plan start_date end_date amount currency interval "
    "interval_count quantity billing discount_percent discount_amount discount_kind discount_until status "
    "cancel_requested_at paid_through first_paid_at cancel_reason",
    "usage": "account_id at metric quantity feature",
    "events": "account_id at kind channel person tag value outcome outcome_at discount_percent owner text",
    "contracts": "account_id contract_id start_date end_date notice_date auto_renew amount currency owner",
    "fx": "date currency rate",
    "charges": "account_id subscription_id item_id product plan metric service_start service_end invoiced_at "
    "amount currency",
    "spend": "month kind amount currency",
}


@pytest.mark.parametrize("kind", demo.ALL)
def test_columns_are_the_contracts(kind: str) -> None:
    assert list(rows(kind)[0]) == CONTRACT[kind].split()
    raw = gzip.decompress((demo.DATA / f"{kind}.csv.gz").read_bytes()).decode("utf-8")
    assert all(None not in row and None not in row.values() for row in csv.DictReader(io.StringIO(raw)))


# Rows ----------------------------------------------------------------------------------------------------------------


def test_items_are_constant_stretches_that_never_overlap() -> None:
    for key, stretches in items().items():
        assert len({row["account_id"] for row in stretches}) == 1, key
        for row in stretches:
            start, end = row["start_date"], row["end_date"]
            assert FIRST <= date.fromisoformat(start) < END, row
            assert not end or start < end <= demo.AS_OF, row
            assert row["status"] in schema.STATUSES
            assert row["cancel_reason"] in ("", "voluntary", "involuntary")
            assert not row["cancel_requested_at"] or start <= row["cancel_requested_at"] <= end, row
            assert bool(row["discount_kind"]) == bool(row["discount_percent"] or row["discount_amount"]), row
            assert not row["discount_until"] or start < row["discount_until"], row
            assert (row["discount_kind"] == "forever") == (bool(row["discount_kind"]) and not row["discount_until"])
        for before, after in pairwise(stretches):
            assert before["end_date"] and before["end_date"] <= after["start_date"], (before, after)
            same = {k: v for k, v in before.items() if k not in ("start_date", "end_date")}
            if before["end_date"] == after["start_date"] and not before["cancel_reason"]:
                assert same != {k: after[k] for k in same}, f"not a change: {before}"


def test_ids_are_consistent() -> None:
    accounts = {row["account_id"] for row in rows("accounts")}
    assert len(accounts) == len(rows("accounts")) == len({row["name"] for row in rows("accounts")})
    assert 3000 <= len(accounts) <= 4000
    owners: dict[str, set[str]] = defaultdict(set)
    for row in rows("subscriptions"):
        plan = catalogue()[row["plan"]]
        same = (plan["product_id"], plan["currency"], plan["interval"])
        assert (row["product"], row["currency"], row["interval"]) == same, row
        owners[row["subscription_id"]].add(row["account_id"])
        owners[row["item_id"]].add(row["subscription_id"])
    assert all(len(found) == 1 for found in owners.values())
    for kind in ("subscriptions", "usage", "events", "contracts", "charges"):
        assert {row["account_id"] for row in rows(kind)} <= accounts, kind
    assert {(r["subscription_id"], r["item_id"]) for r in rows("charges")} <= set(items())
    assert {plan["product_id"] for plan in rows("plans")} == set(roles())


def tiers(plan: Row) -> list[dict[str, Any]]:
    """The steps of a tiered price; amounts stay text, so that no float touches them."""
    steps: list[dict[str, Any]] = json.loads(plan["tiers"], parse_float=str)
    return steps


def list_minor(plan: Row, quantity: int) -> int:
    if not plan["tiers"]:
        return cents(plan["amount"]) * quantity
    steps = [(step["up_to"] or quantity, cents(step["unit_amount"])) for step in tiers(plan)]
    prices = [next(price for last, price in steps if unit <= last) for unit in range(1, quantity + 1)]
    return sum(prices) if plan["tiers_mode"] == "graduated" else quantity * prices[-1]


def test_amounts_are_the_price_list() -> None:
    assert {p["tiers_mode"] for p in rows("plans") if p["tiers"]} == {"volume", "graduated"}
    assert all(float(step["flat_amount"]) == 0 for p in rows("plans") if p["tiers"] for step in tiers(p))
    for row in rows("subscriptions"):
        plan, quantity = catalogue()[row["plan"]], int(row["quantity"])
        expected = 0 if row["billing"] == "metered" else list_minor(plan, quantity)
        assert cents(row["amount"]) == expected, row
        assert not plan["limit:seats"] or quantity <= int(plan["limit:seats"]), row
    for row in rows("charges"):
        assert cents(row["amount"]) % cents(catalogue()[row["plan"]]["amount"]) == 0
    for kind in ("charges", "contracts", "spend"):
        assert all(cents(row["amount"]) >= 0 for row in rows(kind))


def test_dates_of_the_other_kinds() -> None:
    assert all(FIRST - timedelta(31) <= date.fromisoformat(row["at"]) < END for row in rows("events"))
    assert all(row["outcome_at"] < demo.AS_OF for row in rows("events") if row["outcome_at"])
    assert all(row["at"] < demo.AS_OF for row in rows("usage"))
    told = {(row["account_id"], row["metric"], row["feature"], row["at"]) for row in rows("usage")}
    assert len(told) == len(rows("usage"))
    assert all(bool(row["feature"]) == (row["metric"] == "actions") for row in rows("usage"))
    assert all(row["service_start"] < row["service_end"] <= row["invoiced_at"] <= demo.AS_OF for row in rows("charges"))
    assert all(row["start_date"] < row["notice_date"] < row["end_date"] for row in rows("contracts"))
    assert [row["date"] for row in rows("fx")][-1] == "2026-10-31"
    assert len({row["date"] for row in rows("fx")}) == 38
    assert all(0.9 < float(row["rate"]) < 1.3 for row in rows("fx"))


def test_everything_that_billing_has_occurs() -> None:
    sold = rows("subscriptions")
    assert {row["status"] for row in sold} >= {"trialing", "active", "past_due", "unpaid", "paused", "incomplete"}
    assert {row["discount_kind"] for row in sold} == {"", "forever", "repeating", "once"}
    assert any(row["discount_amount"] for row in sold)
    assert {row["product"] for row in sold} == set(roles())
    assert {row["cancel_reason"] for row in sold if row["end_date"]} == {"", "voluntary", "involuntary"}
    gaps = [s for s in items().values() if any(a["end_date"] < b["start_date"] for a, b in pairwise(s))]
    assert gaps, "no item comes back"
    names = "".join(row["name"] for row in rows("accounts"))
    assert "ü" in names and "é" in names and "ส" in names
    assert all(row["email"].endswith(".example.com") for row in rows("accounts"))


def test_the_migration_is_no_churn() -> None:
    day = date(2025, 2, 3)
    assert {r["end_date"] for r in rows("subscriptions") if r["product"] == "classic" and not r["cancel_reason"]} >= {
        day.isoformat()
    }
    moved = [r for r in rows("subscriptions") if r["product"] == "classic" and r["end_date"] == day.isoformat()]
    same = 0
    for row in moved:
        after = base_row(row["account_id"], day)
        assert after and after["product"] == "work" and after["subscription_id"] == row["subscription_id"], row
        same += after["amount"] == row["amount"]
    assert len(moved) > 400 and same > 0.6 * len(moved)
    assert not any(covers(r, day) for r in rows("subscriptions") if r["product"] == "classic")
