"""Stores worked by hand and the look that every answer of `reconcile` must stand: reasons add up to differences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import rollforward as rf
from rollforward.api import Store

HEAD = (
    "account_id,subscription_id,plan,start_date,end_date,amount,currency,interval,status,discount_percent,"
    "discount_kind,discount_until,cancel_requested_at,paid_through\n"
)


def book(folder: Path, rows: str, **options: Any) -> Store:
    store = rf.open(folder / "store")
    path = folder / "book.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    store.import_(path, **options)
    return store


def told(rows: Iterable[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    """(month, account, reason, amount) of each line."""
    return {(f"{r['period']:%m}", r["account_id"], r["reason"], str(r["amount"])) for r in rows}


def adds_up(store: Store, against: str | Path, by_period: bool = False, **asked: Any) -> list[dict[str, Any]]:
    """The rows by account, after a look that reasons add up to differences there and `by_period`."""
    rows = store.reconcile(against, **asked).to_dicts()
    sums: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        assert row["difference"] == row["ours"] - row["theirs"]
        sums[row["period"], row["account_id"], row["currency"], row["difference"]] += row["amount"]
    assert [key for key, amount in sums.items() if key[3] != amount] == []
    if not by_period:
        return rows
    totals: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for (period, _account, currency, _difference), amount in sums.items():
        totals[period, currency] += amount
    seen: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for row in store.reconcile(against, by="period", **asked).to_dicts():
        assert row["difference"] == row["ours"] - row["theirs"] == (totals[row["period"], row["currency"]])
        seen[row["period"], row["currency"]] += row["amount"]
    assert {k: v for k, v in seen.items() if v} == {k: v for k, v in totals.items() if v}
    return rows
