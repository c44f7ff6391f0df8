"""The beginning of a file: format, encoding, header and first rows, whatever its size."""

from __future__ import annotations

import codecs
import gzip
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import duckdb

from rollforward.errors import Misuse
from rollforward.sources.files import open_file
from rollforward.sources.mapping import Mapping
from rollforward.sources.scan import exact_scan, open_scan

ROWS = 1000
MOST_COLUMNS = 2000

_BYTES = 1 << 20
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PARQUET = b"PAR1"


@dataclass(frozen=True)
class Head:
    """`rows` are up to 1,000 rows of trimmed texts; `encoding` is one that the text needs a mapping for, '' = none."""

    name: str
    format: str
    bytes: int
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, place: int) -> list[str]:
        """The different values of a column, empty ones left out."""
        return list(dict.fromkeys(row[place] for row in self.rows if row[place]))


def look(path: Path, mapping: Mapping) -> Head:
    """Read the first megabyte of a file (of a Parquet file its first rows).

    Misuse: what reading a file raises (`empty-file`, `binary-file`, `bad-gzip`, …), and `too-many-columns-in-header`.
    """
    with tempfile.TemporaryDirectory(prefix="rollforward-") as name, duckdb.connect() as con:
        folder = Path(name)
        near, encoding = _beginning(path, mapping, folder)
        text = replace(mapping, encoding=mapping.encoding or encoding)
        file = open_file(near, text, folder)
        scan = open_scan(con, file, text, folder)
        if len(scan.header) > MOST_COLUMNS:
            raise Misuse("header-too-wide", file=path.name, columns=len(scan.header), most=MOST_COLUMNS)
        if not scan.header:
            raise Misuse("not-json-lines", file=path.name)
        columns = ", ".join(f"trim(coalesce({c}, ''))" for c in scan.texts)
        query = f"select {columns} from {{}} limit {ROWS}"
        try:
            rows = con.execute(query.format(scan.rows)).fetchall()
        except duckdb.InvalidInputException:
            rows = con.execute(query.format(exact_scan(file, scan, folder).rows)).fetchall()
        size = path.stat().st_size
        return Head(path.name, file.format, size, encoding, scan.delimiter, tuple(scan.header), tuple(rows))


def unpacked(path: Path, most: int) -> int:
    """Bytes of a gzip file once unpacked, its own size for any other. Misuse `bad-gzip`, `unpacks-too-large`."""
    with path.open("rb") as source:
        if source.read(2) != b"\x1f\x8b":
            return path.stat().st_size
    size = 0
    try:
        with gzip.open(path, "rb") as packed:
            while block := packed.read(_BYTES):
                size += len(block)
                if size > most:
                    raise Misuse("unpacks-too-large", file=path.name, most=f"{most >> 20}")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Misuse("bad-gzip", file=path.name, detail=str(error)) from error
    return size


def _beginning(path: Path, mapping: Mapping, folder: Path) -> tuple[Path, str]:
    """A file of the same name with the first whole rows in plain text, and the encoding that it seems to be in."""
    try:
        with path.open("rb") as source:
            packed = source.read(4)
        if packed == _PARQUET:
            return path, ""
        with gzip.open(path, "rb") if packed[:2] == b"\x1f\x8b" else path.open("rb") as source:
            head = source.read(_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Misuse("bad-gzip", file=path.name, detail=str(error)) from error
    except OSError:
        return path, ""  # open_file says what it is
    if not head or head[:4] == _PARQUET:
        return path, ""
    cut = len(head) > _BYTES
    encoding = "" if mapping.encoding or head[:2] in _BOMS or b"\x00" in head[:4096] else _guess(head)
    if cut:
        name = "utf-16" if head[:2] in _BOMS else mapping.encoding or encoding or "utf-8"
        with suppress(LookupError):
            head = _whole_rows(head.decode(name, "ignore")).encode(name)
    near = folder / "head" / path.name.removesuffix(".gz")  # DuckDB goes by the name
    near.parent.mkdir()
    near.write_bytes(head)
    return near, encoding


def _whole_rows(text: str) -> str:
    end = text.rfind("\n") + 1
    for _ in range(1000):  # back out of a quoted text that the cut went through
        if text.count('"', 0, end) % 2 == 0:
            break
        end = text.rfind("\n", 0, end - 1) + 1
    return text[: end or len(text)]


def _guess(head: bytes) -> str:
    """'' for UTF-8; else cp874 where most letters are Thai, cp1252 otherwise."""
    with suppress(UnicodeDecodeError):
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return ""
    thai = head.decode("cp874", "replace")
    letters = [c for c in thai if c > "\x7f"]
    # Thai stands in runs of letters, accents of Latin text alone among plain ones
    runs = sum(1 for a, b in pairwise(thai) if "\u0e01" <= a <= "\u0e5b" and "\u0e01" <= b <= "\u0e5b")
    return "cp874" if runs > 0.6 * len(letters) else "cp1252"
