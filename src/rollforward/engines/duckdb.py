"""DuckDB, in memory: a connection set up for this machine, and the few verbs that build.py needs; no metric words."""

from __future__ import annotations

import os
import re
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from rollforward.engines import Facts
from rollforward.errors import DoesNotTie, ServiceError, StoreError

MEMORY_LIMIT = "2GB"
"""Larger-than-memory steps spill to the temporary folder."""

_MAKING: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""Whose turn it is, by the file that is made."""


def quote(text: str) -> str:
    """`text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


class Engine:
    """One in-memory database; a statement's rows are always fetched before the next one runs."""

    def __init__(self, temp: Path | None = None, memory_limit: str = MEMORY_LIMIT) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": os.environ.get("ROLLFORWARD_MEMORY", memory_limit),
            "preserve_insertion_order": "false",
        }
        if temp is not None:
            config["temp_directory"] = str(temp)
        self._made_with = (temp, memory_limit)
        self._kinds: dict[str, str] = {}
        self.con = duckdb.connect(config=config)

    def beside(self) -> Engine:
        """Another database."""
        return Engine(*self._made_with)

    def run(self, sql: str, params: Sequence[object] | None = None) -> list[tuple[object, ...]]:
        """Rows of one statement. Raises StoreError or DoesNotTie with what the engine said."""
        try:
            cursor = self.con.execute(sql, params) if params is not None else self.con.execute(sql)
            return cursor.fetchall() if cursor.description else []
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise DoesNotTie("amounts-too-large", detail=str(error).splitlines()[0]) from error
        except duckdb.InterruptException as error:
            raise ServiceError("interrupted") from error
        except duckdb.OutOfMemoryException as error:
            raise StoreError("out-of-memory", detail=str(error).splitlines()[0]) from error
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
            raise _unreachable(sql, str(error).splitlines()[0]) from error

    def interrupt(self) -> None:
        """Ends the running statement, from another thread; `run` raises ServiceError `interrupted` there."""
        self.con.interrupt()

    def arrays(self, sql: str) -> dict[str, Any]:
        """Columns of one statement as NumPy arrays."""
        return self.con.execute(sql).fetchnumpy()

    def view(self, name: str, sql: str) -> None:
        """Names a select."""
        self._as("view", name, sql)

    def step(self, name: str, sql: str, few: bool) -> None:
        """Names a select that several others read. Of many rows, what another does not need is never worked out; few
        are kept, since the text of a view is planned anew inside each select that reads it."""
        self._as("table" if few else "view", name, sql)

    def keep(self, name: str, sql: str) -> None:
        """Names the rows that a select has now."""
        self._as("table", name, sql)

    def _as(self, kind: str, name: str, sql: str, params: Sequence[object] | None = None) -> None:
        if self._kinds.get(name, kind) != kind:  # one does not replace the other
            self.run(f'drop {self._kinds[name]} "{name}"')
        self.run(f'create or replace temp {kind} "{name}" as {sql}', params)
        self._kinds[name] = kind

    def table(self, name: str, columns: Mapping[str, Sequence[object]], types: Sequence[str]) -> None:
        """Names rows given as columns of equal length."""
        picks = ", ".join(f'unnest(cast(? as {t}[])) as "{c}"' for c, t in zip(columns, types, strict=True))
        self._as("table", name, f"select {picks}", list(columns.values()))

    def attach(self, facts: Facts, version: int, as_of: datetime | None) -> None:
        """Names every fact table of a store."""
        facts.attach(self.con, version, as_of)

    def view_file(self, name: str, path: Path) -> None:
        """Names a Parquet file."""
        self.view(name, f"select * from read_parquet({quote(str(path))})")

    def store(self, name: str, sql: str, path: Path, order: str = "") -> None:
        """Writes the rows of a select to a Parquet file, whole or not at all, and lets the name mean the file.

        A file that somebody else has made there meanwhile stays: it has the same rows, and whoever reads it may have
        read its footer already. Of several threads of a process one makes it, and the others wait.
        """
        with _MAKING[str(path)]:
            if not path.exists():
                self._write(f"select * from ({sql}\n) order by {order}" if order else sql, path)
        self.view_file(name, path)

    def _write(self, sql: str, path: Path) -> None:
        half = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
        try:
            self.run(f"copy ({sql}\n) to {quote(str(half))} (format parquet, compression snappy)")
            try:
                os.link(half, path)
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                half.replace(path)
        finally:
            half.unlink(missing_ok=True)

    def empty(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """Names columns, each with its type, without any row."""
        picks = ", ".join(f'cast(null as {kind}) as "{column}"' for column, kind in columns)
        self.view(name, f"select {picks} where false")

    def columns(self, name: str) -> list[tuple[str, str]]:
        """(name, type) of a table's or view's columns."""
        return [(str(r[0]), str(r[1])) for r in self.run(f'select column_name, column_type from (describe "{name}")')]


def _unreachable(sql: str, detail: str) -> StoreError:
    """The error of a file that cannot be read, or of the one that a `copy … to` cannot write."""
    if found := re.match(r"copy .* to '([^']*)'", sql, re.DOTALL):
        reason = "disk-full" if re.search(r"no space|too large|quota", detail, re.I) else "other"
        return StoreError("cannot-write", path=found[1], reason=reason, detail=detail)
    return StoreError("cannot-read", where=detail, detail=detail)
