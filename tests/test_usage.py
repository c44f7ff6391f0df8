"""Usage in MRR (decision 0009.7) where no case can look: what is behind a number, what other policies pay for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from product import Asked, policy_file, store_of
from reference import File, moment
from rollforward import policy

CHARGES = (
    ("calls", "2026-01-01", "2026-02-01", "30.00"),
    ("calls", "2026-02-01", "2026-03-01", "25.00"),
    ("calls", "2026-02-10", "2026-02-20", "35.00"),
)
HEAD = ("metric", "service_start", "service_end", "amount")


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    rows = tuple(
        {"account_id": "a", "subscription_id": "s", "currency": "USD", **dict(zip(HEAD, row, strict=True))}
        for row in CHARGES
    )
    store = store_of([File("charges", rows, moment("2026-03-01"))], tmp_path)
    return Asked(store, None, policy_file({"usage": "service_month"}, tmp_path / "used.toml"))


def test_usage_opens_to_a_charge_of_its_month(asked: Asked) -> None:
    (row,) = asked.explain("expansion", "2026-02", "ledger")
    assert (row["delta"], row["by_usage"], row["rule"], row["on_date"]) == (3_000, 3_000, "change", date(2026, 2, 1))
    (source,) = asked.explain("expansion", "2026-02", "sources")
    assert source["ref"] == row["source_ref"] and "35.00" in str(source["row"])
    assert source["recorded_at"] == moment("2026-03-01")


def test_a_policy_without_usage_has_no_stretch_of_it(asked: Asked) -> None:
    build = asked.store._new_build(policy.find("default"), None)
    engine = build.need(["charge_stretch", "charge_item", "item_mrr"])
    for name in ("charge_stretch", "charge_item", "item_mrr"):
        assert engine.run(f"select count(*) from {name}") == [(0,)]
    assert len(asked.rows("charge_stretch")) == 2
