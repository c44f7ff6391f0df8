"""Every table and column has words in docs/tables.md, and the page is what the code says today."""

from __future__ import annotations

from pathlib import Path

from make_tables_doc import PAGE, described, page, stored_tables, wordless

MODEL = """\
-- m: one sentence.
-- grain: a
-- reads: item_state
-- ties: -
select s.item_key as a, -- the item
  {}
from item_state s
"""


def test_tables_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/tables.md is behind: run `make tables`"


def test_every_column_has_words() -> None:
    faults = wordless(described()) + [f"{t.name}.{c.name}" for t in stored_tables() for c in t.columns if not c.doc]
    assert not faults, "no words for " + ", ".join(faults)


def test_column_without_words_is_caught(tmp_path: Path) -> None:
    (tmp_path / "m.sql").write_text(MODEL.format("s.amount, s.amount as b_amount, 1 as frobs"), encoding="utf-8")
    assert wordless(described(tmp_path)) == ["m.frobs"]


def test_words_come_from_the_nearest_place(tmp_path: Path) -> None:
    (tmp_path / "m.sql").write_text(MODEL.format("s.amount -- half of it"), encoding="utf-8")
    (tmp_path / "n.sql").write_text(
        "-- n: x.\n-- grain: a\n-- reads: m\n-- ties: -\nselect m.a, m.amount, 1 as quantity from m"
    )
    assert described(tmp_path)[1].columns["amount"] == "half of it"
    assert wordless(described(tmp_path)) == []
