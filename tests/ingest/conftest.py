"""A shop: a store to import small files into, and questions about what was written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rollforward.ingest import ImportOptions, ImportReport, import_files
from rollforward.store import FactStore

STATE = """select s.subscription_id, s.item_id, s.part, i.valid_from::date::varchar, i.valid_to::date::varchar,
  i.replaces_from::date::varchar, i.status, i.amount, i.recorded_at::date::varchar, i.source_kind
from item_state i join item s using (item_key) order by all"""


class Shop:
    """Imports by text; `now` is the clock of every import, a day later each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = FactStore.open(folder / "store", create=True)
        self.days = 0

    def file(self, text: str, name: str = "subs.csv") -> Path:
        path = self.folder / name
        lines = [line.strip() for line in text.strip().splitlines()]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def add(self, text: str, name: str = "subs.csv", **options: Any) -> ImportReport:
        self.days += 1
        options.setdefault("now", datetime(2026, 10, self.days))
        return import_files(self.store, [self.file(text, name)], ImportOptions(**options))

    def rows(self, sql: str = STATE, **at: Any) -> list[tuple[Any, ...]]:
        con = duckdb.connect()
        self.store.attach(con, **at)
        return con.execute(sql).fetchall()

    def counts(self) -> dict[str, int]:
        tables = ("commit", "source_file", "account", "item", "item_state", "mrr_event", "account_attribute", "problem")
        return {t: self.rows(f'select count(*) from "{t}"')[0][0] for t in tables}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)
