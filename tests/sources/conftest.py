"""Small files in, staged rows and problems out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rollforward.sources import Request, Staged, stage

NOW = datetime(2026, 11, 22, 12, 0)


@dataclass
class Read:
    con: duckdb.DuckDBPyConnection
    staged: Staged

    def rows(self, columns: str, table: str = "") -> list[tuple[Any, ...]]:
        return self.con.execute(f"select {columns} from {self.staged.table}{table} order by line").fetchall()

    def problems(self, severity: str = "refused") -> list[tuple[int, str, str]]:
        """(line, code, the user's own row) of each problem."""
        query = "select line, code, row from stage_problem where severity = ? order by line, code"
        return self.con.execute(query, [severity]).fetchall()

    def params(self, code: str) -> dict[str, str]:
        found = self.con.execute("select params from stage_problem where code = ?", [code]).fetchall()
        return dict(json.loads(found[0][0]))

    def stakes(self) -> list[tuple[int, str, int, str]]:
        return self.con.execute("select line, code, amount, currency from stage_problem order by line, code").fetchall()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    def run(content: str | bytes, mapping: str = "", name: str = "file.csv", **options: Any) -> Read:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        options.setdefault("now", NOW)
        if mapping:
            (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
            options["mapping"] = tmp_path / "m.toml"
        con = duckdb.connect()
        return Read(con, stage(con, Request(path, **options)))

    return run
