"""A file as given → plain UTF-8 text (or Parquet), its hash, size and line count; or why it cannot be read."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rollforward.errors import Misuse
from rollforward.sources.mapping import Mapping

_BLOCK = 4 << 20
_MAGIC = (
    (b"PK\x03\x04", "xlsx or zip"), (b"%PDF", "pdf"), (b"\xd0\xcf\x11\xe0", "xls"), (b"SQLite format 3", "sqlite"),
    (b"\x89PNG", "png"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"), (b"ORC", "orc"),
)  # fmt: skip


@dataclass(frozen=True)
class TextFile:
    """A file ready to be read. `path` is the original, or an unpacked or transcoded copy in UTF-8.

    `lines` counts physical lines; `plain` is False where bare carriage returns make that count unsafe.
    """

    name: str
    path: Path
    format: str
    sha256: str
    bytes: int
    lines: int = 0
    plain: bool = True


@dataclass
class _Count:
    lines: int = 0
    returns: int = 0
    pairs: int = 0
    last: bytes = b"\n"

    def add(self, block: bytes) -> None:
        self.lines += block.count(b"\n")
        if returns := block.count(b"\r"):
            self.returns += returns
            self.pairs += block.count(b"\r\n")
        if self.last == b"\r" and block[:1] == b"\n":
            self.pairs += 1
        self.last = block[-1:]


def open_file(path: Path, mapping: Mapping, folder: Path) -> TextFile:
    """Read the file once: hash, count lines, check or change its encoding; copies go to `folder`.

    Misuse: `no-such-file`, `is-directory`, `not-readable`, `empty-file`, `binary-file`, `bad-gzip`, `not-utf8`,
    `unknown-encoding`, `bad-encoding`, `not-json-lines`.
    """
    name = path.name
    if path.is_dir():
        raise Misuse("is-directory", file=str(path))
    try:
        with path.open("rb") as source:
            head = source.read(4096)
            if not head:
                raise Misuse("empty-file", file=name)
            if head[:4] == b"PAR1":
                return _parquet(name, path, source, head)
            if head[:2] == b"\x1f\x8b":
                return _unpack(name, path, mapping, folder)
            return _text(name, path, source, head, mapping, folder)
    except FileNotFoundError as error:
        raise Misuse("no-such-file", file=str(path)) from error
    except OSError as error:
        raise Misuse("not-readable", file=str(path), detail=error.strerror or str(error)) from error


def _parquet(name: str, path: Path, source: IO[bytes], head: bytes) -> TextFile:
    digest, size = hashlib.sha256(head), len(head)
    while block := source.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return TextFile(name, path, "parquet", digest.hexdigest(), size)


def _unpack(name: str, path: Path, mapping: Mapping, folder: Path) -> TextFile:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
    copy = folder / "unpacked"
    try:
        with gzip.open(path, "rb") as packed, copy.open("wb") as out:
            while block := packed.read(_BLOCK):
                out.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Misuse("bad-gzip", file=name, detail=str(error)) from error
    with copy.open("rb") as source:
        head = source.read(4096)
        if not head:
            raise Misuse("empty-file", file=name)
        if head[:4] == b"PAR1":
            return TextFile(name, copy, "parquet", digest.hexdigest(), size)
        inner = _text(name, copy, source, head, mapping, folder)
    return TextFile(name, inner.path, inner.format, digest.hexdigest(), size, inner.lines, inner.plain)


def _text(name: str, path: Path, source: IO[bytes], head: bytes, mapping: Mapping, folder: Path) -> TextFile:
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise Misuse("binary-file", file=name, what=what)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith((b"<!doctype", b"<html")):
        raise Misuse("web-page", file=name)
    encoding = mapping.encoding
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding = "utf-16"
    elif not encoding and b"\x00" in head:
        raise Misuse("binary-file", file=name, what="bytes that are no text")
    try:
        # Python knows Windows code pages as cp874, people as windows-874
        encoding = codecs.lookup(re.sub(r"(?i)^windows-(?=8)", "cp", encoding or "utf-8")).name
    except LookupError as error:
        raise Misuse("unknown-encoding", mapping=mapping.file, line=mapping.line("encoding"), value=encoding) from error
    source.seek(0)
    digest, size, count = hashlib.sha256(), 0, _Count()
    if encoding in ("utf-8", "ascii", "utf-8-sig"):
        decoder, pending = codecs.getincrementaldecoder("utf-8")(), False
        while block := source.read(_BLOCK):
            digest.update(block)
            if pending or not block.isascii():
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    # the decoder's position counts from bytes that it kept from the block before
                    kept = len(error.object) - len(block)
                    at = size - kept + error.start
                    raise Misuse("not-utf8", file=name, position=at, byte=f"{error.object[error.start]:02x}") from error
                pending = bool(decoder.getstate()[0])
            size += len(block)
            count.add(block)
        if pending:
            raise Misuse("not-utf8", file=name, position=size - 1, byte="")
        clean = path
    else:
        clean = folder / "transcoded"
        with clean.open("wb") as out:
            for text, block, at in _decoded(source, encoding, name):
                digest.update(block)
                size = at
                data = text.encode("utf-8")
                out.write(data)
                count.add(data)
        with clean.open("rb") as copy:
            head = copy.read(4096)
    body = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not body and size <= len(head):
        raise Misuse("empty-file", file=name)
    plain_name = name.lower().removesuffix(".gz")
    jsonl = plain_name.endswith((".jsonl", ".ndjson", ".json")) or body.startswith(b"{")
    if jsonl and body.startswith(b"["):
        raise Misuse("not-json-lines", file=name)
    lines = count.lines + (count.last != b"\n")
    plain = count.returns == count.pairs
    return TextFile(name, clean, "jsonl" if jsonl else "csv", digest.hexdigest(), size, lines, plain)


def _decoded(source: IO[bytes], encoding: str, name: str) -> Iterator[tuple[str, bytes, int]]:
    """(text, bytes, bytes so far) of each block."""
    decoder, size = codecs.getincrementaldecoder(encoding)(), 0
    while True:
        block = source.read(_BLOCK)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            at = max(size - (len(error.object) - len(block)) + error.start, 0)
            raise Misuse("bad-encoding", file=name, encoding=encoding, position=at) from error
        size += len(block)
        yield text.removeprefix("\ufeff") if size == len(block) else text, block, size
        if not block:
            return
