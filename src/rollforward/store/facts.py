"""A store on disk: what it is, its version, and its fact tables as views at a version and a moment.

    <store>/rollforward.json        marker: layout and release
    <store>/counter                 number of the latest attempt to commit, listed or not
    <store>/version.json            highest version seen
    <store>/facts/<table>/          one Delta table each
    <store>/files/                  imported files as they were given
    <store>/lock, <store>/tmp/      one writer at a time; what only the writer at work needs

A row counts if table `commit` lists its commit_id. The row of `commit` is written last, so readers, who read `commit`
first, see whole commits or nothing of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from rollforward import schema
from rollforward.errors import Misuse, NoStore, StoreError
from rollforward.store import delta, kept, marker, proof, version
from rollforward.store.writing import Writing

# Keys stay after their import was retracted: later imports use the same ones.
KEY_TABLES = frozenset({"account", "item", "product", "plan"})


@dataclass(frozen=True)
class Listed:
    """Commits that count at a version and a moment; `wrote` is what they say that they wrote, if they say it."""

    version: int
    aborted: tuple[int, ...]
    retracted: tuple[int, ...]
    wrote: dict[int, proof.Wrote]


@dataclass(frozen=True)
class Rows:
    """What a store shows of one fact table: the rows of `files` for which `where` (plain SQL) holds.

    A file of an earlier release may lack a column; it is NULL then.
    """

    table: schema.Table
    files: tuple[Path, ...]
    where: str


@dataclass(frozen=True)
class KeptFile:
    """A file of an import: its name as given, `path` of the kept copy, and how it was read (see `source_file`)."""

    name: str
    kind: str
    path: Path
    recorded_at: datetime
    trusted: bool
    snapshot: str
    covered_from: datetime
    covered_to: datetime
    mapping: str


class FactStore:
    """A folder of fact tables. Make one with `FactStore.open`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hidden: frozenset[int] = frozenset()
        """Imports that count as never made, in what this object shows (`without`)."""
        self._proof = proof.Proof()
        self._made = self._made_folder = False

    @classmethod
    def open(cls, path: str | os.PathLike[str], create: bool = False) -> FactStore:
        """Open the store at `path`; with `create`, make an empty one if nothing is there.

        NoStore: `no-store` (nothing there), `store-is-file`, `not-a-store` (another folder). StoreError: `store-newer`
        (layout of a later release), `store-damaged` (unreadable marker), `store-path`, `cannot-write`.
        """
        folder = Path(path)
        delta.check_path(folder)
        store = cls(folder)
        if not (folder / marker.MARKER).is_file():
            if folder.is_file():
                raise NoStore("store-is-file", path=str(folder))
            if not marker.is_free(folder):
                raise NoStore("not-a-store", path=str(folder))
            if not create:
                raise NoStore("no-store", path=str(folder))
            store._made, store._made_folder = True, not folder.exists()
            marker.claim(folder)
        marker.check(folder)
        return store

    def without(self, commit_id: int) -> FactStore:
        """The same store for reading, as if one import had never been made."""
        other = FactStore(self.path)
        other.hidden = self.hidden | {commit_id}
        return other

    @contextmanager
    def trial(self) -> Iterator[FactStore]:
        """A store of the same facts to try a change on; it is gone afterwards, and this one is as it was.

        It shares the files of rows (hard links where the disk has them), so it costs little, and lies in the store's
        folder. StoreError `cannot-write`.
        """
        with delta.writes(self.path):
            trial = TemporaryDirectory(prefix=".trial-", dir=self.path)
        with trial as name:
            folder, facts = Path(name), self.path / "facts"
            with delta.writes(self.path):
                # what lists the rows first: what is written meanwhile is then not listed
                for table in sorted((t.name for t in facts.iterdir()), key=lambda t: (t != "commit", t)):
                    shutil.copytree(facts / table, folder / "facts" / table, copy_function=_share)
                for file in (marker.MARKER, "counter"):
                    shutil.copyfile(self.path / file, folder / file)
            yield FactStore(folder)

    @contextmanager
    def tried(self) -> Iterator[None]:
        """If the block fails, take away a store that `open` made and nobody has written to since."""
        try:
            yield
        except BaseException:
            if self._made:
                marker.discard(self.path, self._made_folder)
            raise

    def table_path(self, table: str) -> Path:
        """Folder of one fact table's Delta table; it may not exist yet."""
        return self.path / "facts" / table

    def size(self) -> int:
        """Bytes of all facts on disk."""
        return sum(file.stat().st_size for file in (self.path / "facts").glob("*/*.parquet"))

    def version(self) -> int:
        """Number of the last commit, 0 in an empty store; StoreError `store-damaged` if there were more before."""
        return version.last_commit(self.path)

    def is_empty(self) -> bool:
        """True until something has been committed."""
        return self.version() == 0

    def attach(self, con: duckdb.DuckDBPyConnection, version: int | None = None, as_of: datetime | None = None) -> int:
        """Make a temporary view per fact table in `con`; returns the version that they show.

        The views hold the rows of commits up to `version` (default: the last), less imports retracted by `as_of` (UTC;
        None = now), less rows recorded after it. Keys (account, item, product, plan) and the table `commit` stay whole.
        Misuse `no-such-version`; StoreError `store-damaged`, also if a table is not what the commits wrote.
        """
        listed = self._listed(con, version, as_of)
        for shown in self._rows(listed, as_of):
            _view(con, shown)
        return listed.version

    def shown(self, version: int | None = None, as_of: datetime | None = None) -> list[Rows]:
        """The same as files and conditions, for an engine that reads Parquet itself."""
        return list(self._rows(self._listed(delta.scratch(), version, as_of), as_of))

    def _rows(self, listed: Listed, as_of: datetime | None) -> Iterator[Rows]:
        for table in schema.FACTS:
            folder = self.table_path(table.name)
            live = delta.live(folder)
            if table.name == "commit":
                self._proof.named(folder, (f for f in live if f.commit <= listed.version))
            else:
                self._proof.table(folder, live, listed.wrote)
            whole = table.name in KEY_TABLES or table.name == "commit"
            where = _counts(listed, () if whole else listed.retracted)
            if as_of is not None and "recorded_at" in table.names:
                where += f" and recorded_at <= timestamp '{as_of.isoformat(sep=' ')}'"
            yield Rows(table, tuple(f.path for f in live), where)

    def first_recorded(self) -> datetime | None:
        """Earliest moment at which anything still standing was recorded (UTC); None in an empty store.

        Reads `source_file` only, whose recorded_at is the earliest of the file's rows.
        """
        found = [moment for (moment,) in self.rows("source_file", ["recorded_at"]) if isinstance(moment, datetime)]
        return min(found, default=None)

    def rows(self, table: str, columns: Iterable[str]) -> list[tuple[object, ...]]:
        """Rows of one table that count now, in any order; nothing is opened if it was never written to.

        StoreError `store-damaged`, also if the table is not what the commits wrote.
        """
        folder = self.table_path(table)
        live = delta.live(folder)
        if not live:
            return []
        con = delta.scratch()
        listed = self._listed(con)
        self._proof.table(folder, live, listed.wrote)
        files, names = [f.path for f in live], ", ".join(f'"{c}"' for c in columns)
        return _query(
            con, table, files, f"select {names} from {delta.scan(files)} where {_counts(listed, listed.retracted)}"
        )

    def writing(self, on_wait: Callable[[], None] | None = None) -> Writing:
        """Context manager for one commit; waits for other writers, calling `on_wait` once if it has to."""
        return Writing(self.path, on_wait)

    def source_row(self, source_id: int, line: int) -> kept.Row | None:
        """The user's own row: text for CSV and JSON lines, a dict for Parquet; None if there is no such row."""
        return self.source_rows([(source_id, line)]).get((source_id, line))

    def source_rows(self, refs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], kept.Row]:
        """The user's own rows for many (source_id, line), each kept file read once; unknown ones are left out."""
        wanted: dict[int, set[int]] = {}
        for source_id, line in refs:
            wanted.setdefault(source_id, set()).add(line)
        files = delta.files(self.table_path("source_file"))
        if not wanted or not files:
            return {}
        con = delta.scratch()
        ids = ", ".join(str(int(i)) for i in wanted)
        sql = f"select source_id, archive, format, mapping from {delta.scan(files)} where source_id in ({ids})"
        found: dict[tuple[int, int], kept.Row] = {}
        counted = _counts(self._listed(con), ())
        for key, archive, format, mapping in _query(con, "source_file", files, f"{sql} and {counted}"):
            number = int(str(key))
            encoding = kept.encoding_of(str(mapping))
            rows = kept.rows(self.path / str(archive), str(format), wanted[number], encoding)
            found.update({(number, line): row for line, row in rows.items()})
        return found

    def kept_files(self, commit_id: int) -> list[KeptFile]:
        """The files of an import as they were given, also of one that was taken back."""
        names = [
            "source_id",
            "name",
            "kind",
            "archive",
            "recorded_at",
            "trusted",
            "snapshot",
            "covered_from",
            "covered_to",
        ]
        found = self._all("source_file", [*names, "mapping"], f"commit_id = {int(commit_id)}")
        return [
            KeptFile(name, kind, self.path / place, recorded, trusted, snapshot, begin, end, mapping)  # type: ignore[arg-type, operator]
            for _, name, kind, place, recorded, trusted, snapshot, begin, end, mapping in sorted(found, key=str)
        ]

    def is_correction(self, commit_id: int) -> bool:
        """Whether an import was one of corrections (`--as correction`)."""
        ranked = (t.name for t in schema.FACTS if "rank" in t.names)
        sql = f"commit_id = {int(commit_id)} and rank = {schema.RANK_CORRECTION}"
        return any(self._all(name, ["rank"], f"{sql} limit 1") for name in ranked)

    def _all(self, table: str, columns: Iterable[str], where: str) -> list[tuple[object, ...]]:
        """Rows of one table, those of imports taken back too."""
        files = delta.files(self.table_path(table))
        if not files:
            return []
        con, names = delta.scratch(), ", ".join(f'"{c}"' for c in columns)
        sql = f"select {names} from {delta.scan(files)} where {_counts(self._listed(con), ())} and {where}"
        return _query(con, table, files, sql)

    def _listed(self, con: duckdb.DuckDBPyConnection, at: int | None = None, as_of: datetime | None = None) -> Listed:
        folder = self.table_path("commit")
        seen = self.version()
        files = delta.files(folder)
        rows: list[tuple[object, ...]] = []
        if files:
            sql = f'select commit_id, retracts, committed_at, "tables" from {delta.scan(files)} order by commit_id'
            rows = _query(con, "commit", files, sql)
        last = int(str(rows[-1][0])) if rows else 0
        version.require(folder, last, seen)
        if at is not None and not 0 <= at <= last:
            raise Misuse("no-such-version", version=at, last=last)
        top = last if at is None else at
        ids = {int(str(r[0])) for r in rows}
        gone = {
            int(str(retracts))
            for number, retracts, when, _ in rows
            if retracts and int(str(number)) <= top and (as_of is None or _before(when, as_of))
        } | self.hidden
        if as_of is not None:  # until an import was replaced by another, that one was believed
            gone |= {int(str(number)) for number, retracts, when, _ in rows if retracts and not _before(when, as_of)}
        wrote = {
            int(str(number)): proof.parse(folder, str(tables))
            for number, _, _, tables in rows
            if tables and int(str(number)) <= top
        }
        return Listed(top, tuple(i for i in range(1, top + 1) if i not in ids), tuple(sorted(gone)), wrote)


