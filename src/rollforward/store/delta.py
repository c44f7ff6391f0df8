"""One Delta table on a local disk: append rows, list its live files; deltalake's errors become ours.

DuckDB writes the Parquet files (three times as fast as deltalake's writer, in bounded memory); deltalake the log.

Only this module imports deltalake, and only when it needs it: a question answered from built tables does not. It knows
folders and relations, not what the tables mean.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import duckdb

from rollforward.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TYPES = {
    "BIGINT": "long",
    "INTEGER": "integer",
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "timestamp_ntz",
    "DATE": "date",
    "DECIMAL(18,6)": "decimal(18,6)",
    "DECIMAL(28,10)": "decimal(28,10)",
}
_NO_ROOM = re.compile(r"no space left|disk quota|file too large|os error (?:27|28|122)\b|code: (?:27|28|122)\b", re.I)
_NOT_ALLOWED = re.compile(r"permission denied|read-only file system|os error (?:1|13|30)\b|code: (?:1|13|30)\b", re.I)
# deltalake turns a path into a URL and panics or opens another folder on these.
_UNUSABLE = re.compile(r"[\[\]\\]|%[0-9A-Fa-f]{2}")

_SCRATCH: list[duckdb.DuckDBPyConnection] = []
"""The database behind `scratch`, once there is one."""
_STARTING = threading.Lock()


def check_path(path: Path) -> None:
    """Refuse a folder whose name Delta cannot address; StoreError `store-path`."""
    found = _UNUSABLE.search(str(path.absolute()))
    if found:
        raise StoreError("store-path", path=str(path), found=found.group())


@contextmanager
def writes(path: Path) -> Iterator[None]:
    """Turn failures to write below `path` into StoreError `cannot-write`: disk-full, permission or other."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (OSError, DeltaError, duckdb.Error) as err:
        number = err.errno if isinstance(err, OSError) else None
        if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or _NO_ROOM.search(str(err)):
            reason = "disk-full"
        elif number in (errno.EACCES, errno.EPERM, errno.EROFS) or _NOT_ALLOWED.search(str(err)):
            reason = "permission"
        elif isinstance(err, duckdb.Error):
            raise  # a fault of a query, not of the disk
        else:
            reason = "other"
        raise StoreError("cannot-write", path=str(path), reason=reason, detail=str(err)) from err


@dataclass(frozen=True)
class Live:
    """One file of a table's newest state: the commit_id of its rows and their number, as the log says; -1 if not."""

    path: Path
    commit: int
    rows: int


def append(
    folder: Path, con: duckdb.DuckDBPyConnection, sql: str, types: dict[str, str], first: int
) -> tuple[int, str]:
    """Add the rows of a query as one file and one Delta commit, making the table if it is absent.

    Returns their number and the file's sha256, which is also in its name; 0 and '' if there are no rows, and no file.
    `types` are DuckDB's, by column. `first` is the value of the first column in every row.
    """
    from deltalake import DeltaTable, Field, Schema
    from deltalake.schema import PrimitiveType
    from deltalake.transaction import AddAction

    schema = Schema([Field(name, PrimitiveType(_TYPES[type])) for name, type in types.items()])
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"part-{uuid4()}.parquet"
    copied = con.execute(f"copy ({sql}) to {quoted(str(file))} (format parquet, compression zstd)").fetchall()
    rows = int(copied[0][0])
    if not rows:
        file.unlink()
        return 0, ""
    digest = sha256(file)
    file = file.rename(folder / f"part-{digest}.parquet")
    column = next(iter(types))
    bounds = {"minValues": {column: first}, "maxValues": {column: first}, "nullCount": {column: 0}}
    size, changed = file.stat().st_size, file.stat().st_mtime_ns // 1_000_000
    add = AddAction(file.name, size, {}, changed, True, json.dumps({"numRecords": rows, **bounds}))
    uri = str(folder.absolute())
    table = DeltaTable(uri) if exists(folder) else DeltaTable.create(uri, schema)
    table.create_write_transaction([add], "append", schema)
    return rows, digest


def sha256(file: Path) -> str:
    """Of a file's bytes; OSError."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def hash_in(file: Path) -> str:
    """The sha256 that `append` put in the name of the file."""
    return file.stem.removeprefix("part-")


def exists(folder: Path) -> bool:
    """True once a first commit of the table is complete (a writer killed before that leaves no table)."""
    log = folder / "_delta_log"
    return log.is_dir() and any(p.suffix == ".json" or p.name == "_last_checkpoint" for p in log.iterdir())


def files(folder: Path) -> list[Path]:
    """Parquet files of the table's newest state, as `live` gives them."""
    return [file.path for file in live(folder)]


def live(folder: Path, column: str = "commit_id") -> list[Live]:
    """Files of the table's newest state, in order of path; [] if there is no table. `column` has one value a file.

    StoreError `store-damaged` if the log cannot be read, or names a file that is missing or has another size.
    """
    if not exists(folder):
        return []
    found = []
    names, sizes, *counted = _actions(folder, "path", "size_bytes", f"min.{column}", "num_records")
    commits, rows = (values or [None] * len(names) for values in counted)  # a log without statistics
    for name, size, commit, count in zip(names, sizes, commits, rows, strict=True):
        file = folder / str(name)
        if not file.is_file() or file.stat().st_size != size:
            raise StoreError("store-damaged", table=folder.name, file=str(file), detail="missing or cut short")
        found.append(Live(file, _number(commit), _number(count)))
    return sorted(found, key=lambda f: f.path)


def highest(folder: Path, column: str) -> int:
    """Largest value of a BIGINT column from the log's statistics alone; 0 if there is no table."""
    if not exists(folder):
        return 0
    (values,) = _actions(folder, f"max.{column}")
    return max((int(str(v)) for v in values), default=0)


def newest_log(folder: Path) -> str:
    """Name of the last file of the table's log, '' if there is no table; changes with every commit."""
    log = folder / "_delta_log"
    return max((p.name for p in log.iterdir() if p.suffix == ".json"), default="") if log.is_dir() else ""


def _actions(folder: Path, *columns: str) -> list[list[object]]:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        table = DeltaTable(str(folder.absolute())).get_add_actions(flatten=True)
        names = table.schema.names
        return [_values(table.column(c)) if c in names else [] for c in columns]
    except (DeltaError, OSError, ValueError) as err:
        raise StoreError(
            "store-damaged", table=folder.name, file=str(folder / "_delta_log"), detail=str(err).splitlines()[0]
        ) from err


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _values(column: Any) -> list[object]:
    return [value.as_py() for value in column]


def scan(paths: Iterable[Path]) -> str:
    """SQL table function over exactly these Parquet files (names quoted, glob characters escaped)."""
    return f"read_parquet([{', '.join(_literal(p) for p in paths)}], union_by_name = true)"


def _literal(path: Path) -> str:
    text = re.sub(r"[*?]", lambda m: f"[{m.group()}]", str(path.absolute()))
    return quoted(text)


def scratch() -> duckdb.DuckDBPyConnection:
    """A connection for a few rows, with temporary tables of its own. To start a database takes longer than most of
    what is asked of one, so a process has one for all of them; another once a fault has made it unusable."""
    with _STARTING:
        if _SCRATCH:
            with suppress(duckdb.Error):
                found = _SCRATCH[0].cursor()
                found.execute("select 1").fetchall()
                return found
        # files are read anew each time: what was damaged since is to be seen
        _SCRATCH[:] = [duckdb.connect(config={"enable_external_file_cache": False})]
        return _SCRATCH[0].cursor()


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
