"""What is asked of `stage`, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

BEGINNING = datetime(1, 1, 1)
OPEN_END = datetime(9999, 12, 31)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Request:
    """One file to read. Moments are UTC without zone; `coverage` is [from, to).

    `currency` is the reporting currency of exchange rates that do not name theirs; '' = whichever is asked for.
    `compared`: figures of another tool, one of the kinds `COMPARED`; amounts finer than a minor unit are rounded,
    and equal rows are all read.
    """

    path: Path
    kind: str | None = None
    mapping: Path | None = None
    recorded_at: datetime | None = None
    trusted: bool = False
    snapshot: bool = False
    coverage: tuple[date, date] | None = None
    currency: str = ""
    now: datetime = field(default_factory=_now)
    compared: bool = False


@dataclass(frozen=True)
class Staged:
    """One file read. `table` is a temporary view in the connection, columns as docs/architecture.md says.

    `rows` counts the file's data rows, refused ones included. `has_start_dates` is False only for a sighting
    (docs/decisions/0003). `sha256` and `bytes` are of the file as given, before unpacking or transcoding.
    """

    kind: str
    table: str
    rows: int
    format: str
    sha256: str
    bytes: int
    has_start_dates: bool
    covered_from: datetime
    covered_to: datetime
