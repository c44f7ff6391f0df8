"""Fetches scripts and fonts from npm as two locks pin them, the application's and its tests': `make vendor`.

A lock names each package's version, npm's integrity of its tarball, and every file taken from it with its place in
the tree and its sha256. `--pin` writes the integrity and the sha256 of what it fetched into the lock; without it a
difference ends the run and nothing is written. Needs `npm` and Python only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "tools" / "vendor.lock"
PLACE = ROOT / "src" / "rollforward" / "web" / "static" / "vendor"
LOCKS = {LOCK: PLACE, ROOT / "tools" / "vendor-tests.lock": ROOT / "tests" / "web" / "vendor"}
"""What each lock fills; the tests' folder is in no wheel."""

Lock = dict[str, Any]


def faults(lock: Lock, place: Path) -> list[str]:
    """Files that are missing, that differ from the lock, or that the lock does not name."""
    pinned = {f["to"]: f["sha256"] for package in lock.values() for f in package["files"].values()}
    there = {p.relative_to(place).as_posix(): p for p in place.rglob("*") if p.is_file()}
    found = [f"{name}: missing" for name in sorted(pinned.keys() - there.keys())]
    found += [f"{name}: not in the lock" for name in sorted(there.keys() - pinned.keys())]
    both = sorted(pinned.keys() & there.keys())
    return found + [
        f"{name}: not what the lock says" for name in both if _sha256(there[name].read_bytes()) != pinned[name]
    ]


def fetch(lock: Lock, pin: bool) -> dict[str, bytes]:
    """Every file of the lock by its place; `pin` brings the lock up to date, otherwise a difference is an error."""
    out: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, package in lock.items():
            ball = _tarball(f"{name}@{package['version']}", Path(folder))
            integrity = "sha512-" + base64.b64encode(hashlib.sha512(ball.read_bytes()).digest()).decode()
            _check(f"{name}: integrity", package, "integrity", integrity, pin)
            with tarfile.open(ball) as tar:
                for source, file in package["files"].items():
                    member = tar.extractfile(f"package/{source}")
                    assert member is not None, f"{name} has no {source}"
                    data = _made_ready(source, file["to"], member.read())
                    _check(f"{file['to']}: sha256", file, "sha256", _sha256(data), pin)
                    out[file["to"]] = data
    return out


def _tarball(spec: str, folder: Path) -> Path:
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), spec]
    return folder / subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]


def _check(what: str, holder: Lock, key: str, found: str, pin: bool) -> None:
    if pin:
        holder[key] = found
    elif holder.get(key) != found:
        sys.exit(f"vendor: {what} is {found}, its lock says {holder.get(key)}")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _made_ready(source: str, to: str, data: bytes) -> bytes:
    if to.endswith(".ttf") and source.endswith(".woff"):
        return _unpacked(data)
    if to.endswith(".js"):
        data = re.sub(rb"\n//# sourceMappingURL=\S+\s*$", b"\n", data)
        # A bare name means nothing to a browser; vega exports what the interpreter wants of vega-util.
        data = re.sub(rb"import (\{[^}]*\}) from 'vega-util';", rb"const \1 = globalThis.vega;", data)
    return data


def _unpacked(woff: bytes) -> bytes:
    """The TrueType font inside a WOFF 1.0 file: the same tables, no longer compressed (npm has no TTF of this font)."""
    flavour, count = struct.unpack(">4x4s4xH", woff[:14])
    entries = [struct.unpack(">4sIIII", woff[44 + 20 * i : 64 + 20 * i]) for i in range(count)]
    power = 1 << (count.bit_length() - 1)
    head = struct.pack(">4sHHHH", flavour, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    place, directory, body = 12 + 16 * count, b"", b""
    for tag, offset, packed, length, checksum in entries:
        table = woff[offset : offset + packed]
        table = zlib.decompress(table) if packed < length else table
        directory += struct.pack(">4sIII", tag, checksum, place + len(body), length)
        body += table + b"\0" * (-length % 4)
    return head + directory + body


def main() -> None:
    """Bring the folders of vendored files in line with their locks."""
    for path, place in LOCKS.items():
        lock: Lock = json.loads(path.read_text(encoding="utf-8"))
        files = fetch(lock, pin="--pin" in sys.argv[1:])
        for old in [p for p in place.rglob("*") if p.is_file() and p.relative_to(place).as_posix() not in files]:
            old.unlink()
        for name, data in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        path.write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(files)} files, {sum(map(len, files.values())) // 1024} kB")


if __name__ == "__main__":
    main()
