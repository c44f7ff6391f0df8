"""Where an answer goes: a readable table, or CSV, JSON and Parquet alone on standard output or in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rollforward import text
from rollforward.cli import render, terminal
from rollforward.errors import Misuse

if TYPE_CHECKING:
    from rollforward.api import Table
    from rollforward.text.view import View

FORMATS = ("table", "csv", "json", "parquet")
FAILING = ("does-not-tie", "missing-rates", "rows-not-read", "unexplained")
"""Notes of answers that are not sound throughout: exit code 1."""

ENDINGS = {"csv": "csv", "json": "json", "parquet": "parquet", "txt": "table", "": "table"}


@dataclass(frozen=True)
class Out:
    """What --format and --output say; without a format the file's ending tells, which is refused if unknown."""

    format: str | None = None
    path: Path | None = None

    def __post_init__(self) -> None:
        if not self.format and self._ending not in ENDINGS:
            known = ", ".join(f".{e}" for e in ENDINGS if e)
            raise Misuse("unknown-option", option="--output", value=str(self.path), known=known)

    @property
    def _ending(self) -> str:
        return self.path.suffix.lstrip(".").lower() if self.path else ""

    @property
    def chosen(self) -> str:
        """One of `FORMATS`."""
        return self.format or ENDINGS[self._ending]

    @property
    def reads(self) -> bool:
        """Whether a person reads the answer on standard output."""
        return self.chosen == "table" and self.path is None


def emit(
    table: Table,
    out: Out,
    view: View | None = None,
    by: str = "month",
    shown: int = 0,
    said: frozenset[str] = frozenset(),
    drawn: Callable[[int], str] | None = None,
) -> int:
    """Write `table` where `out` says, and its notes to standard error but for the codes in `said`.

    Returns the exit code: 1 for an answer that warns that the store does not tie. On a terminal only the first `shown`
    rows (0 = all); `drawn` says how a person sees the table at a width. Raises `Misuse` for Parquet on a terminal
    and for a file that cannot be written.
    """
    if out.chosen == "table":
        width = terminal.width() if out.path is None else 10_000
        limit = shown if out.path is None else 0
        plain = render.table(table, view, by, width, limit) if view else render.plain(table, width)
        write_text(drawn(width) if drawn else plain, out.path)
        said |= {"incomplete-period"}
    elif out.path is not None:
        _file(table, out.path, out.chosen)
    elif out.chosen == "parquet":
        _piped(table)
    else:
        terminal.write(table.to_csv() if out.chosen == "csv" else table.to_json())
    return remarks(table, said)


def remarks(table: Table, said: frozenset[str] = frozenset()) -> int:
    """Say the notes of `table` but for the codes in `said`; 1 for one of those in `FAILING`."""
    for note in table.notes:
        if note.code not in said:
            terminal.say(text.note(note.code, note.params))
    return int(any(note.code in FAILING for note in table.notes))


def write_text(content: str, path: Path | None) -> None:
    """Write a text that a person reads to a file, or on standard output."""
    if path is None:
        terminal.out(content)
        return
    try:
        path.write_text(content + "\n", encoding="utf-8")
    except OSError as err:
        raise Misuse("cannot-write-file", path=str(path), reason=err.strerror or str(err)) from err


def _file(table: Table, path: Path, format: str) -> None:
    try:
        table.write(path, format)
    except OSError as err:
        raise Misuse("cannot-write-file", path=str(path), reason=err.strerror or str(err)) from err


def _piped(table: Table) -> None:
    if sys.stdout.isatty():
        raise Misuse("binary-on-terminal", format="parquet")
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "answer.parquet"
        table.write(path, "parquet")
        terminal.write(path.read_bytes())
