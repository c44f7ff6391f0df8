"""Where models run: DuckDB, or Spark from the same text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb

from rollforward.schema import Table


class Rows(Protocol):
    """What a store shows of one fact table: the rows of `files` (Parquet) for which `where` holds."""

    @property
    def table(self) -> Table:
        """Its name and columns; a column that a file lacks is NULL."""

    @property
    def files(self) -> Sequence[Path]:
        """None: the table is empty."""

    @property
    def where(self) -> str:
        """Plain SQL that every engine understands."""


class Facts(Protocol):
    """A store, as far as an engine needs it."""

    def attach(self, con: duckdb.DuckDBPyConnection, version: int | None, as_of: datetime | None) -> int:
        """A view of each fact table on a connection."""

    def shown(self, version: int | None, as_of: datetime | None) -> Sequence[Rows]:
        """The same for an engine that reads the files itself."""


class Engine(Protocol):
    """Names selects, in DuckDB's words, and runs them; every engine gives the same rows, columns and types."""

    def beside(self) -> Engine:
        """Another one of the same kind, which knows none of this one's names."""

    def run(self, sql: str, params: Sequence[object] | None = None) -> list[tuple[object, ...]]:
        """Rows of one select."""

    def interrupt(self) -> None:
        """Ends the running statement, from another thread: ServiceError `interrupted` there."""

    def arrays(self, sql: str) -> dict[str, Any]:
        """Columns of one select as NumPy arrays."""

    def view(self, name: str, sql: str) -> None:
        """Names a select."""

    def step(self, name: str, sql: str, few: bool) -> None:
        """Names a select that several others read; an engine may work it out once and keep its rows.

        few: there are few of them.
        """

    def keep(self, name: str, sql: str) -> None:
        """Names the rows that a select has now, whatever the tables that it reads become."""

    def empty(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """Names columns, each with its type, without any row."""

    def table(self, name: str, columns: Mapping[str, Sequence[object]], types: Sequence[str]) -> None:
        """Names rows given as columns of equal length."""

    def view_file(self, name: str, path: Path) -> None:
        """Names a Parquet file. StoreError if it cannot be read."""

    def store(self, name: str, sql: str, path: Path, order: str = "") -> None:
        """Writes the rows of a select to one Parquet file, whole or not at all, and lets the name mean the file.

        order: by which columns rows lie together; an engine may leave them as they come.
        """

    def attach(self, facts: Facts, version: int, as_of: datetime | None) -> None:
        """Names every fact table of a store."""

    def columns(self, name: str) -> list[tuple[str, str]]:
        """(name, DuckDB type) of a table's columns."""
