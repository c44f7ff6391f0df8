"""What a link, and taking it back, would do to MRR, churn and NDR, told before anything is written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rollforward import api
from rollforward.answers.effect import Effect
from rollforward.errors import Misuse

SUBSCRIPTIONS = """\
subscription_id,account_id,plan,amount,currency,start_date,end_date
s1,old,pro,100.00,USD,2024-01-01,2025-06-15
s2,new,pro,120.00,USD,2025-06-15,
s3,else,pro,50.00,USD,2024-01-01,
"""


def window(seen: Effect) -> tuple[object, ...]:
    (row,) = seen.windows.rows
    return row


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.relative_to(folder).parts[0] != "built"}


def test_a_link_takes_churn_away_and_lifts_ndr(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SUBSCRIPTIONS, encoding="utf-8")
    store = api.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv", trust_valid_time=True, coverage="..2026-01-01")
    had = files(store.path)

    seen = store.effect_of_link("old", "new")
    assert files(store.path) == had and store.version() == 1
    # 150 at the end of 2024: old's 100 are lost, or are new's 120 a year later
    wanted = (date(2026, 1, 1), "USD", Decimal(150), Decimal(-100), 50 / 150, Decimal(150), Decimal(0), 170 / 150)
    assert window(seen) == pytest.approx(wanted)
    june = next(r for r in seen.months.to_dicts() if r["period"] == date(2025, 6, 1))
    assert (june["difference"], june["churn_before"], june["churn_after"]) == (0, -100, 0)
    assert seen.changed == 0

    store.link("old", "new")
    undone = store.effect_of_link("old", "new", is_undo=True)
    assert window(undone) == pytest.approx((*wanted[:2], *wanted[5:], *wanted[2:5]))
    assert store.retention(12, start="2025-12", end="2025-12").to_dicts()[0]["ndr"] == pytest.approx(170 / 150)
    for wrong in (("old", "old"), ("nobody", "new")):
        with pytest.raises(Misuse):
            store.effect_of_link(*wrong)
    assert not list(store.path.glob(".trial-*"))
