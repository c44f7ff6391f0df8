"""Writes docs/tables.md: every table and column with its meaning, from schema/ and the models' own text.

    .venv/bin/python tools/make_tables_doc.py           writes the page
    .venv/bin/python tools/make_tables_doc.py --check   exits 1 where the page is behind

A model's column takes its words from its trailing comment, else from column_words.py, else from the nearest table
upstream that has a column of that name, else from any fact table that has one: one name means one thing. `b_x` is x
before the change, `n_x` is x of the next stretch.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from check_sql import header, selected
from column_words import PREFIXES, WORDS
from rollforward import schema

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "src" / "rollforward" / "models"
PAGE = ROOT / "docs" / "tables.md"
FOLDERS = ("ledger", "movements", "metrics", "segments", "closing")


@dataclass(frozen=True)
class Described:
    """One model as the page shows it; a column without words has ''."""

    name: str
    doc: str
    grain: tuple[str, ...]
    reads: tuple[str, ...]
    columns: dict[str, str]


def stored_tables() -> list[schema.Table]:
    """Every table that schema declares, in its order."""
    groups = [v for v in vars(schema).values() if isinstance(v, tuple) and v and isinstance(v[0], schema.Table)]
    return list({t.name: t for group in groups for t in group}.values())


def described(folder: Path = MODELS) -> list[Described]:
    """The models of a folder, those of one subfolder together, with words found as the module's text says."""
    files = sorted(folder.rglob("*.sql"), key=lambda p: (_place(p.parent.name), p.stem))
    # Once periods are closed, models of folder closing stand in for others of their name, with the same columns.
    twice = {p.stem for p in files if p.parent.name != "closing"}
    files = [p for p in files if p.parent.name != "closing" or p.stem not in twice]
    texts = {p.stem: p.read_text(encoding="utf-8") for p in files}
    heads = {name: header(text, name) for name, text in texts.items()}
    own = {name: dict(selected(text)) for name, text in texts.items()}
    facts = {t.name: {c.name: c.doc for c in t.columns} for t in stored_tables()}

    def upstream(name: str, seen: set[str]) -> Iterator[str]:
        todo = [name]
        while todo:
            for read in heads[todo.pop(0)].reads:
                if read not in seen:
                    seen.add(read)
                    yield read
                    todo += [read] if read in heads else []

    def words(name: str, column: str) -> str:
        if said := own[name].get(column) or WORDS.get(column):
            return said
        for table in (*upstream(name, {name}), *facts):
            if said := (own.get(table) or facts.get(table, {})).get(column):
                return said
        for prefix, says in PREFIXES.items():
            if column.startswith(prefix) and (said := words(name, column.removeprefix(prefix))):
                return says + said
        return ""

    return [Described(n, h.doc, h.grain, h.reads, {c: words(n, c) for c in own[n]}) for n, h in heads.items()]


def _place(folder: str) -> tuple[int, str]:
    return (FOLDERS.index(folder) if folder in FOLDERS else len(FOLDERS), folder)


def wordless(models: list[Described]) -> list[str]:
    """`model.column` for every column whose meaning is written nowhere."""
    return [f"{m.name}.{column}" for m in models for column, said in m.columns.items() if not said]


def page() -> str:
    """The whole text of docs/tables.md."""
    lines = [
        "# Tables",
        "",
        "Made by `tools/make_tables_doc.py` from `src/rollforward/schema/` and the models; do not edit.",
        "Money is in minor units. Losses are negative.",
        "",
        "## Facts: what was said",
    ]
    for table in stored_tables():
        lines += ["", f"### {table.name}", "", table.doc, "", f"Grain: {', '.join(table.grain)}.", ""]
        lines += ["| column | type | meaning |", "| --- | --- | --- |"]
        lines += [f"| {c.name} | {c.type} | {_cell(c.doc)} |" for c in table.columns]
    lines += ["", "## Models: what follows from it"]
    for model in described():
        lines += ["", f"### {model.name}", "", _sentence(model.doc), ""]
        lines += [f"Grain: {', '.join(model.grain)}. Reads: {', '.join(model.reads)}.", ""]
        lines += ["| column | meaning |", "| --- | --- |"]
        lines += [f"| {column} | {_cell(said)} |" for column, said in model.columns.items()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def main() -> int:
    """Writes the page, or with --check says whether it is behind."""
    if sys.argv[1:] == ["--check"]:
        behind = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page()
        print(
            "docs/tables.md is behind: run `make tables`" if behind else "docs/tables.md is up to date", file=sys.stderr
        )
        return int(behind)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
