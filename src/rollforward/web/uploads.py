"""Files that were sent and are not imported yet: each in a folder of its own below the store, until it is imported.

    <store>/uploads/<id>/<name as given, made safe>
    <store>/uploads/<id>/mapping.toml           how it is to be read, once somebody has said it
    <store>/uploads/<id>.part/                  being received; what a killed server leaves goes at the next start

A file is written as it comes, never opened as anything but data, and never larger than allowed.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from rollforward.errors import Misuse

FOLDER = "uploads"
MAPPING = "mapping.toml"
_REPLACES = "replaces"
FILES = 20
"""Files of one request."""

_KEPT = 7 * 86_400
_FIELD = 64 * 1024
_ID = re.compile(r"[0-9a-f]{16}")
_UNSAFE = re.compile(r'[\\/:*?"<>|%\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Upload:
    """One file that waits. `replaces`: the import whose kept file it is and whose place it is to take, 0 = none."""

    id: str
    path: Path
    at: float
    replaces: int = 0

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def bytes(self) -> int:
        """Its size."""
        return self.path.stat().st_size

    @property
    def mapping(self) -> Path | None:
        """How it is to be read, if somebody has said it."""
        told = self.path.parent / MAPPING
        return told if told.exists() else None


class Uploads:
    """The files that wait in the store at `store`."""

    def __init__(self, store: Path) -> None:
        self.folder = store / FOLDER
        for half in self.folder.glob("*.part"):
            shutil.rmtree(half, ignore_errors=True)
        for upload in self.all():
            if upload.at < time.time() - _KEPT:
                self.drop(upload.id)

    def all(self) -> list[Upload]:
        """Every file that waits, the latest first."""
        found = [u for p in self.folder.glob("*") if _ID.fullmatch(p.name) and (u := self._of(p))]
        return sorted(found, key=lambda u: (-u.at, u.name))

    def get(self, id: str) -> Upload:
        """One of them. Misuse `no-such-upload`."""
        found = self._of(self.folder / id) if _ID.fullmatch(id) else None
        if found is None:
            raise Misuse("no-such-upload", upload=id)
        return found

    def drop(self, id: str) -> None:
        """Takes a file away; one that is gone already is no error."""
        if _ID.fullmatch(id):
            shutil.rmtree(self.folder / id, ignore_errors=True)

    def say(self, id: str, mapping: str) -> None:
        """Keeps how a file is to be read."""
        place = self.get(id).path.parent
        half = place / f"{secrets.token_hex(4)}.new"
        half.write_text(mapping, encoding="utf-8")
        half.replace(place / MAPPING)

    def take(self, file: Path, name: str, mapping: str, replaces: int) -> Upload:
        """Lets a kept file of an import wait, to be read otherwise and imported in that one's place."""
        id = secrets.token_hex(8)
        part = self.folder / f"{id}.part"
        part.mkdir(parents=True)
        target = part / safe_name(name)
        try:
            target.hardlink_to(file)
        except OSError:
            shutil.copyfile(file, target)
        if mapping:
            (part / MAPPING).write_text(mapping, encoding="utf-8")
        (part / _REPLACES).write_text(str(replaces), encoding="ascii")
        part.replace(self.folder / id)
        return self.get(id)

    async def receive(self, content_type: str, stream: AsyncIterator[bytes], most: int) -> list[Upload]:
        """The files of a form as they arrive. Misuse `bad-upload`, `upload-too-large` (beyond `most` bytes together),
        `no-upload`; then nothing is kept."""
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise Misuse("bad-upload", detail=kind.decode("latin-1") or "-")
        receiving = _Receiving(self.folder)
        try:
            parser = MultipartParser(options[b"boundary"], receiving.callbacks())  # type: ignore[arg-type]
            size = 0
            async for block in stream:
                size += len(block)
                if size > most:
                    raise Misuse("upload-too-large", most=most >> 20)
                parser.write(block)
            parser.finalize()
            return [upload for id in receiving.place() if (upload := self._of(self.folder / id))]
        except MultipartParseError as error:
            raise Misuse("bad-upload", detail=str(error)) from error
        finally:
            receiving.close()

    def _of(self, folder: Path) -> Upload | None:
        with suppress(OSError, ValueError):
            told = folder / _REPLACES
            replaces = int(told.read_text()) if told.exists() else 0
            for path in folder.iterdir():
                if path.name not in (MAPPING, _REPLACES) and path.suffix != ".new":
                    return Upload(folder.name, path, folder.stat().st_mtime, replaces)
        return None


class _Receiving:
    """The parts of one form: files into folders of their own, fields passed over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[Path] = []
        self._out: BinaryIO | None = None
        self._header = self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._wrote = 0

    def callbacks(self) -> dict[str, object]:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin, "on_header_field": self._field, "on_header_value": self._said,
            "on_header_end": self._header_end, "on_headers_finished": self._open, "on_part_data": self._data,
            "on_part_end": self._end,
        }  # fmt: skip

    def place(self) -> list[str]:
        """Makes the files wait: one rename each. Misuse `no-upload`."""
        if not self._parts:
            raise Misuse("no-upload")
        ids = []
        for part in self._parts:
            part.replace(part.with_suffix(""))
            ids.append(part.stem)
        self._parts = []
        return ids

    def close(self) -> None:
        """Takes away what was not placed."""
        if self._out:
            self._out.close()
        for part in self._parts:
            shutil.rmtree(part, ignore_errors=True)

    def _begin(self) -> None:
        self._headers, self._wrote = {}, 0

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _said(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _open(self) -> None:
        _kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename")
        if not name:  # a field, or a file input that was left empty
            return
        if len(self._parts) == FILES:
            raise Misuse("too-many-files", most=FILES)
        part = self._folder / f"{secrets.token_hex(8)}.part"
        part.mkdir(parents=True)
        self._parts.append(part)
        self._out = (part / safe_name(name.decode("utf-8", "replace"))).open("wb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._out:
            self._out.write(data[start:end])
            return
        self._wrote += end - start
        if self._wrote > _FIELD:
            raise Misuse("bad-upload", detail="field")

    def _end(self) -> None:
        if self._out:
            self._out.close()
        self._out = None


def safe_name(given: str) -> str:
    """The last part of a path as a name that is harmless in every file system; its letters stay as they are."""
    name = re.split(r"[\\/]", unicodedata.normalize("NFC", given))[-1]
    name = _UNSAFE.sub("_", name).strip(" .")
    if not name or _RESERVED.match(name) or name in (MAPPING, _REPLACES) or name.endswith(".new"):
        name = f"file_{name}" if name else "file"
    while len(name.encode()) > 180:
        stem, dot, ending = name.partition(".")
        name = f"{stem[:-1]}{dot}{ending[-20:]}" if len(stem) > 1 else name[-60:]
    return name
