"""What a table is: columns, types, grain; and the columns that many tables share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: name, DuckDB type, and what it holds."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True)
class Table:
    """One table: name, one sentence, grain (columns that name a row), columns."""

    name: str
    doc: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)


def table(name: str, doc: str, grain: str, *columns: tuple[str, str, str]) -> Table:
    """A table from (name, type, doc) of its columns; `grain` is a list of names with spaces between."""
    return Table(name, doc, tuple(grain.split()), tuple(Column(*c) for c in columns))


COMMIT = ("commit_id", "BIGINT", "the commit that wrote the row")
SOURCE = (
    ("source_id", "BIGINT", "the source_file it came from"),
    ("line", "BIGINT", "line in that file (1 = the first line; the row number + 1 for Parquet)"),
)
SAID = (
    ("rank", "INTEGER", "source rank: 1 invoice lines and contracts, 2 files, 3 change rows, 4 objects, 5 corrections"),
    ("recorded_at", "TIMESTAMP", "when we were told, UTC"),
)
TOLD = (COMMIT, *SOURCE, *SAID)
