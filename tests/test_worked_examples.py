"""Worked numbers of hosted systems, from their own pages, asked of the product under the profile of that system.

The page lies beside the clone (`../shared/examples/worked_examples.md`). A row that cannot be asked is skipped and
says why: no profile ships for its rule set, its input is no fact, or the profile names the rule in `not_reproduced`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import REAL_DATA
from product import Asked, policy_file, store_of
from reference import File
from rollforward import policy
from worked_examples import PROFILES, Movement, NotAFact, Page, Scalar, files_of, of_variant, price_of, read

FILE = REAL_DATA.parent / "examples" / "worked_examples.md"
PAGE = read(FILE) if FILE.is_file() else Page()

OUT_OF_REACH = {
    ("W03", "cm", "2016-04-01"): "follows the prorated invoice before it",
    ("W23", "cm_unmerged", "2022-06-01"): "two customers of one name are one account id here",
    ("W25", "rc", "2024-02-15"): "whether the month closed at 0 hangs on the hour in which 31 January's end was booked",
    ("W29", "plan_view", "2024-04-01"): "movements by plan",
}
"""Rows whose meaning no setting has, each for itself."""


@pytest.mark.real
def test_the_page_is_there(real_data: Path) -> None:
    assert len(PAGE.movements) > 40 and len(PAGE.scalars) > 30 and len(PAGE.events) > 40


@pytest.mark.parametrize("row", PAGE.scalars, ids=lambda r: f"{r.id}-{r.profile}")
def test_scalar(row: Scalar, real_data: Path, tmp_path: Path) -> None:
    try:
        known = price_of(row)
    except NotAFact as reason:
        pytest.skip(str(reason))
    asked = ask(row.profile, [File("subscriptions", (known,), datetime(2024, 1, 1))], tmp_path)
    (month,) = asked.mrr(start="2024-01", end="2024-01")
    assert abs(Decimal(month["closing"]) / 100 - Decimal(row.expect)) < Decimal("0.01")


@pytest.mark.parametrize("row", PAGE.movements, ids=lambda r: f"{r.case}-{r.profile}-{r.on}")
def test_movement(row: Movement, real_data: Path, tmp_path: Path) -> None:
    if (row.case, row.profile, str(row.on)) in OUT_OF_REACH:
        pytest.skip(OUT_OF_REACH[row.case, row.profile, str(row.on)])
    try:
        files = files_of(of_variant([e for e in PAGE.events if e.case == row.case], row), row.variant)
    except NotAFact as reason:
        pytest.skip(str(reason))
    asked = ask(row.profile, files, tmp_path)
    # Recurly's windows are months, and Chargebee shows a month's movements on its last day.
    monthly = policy.find(asked.rules_name).netting == "month" or row.profile == "cb"
    width = 7 if monthly else 10
    moved = [
        (str(m["on_date"])[:width], m["movement"], Decimal(m["amount"]) / 100)
        for m in asked.rows("movement")
        if m["account_id"] == row.account and m["movement"] != "opening"
    ]
    on = str(row.on)[:width]
    if row.movement in ("none", "excluded"):
        there = [m for m in moved if m[0][: 7 if row.movement == "excluded" else width] == on[: len(m[0])]]
        assert not there, moved
    else:
        wanted = Decimal(row.amount)
        assert any(m[:2] == (on, row.movement) and abs(m[2] - wanted) < Decimal("0.01") for m in moved), moved


def ask(rules: str, files: list[File], folder: Path) -> Asked:
    """The product under a rule set of the page."""
    if rules not in PROFILES:
        pytest.skip(f"no profile ships for {rules}")
    name, switches = PROFILES[rules]
    shipped = policy.find(name)
    settings = {k: v for k, v in shipped.settings().items() if "." not in k} | switches
    settings["discounts"] = {kind: kind in shipped.discounts for kind in policy.KINDS}
    return Asked(store_of(files, folder), rules=policy_file(settings, folder / "rules.toml"))
