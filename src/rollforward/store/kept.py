"""Imported files as they were given: copy one in while hashing it, and give single rows of it back.

A text file whose lines end in a newline gets an index of (byte, lines before it) every 4 MiB beside it, so that line n
is a seek away. Others (packed, UTF-16, bare carriage returns) are read from their start, as the import read them.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb

from rollforward.errors import StoreError
from rollforward.store import delta

Row = str | dict[str, object]

_BLOCK = 4 << 20
_INDEX = ".lines"
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ASCII = bytes(range(128))
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
    index, size, lines, bare = [(0, 0)], 0, 0, False
    cut = b""  # a \r that ends a block
    target = folder / f"{len(list(folder.iterdir()))}.copy"
    with file.open("rb") as source, target.open("wb") as out:
        while block := source.read(_BLOCK):
            digest.update(block)
            out.write(block)
            text = cut + block
            body = text.removesuffix(b"\r")
            bare = bare or body.count(b"\r") != body.count(b"\r\n")
            cut = text[len(body) :]
            size += len(block)
            lines += block.count(b"\n")
            index.append((size, lines))
    sha256 = digest.hexdigest()
    if not bare and _is_plain_text(file):
        target.with_name(target.name + _INDEX).write_text(json.dumps(index), encoding="ascii")
    return Kept(f"files/{sha256}{''.join(file.suffixes[-2:])}", sha256, size, target)


def encoding_of(mapping: str) -> str:
    """The encoding that a mapping file's text names, as Python calls it; '' = none."""
    try:
        said = tomllib.loads(mapping).get("format", {}).get("encoding") or ""
        # Python knows Windows code pages as cp874, people as windows-874
        return codecs.lookup(re.sub(r"(?i)^windows-(?=8)", "cp", said)).name if said else ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def rows(file: Path, format: str, lines: set[int], encoding: str = "") -> dict[int, Row]:
    """The rows at these lines (1 = the first line of a text file; for Parquet the row number + 1).

    `encoding` is of text without a byte order mark; '' = utf-8. StoreError `store-damaged`.
    """
    if not file.is_file():
        raise StoreError("store-damaged", table="source_file", file=str(file), detail="missing")
    if format == "parquet":
        return _parquet_rows(file, lines)
    try:
        wanted = sorted(n for n in lines if n > 0)
        read = _text_rows if _index(file) and (not encoding or _is_like_ascii(encoding)) else _read_through
        return dict(read(file, wanted, format == "csv", encoding))
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


def _read_through(file: Path, lines: list[int], csv: bool, encoding: str) -> Iterator[tuple[int, Row]]:
    """Line by line from the start, where \\r alone ends a line too."""
    wanted, last, begun = set(lines), max(lines, default=0), dict[int, list[str]]()
    with ExitStack() as stack:
        source = stack.enter_context(_open(file))
        head = source.read(2)
        source.seek(0)
        encoding = "utf-16" if head in _BOMS else encoding or _encoding(source)
        texts = stack.enter_context(io.TextIOWrapper(source, encoding, "replace", newline=""))
        for number, text in enumerate(texts, 1):
            if number > last and not begun:
                return
            if number in wanted:
                begun[number] = []
            for line, taken in list(begun.items()):
                taken.append(text)
                whole = not csv or sum(t.count('"') for t in taken) % 2 == 0
                if whole or len(taken) == _LONGEST_ROW:
                    yield line, ("".join(taken) if whole else taken[0]).lstrip("\ufeff").rstrip("\r\n")
                    del begun[line]
        yield from ((line, taken[0].rstrip("\r\n")) for line, taken in begun.items())


def _text_rows(file: Path, lines: list[int], csv: bool, encoding: str) -> Iterator[tuple[int, Row]]:
    index = _index(file)
    with file.open("rb") as text:
        encoding = encoding or _encoding(text)
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
        return []


def _open(file: Path) -> IO[bytes]:
    with file.open("rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
    return gzip.open(file, "rb") if packed else file.open("rb")  # type: ignore[return-value]


def _is_like_ascii(encoding: str) -> bool:
    """Whether line ends and quotes can be found before decoding."""
    try:
        return _ASCII.decode(encoding) == _ASCII.decode("ascii")
    except UnicodeDecodeError:
        return False


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
    return head[:2] not in (b"\x1f\x8b", *_BOMS) and head != b"PAR1"
