"""Corrections outrank everything: states of files, and ready-made changes (definitions.md section 2)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import rollforward as rf

STATES = "account_id,subscription_id,item_id,plan,start_date,end_date,amount,currency,status\n"
CHANGES = "account_id,subscription_id,item_id,occurred_at,delta,currency\n"


def told(store: rf.Store, folder: Path, text: str, correction: bool = False) -> list[Decimal]:
    """Imports `text`; closing MRR of January, February and March 2025."""
    path = folder / "told.csv"
    path.write_text(text)
    store.import_(path, correction=correction)
    assert store.check().rows == []
    rows = store.mrr(start="2025-01", end="2025-03").to_dicts()
    return [Decimal(str(r["closing"])) for r in rows]


def test_a_correction_outranks_change_rows(tmp_path: Path) -> None:
    store = rf.open(tmp_path / "store")
    assert told(store, tmp_path, CHANGES + "A,s,i1,2025-01-01,100,EUR\nA,s,i1,2025-02-01,20,EUR\n") == [100, 120, 120]
    # What a file says of an item with change rows does not count.
    assert told(store, tmp_path, STATES + "A,s,i1,p,2025-01-01,,55,EUR,active\n") == [100, 120, 120]
    # It was 70 in January; February's change still leads to 120.
    assert told(store, tmp_path, STATES + "A,s,i1,p,2025-01-01,2025-02-01,70,EUR,active\n", True) == [70, 120, 120]
    # The item never was.
    assert told(store, tmp_path, STATES + "A,s,i1,p,2025-01-01,,70,EUR,void\n", True) == []


def test_a_correction_outranks_a_later_file(tmp_path: Path) -> None:
    store = rf.open(tmp_path / "store")
    assert told(store, tmp_path, STATES + "A,s,i1,p,2025-01-01,,70,EUR,active\n", True) == [70, 70, 70]
    assert told(store, tmp_path, STATES + "A,s,i1,p,2025-01-01,,100,EUR,active\n") == [70, 70, 70]