def _view(con: duckdb.DuckDBPyConnection, shown: Rows) -> None:
    head = f'create or replace temp view "{shown.table.name}" as select '
    if not shown.files:
        columns = ", ".join(f'cast(null as {c.type}) as "{c.name}"' for c in shown.table.columns)
        con.execute(f"{head}{columns} where false")
        return
    columns = ", ".join(f'"{n}"' for n in shown.table.names)
    sql = f"{head}{columns} from {delta.scan(shown.files)} where {shown.where}"
    _query(con, shown.table.name, shown.files, sql)


def _before(when: object, as_of: datetime) -> bool:
    return isinstance(when, datetime) and when <= as_of


def _counts(listed: Listed, retracted: tuple[int, ...]) -> str:
    hidden = sorted({*listed.aborted, *retracted})
    extra = f" and commit_id not in ({', '.join(map(str, hidden))})" if hidden else ""
    return f"commit_id <= {listed.version}{extra}"


def _query(con: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path], sql: str) -> list[tuple[object, ...]]:
    try:
        return con.execute(sql).fetchall()
    except (
        duckdb.IOException,
        duckdb.InvalidInputException,
        duckdb.BinderException,
        duckdb.SerializationException,
    ) as err:
        raise StoreError("store-damaged", table=table, file=_broken(con, files), detail=_first_line(err)) from err


def _broken(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> str:
    for file in files:
        try:
            con.execute(f"select count(*) from {delta.scan([file])}").fetchall()
        except duckdb.Error:
            return str(file)
    return str(files[0].parent)


def _first_line(err: Exception) -> str:
    return str(err).splitlines()[0]


def _share(source: str, target: str) -> str:
    """Rows are never written to again, so two stores may share their file; logs are copied."""
    if source.endswith(".parquet"):
        with suppress(OSError):
            os.link(source, target)
            return target
    return shutil.copyfile(source, target)
