"""Imported files as they were given: copy one in while hashing it, and give single rows of it back.

A plain text file gets an index of (byte, lines before it) every 4 MiB beside it, so that line n is a seek away.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb

from rollforward.errors import StoreError
from rollforward.store import delta

Row = str | dict[str, object]

_BLOCK = 4 << 20
_INDEX = ".lines"
_LONGEST_ROW = 1000  # physical lines of one CSV row; a stray quote must not return the rest of the file


@dataclass(frozen=True)
class Kept:
    """A file copied into the store. `archive` is its path below the store; `bytes` its size."""

    archive: str
    sha256: str
    bytes: int
    staged: Path

    def place(self, store: Path) -> None:
        """Move the copy to its place; one rename, so a killed writer leaves no half file there."""
        target = store / self.archive
        target.parent.mkdir(parents=True, exist_ok=True)
        index = self.staged.with_name(self.staged.name + _INDEX)
        if index.exists():
            index.replace(target.with_name(target.name + _INDEX))
        self.staged.replace(target)


def copy(file: Path, folder: Path) -> Kept:
    """Copy `file` into `folder` under the name it will have, reading it once."""
    digest = hashlib.sha256()
    index, size, lines = [(0, 0)], 0, 0
    target = folder / f"{len(list(folder.iterdir()))}.copy"
    with file.open("rb") as source, target.open("wb") as out:
        while block := source.read(_BLOCK):
            digest.update(block)
            out.write(block)
            size += len(block)
            lines += block.count(b"\n")
            index.append((size, lines))
    sha256 = digest.hexdigest()
    if _is_plain_text(file):
        target.with_name(target.name + _INDEX).write_text(json.dumps(index), encoding="ascii")
    return Kept(f"files/{sha256}{''.join(file.suffixes[-2:])}", sha256, size, target)


def rows(file: Path, format: str, lines: set[int]) -> dict[int, Row]:
    """The rows at these lines (1 = the first line of a text file; for Parquet the row number + 1)."""
    if not file.is_file():
        raise StoreError("store-damaged", table="source_file", file=str(file), detail="missing")
    if format == "parquet":
        return _parquet_rows(file, lines)
    try:
        return dict(_text_rows(file, sorted(n for n in lines if n > 0), csv=format == "csv"))
    except (OSError, EOFError, UnicodeDecodeError) as err:
        raise StoreError("store-damaged", table="source_file", file=str(file), detail=str(err)) from err


def _parquet_rows(file: Path, lines: set[int]) -> dict[int, Row]:
    con = duckdb.connect()
    numbers = ", ".join(str(n - 2) for n in sorted(lines))
    source = f"{delta.scan([file])[:-1]}, file_row_number = true)"
    columns = "file_row_number + 2, * exclude (file_row_number)"
    result = con.execute(f"select {columns} from {source} where file_row_number in ({numbers})")
    names = [d[0] for d in result.description or []][1:]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in result.fetchall()}


def _text_rows(file: Path, lines: list[int], csv: bool) -> Iterator[tuple[int, Row]]:
    index = _index(file)
    with _open(file) as text:
        encoding = _encoding(text)
        number = 1
        for line in lines:
            number = _seek(text, index, number, line)
            while number < line and text.readline():
                number += 1
            taken = [text.readline()]
            while csv and sum(t.count(b'"') for t in taken) % 2 and len(taken) < _LONGEST_ROW and taken[-1]:
                taken.append(text.readline())
            number += len(taken)
            whole = sum(t.count(b'"') for t in taken) % 2 == 0
            if taken[0]:
                yield line, _decode(b"".join(taken) if whole else taken[0], encoding).rstrip("\r\n")


def _seek(text: IO[bytes], index: list[tuple[int, int]], number: int, line: int) -> int:
    """Jump near `line`; returns the number of the line that the next readline gives."""
    if number > line:  # the row before took more lines than it should have
        text.seek(0)
        number = 1
    at = bisect_right(index, line - 2, key=lambda entry: entry[1]) - 1
    if at <= 0 or index[at][1] + 2 <= number:
        return number
    start, before = index[at]
    text.seek(start)
    text.readline()  # the rest of the line that the block boundary cuts
    return before + 2


def _index(file: Path) -> list[tuple[int, int]]:
    beside = file.with_name(file.name + _INDEX)
    try:
        return [(int(at), int(lines)) for at, lines in json.loads(beside.read_text(encoding="ascii"))]
    except (OSError, ValueError):
        return [(0, 0)]


def _open(file: Path) -> IO[bytes]:
    plain = file.open("rb")
    if plain.read(2) == b"\x1f\x8b":
        plain.close()
        return gzip.open(file, "rb")  # type: ignore[return-value]
    plain.seek(0)
    if plain.read(2) in (b"\xff\xfe", b"\xfe\xff"):
        plain.close()
        return io.BytesIO(file.read_bytes().decode("utf-16").encode("utf-8"))
    plain.seek(0)
    return plain


def _encoding(text: IO[bytes]) -> str:
    """utf-8, or cp1252 if the first megabyte is not; a cut last character does not count."""
    head = text.read(1 << 20)
    text.seek(0)
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig" if head.startswith(b"\xef\xbb\xbf") else "utf-8"


def _decode(row: bytes, encoding: str) -> str:
    try:
        return row.decode(encoding)
    except UnicodeDecodeError:
        return row.decode("cp1252", errors="replace")


def _is_plain_text(file: Path) -> bool:
    with file.open("rb") as source:
        head = source.read(4)
    return head[:2] not in (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff") and head != b"PAR1"
