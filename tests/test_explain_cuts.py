"""Cells of cut answers open to rows that add up to them (decision 0011): movements, ledger, sources."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import rollforward as rf
from casefile import CASES, load
from product import store_of
from rollforward.errors import Misuse

FLOWS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer")
BALANCES = ("opening", "closing")
Cells = dict[tuple[str, str, str], Decimal]


def store(tmp_path: Path, case: str) -> rf.Store:
    return store_of(load(CASES / "segments" / f"{case}.case").files, tmp_path)


def cells(made: rf.Store, metrics: tuple[str, ...], **asked: Any) -> Cells:
    """(metric, currency, segment) of a cut roll-forward that are not 0."""
    found: Cells = {}
    for row in made.mrr(**asked).to_dicts():
        for metric in metrics:
            if row[metric]:
                found[metric, str(row["currency"]), str(row.get("segment", ""))] = Decimal(str(row[metric]))
    return found


def opened(made: rf.Store, metrics: tuple[str, ...], period: str, level: str, **asked: Any) -> Cells:
    """The same from the rows that `explain` shows."""
    found: Cells = {}
    for metric in metrics:
        for row in made.explain(metric, period, level=level, **asked).to_dicts():
            key = (metric, str(row["currency"]), str(row.get("segment", "")))
            found[key] = found.get(key, Decimal(0)) + Decimal(str(row["amount" if level == "movements" else "delta"]))
    return {key: amount for key, amount in found.items() if amount}


def told(metric: str, found: Cells) -> bool:
    """Whether a metric is in any cell."""
    return any(metric == cell[0] for cell in found)


CUTS: tuple[dict[str, Any], ...] = (
    {"segment": "tier"}, {"segment": "size_band"}, {"segment": "cohort"}, {"segment": "product"}, {"segment": "plan"},
    {"segment": "currency"}, {"where": ["tier=SMB"]}, {"where": ["product=A"]},
    {"segment": "product", "where": ["size_band=small"]},
)  # fmt: skip
TOLD = {
    "review_09_products": ("2026-03",),
    "shares_are_rounded_in_order": ("2026-03",),
    "change_in_the_middle_of_a_day": ("2026-03",),
    "size_band_turns_right_after": ("2026-02",),
    "two_currencies_in_one": ("2024-03", "2024-04"),
}


LATER = ("change_in_the_middle_of_a_day", "size_band_turns_right_after")


@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.long) if c in LATER else c for c in TOLD])
def test_rows_add_up_to_each_cell(tmp_path: Path, case: str) -> None:
    made = store(tmp_path, case)
    has_tier = "tier" in [row[0] for row in made.dimensions().rows]
    compared = 0
    for cut in CUTS:
        if "tier" in str(cut) and not has_tier:
            continue
        for period in TOLD[case]:
            wanted = cells(made, FLOWS + BALANCES, start=period, end=period, currency="native", **cut)
            # what is nowhere in a cut opens to nothing: seen of one cut, since each question costs the same
            metrics = FLOWS + BALANCES if not compared else tuple(m for m in FLOWS + BALANCES if told(m, wanted))
            for level in ("movements", "ledger"):
                assert opened(made, metrics, period, level, currency="native", **cut) == wanted, (cut, level)
            compared += len(wanted)
    assert compared > 10


@pytest.mark.parametrize("cut", [c for c in CUTS if "A" not in str(c)], ids=str)
def test_rows_add_up_to_each_cell_of_a_reporting_currency(tmp_path: Path, cut: dict[str, Any]) -> None:
    made = store(tmp_path, "two_currencies_in_one")
    metrics = (*FLOWS, *BALANCES, "fx")
    for period in TOLD["two_currencies_in_one"]:
        wanted = cells(made, metrics, start=period, end=period, currency="USD", **cut)
        some = metrics if cut == CUTS[0] else tuple(m for m in metrics if told(m, wanted))
        assert opened(made, some, period, "movements", currency="USD", **cut) == wanted, period


def test_a_transfer_opens_to_what_left_and_what_came(tmp_path: Path) -> None:
    made = store(tmp_path, "review_09_products")
    rows = made.explain("transfer", "2026-03", segment="product").to_dicts()
    assert [(r["account_id"], r["segment"], r["amount"], r["by_plan"], r["by_product"]) for r in rows] == [
        ("x", "A", -100, -100, 0),
        ("x", "C", 100, 100, 0),
    ]
    (grown,) = made.explain("expansion", "2026-03", segment="product", where=["product=C"]).to_dicts()
    assert (grown["account_id"], grown["amount"]) == ("x", 50)
    ledger = made.explain("expansion", "2026-03", level="ledger", where=["product=C"]).to_dicts()
    assert sorted((r["item_id"], r["delta"], r["rule"]) for r in ledger) == [("", -100, "transfer"), ("k", 150, "swap")]
    (source,) = made.explain("expansion", "2026-03", level="sources", where=["product=C"]).to_dicts()
    assert source["row"].startswith("x,s,k,C")


def test_drivers_of_a_segment_add_up(tmp_path: Path) -> None:
    made = store(tmp_path, "review_09_products")
    shown = made.expansion(start="2026-03", end="2026-03", segment="product").to_dicts()
    for by in ("by_product", "by_plan", "by_add_on", "by_other"):
        for level in ("movements", "ledger"):
            rows = made.explain(by, "2026-03", level=level, segment="product").to_dicts()
            for cell in shown:
                assert sum(r[by] for r in rows if r["segment"] == cell["segment"]) == cell[by], (by, level)


@pytest.mark.parametrize("currency", ["native", "USD"])
@pytest.mark.parametrize("cut", [{"segment": "tier"}, {"segment": "product"}, {"where": ["tier=SMB"]}], ids=str)
def test_retention_opens_to_the_accounts_that_stood_there(tmp_path: Path, cut: dict[str, Any], currency: str) -> None:
    made = store(tmp_path, "two_currencies_in_one")
    shown = made.retention(1, start="2024-03", end="2024-04", currency=currency, **cut).to_dicts()
    compared = 0
    for cell in shown:
        table = made.explain(
            "ndr_1", f"{cell['window_end']:%Y-}{cell['window_end'].month - 1:02}", currency=currency, **cut
        )
        rows = [
            r for r in table.to_dicts()
            if (r["currency"], r.get("segment", "")) == (cell["currency"], cell.get("segment", ""))
        ]  # fmt: skip
        if cell["opening"]:
            assert sum(r["before"] for r in rows) == cell["opening"]
            assert sum(r["after"] for r in rows) == cell["opening"] + sum(
                cell[c] for c in ("expansion", "contraction", "churn")
            )
            compared += 1
    assert compared
    assert made.explain("ndr_1", "2024-03", level="ledger", currency=currency, **cut).rows


@pytest.mark.parametrize(("case", "period"), [("review_09_products", "2026-03"), ("review_09_products", "2026-04")])
def test_what_accounts_have_in_each_product_opens(tmp_path: Path, case: str, period: str) -> None:
    made = store(tmp_path, case)
    for row in made.retention(1, product=True, start=period, end=period).to_dicts():
        if row["ndr"] is None:
            continue
        of = {"segment": row["product"], "currency": row["currency"]}
        accounts, ledger = (
            [r for r in made.explain("ndr_1", period, level=level, product=True).to_dicts() if of.items() <= r.items()]
            for level in ("movements", "ledger")
        )
        assert sum(r["before"] for r in accounts) == row["opening"]
        assert sum(r["after"] for r in accounts) == row["closing"]
        assert sum(r["delta"] for r in ledger) == row["closing"] - row["opening"]
    assert made.explain("ndr_1", period, product=True, level="sources").to_dicts()
    with pytest.raises(Misuse, match="unknown-metric"):
        made.explain("expansion", period, product=True)
