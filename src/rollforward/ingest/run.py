"""Files → one commit: stage, key, identify, compare, write; and taking an import back."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from rollforward import money, schema
from rollforward.errors import Misuse
from rollforward.ingest import catalogue, events, items, links, problems, sayings, states
from rollforward.ingest.batch import BEGINNING, FACT_OF, Batch, Source, one, prepare, run
from rollforward.ingest.report import FileReport, ImportOptions, ImportReport
from rollforward.sources import Request, Staged, stage
from rollforward.store import FactStore, Writing, delta

Progress = Callable[[str, float], None]
MEMORY = 1200
"""MB for a usual import; what it does not hold goes to disk."""
MANY = 20_000_000
"""Rows from which sorting on disk needs more: a MB for each 40,000."""
AT_ONCE = 4_000_000  # lines that are counted at a time
_FILES = 100_000  # source_id = commit_id * this + number of the file in its call
# Relations that hold the rows to write: fact table, relation, part of the work. Keys are handled apart.
_NEW = (
    ("item_state", "state_new"), ("mrr_event", "event_new"), ("account_attribute", "attribute_new"),
    ("product_entry", "product_new"), ("plan_entry", "plan_new"), ("charge", "charge_new"),
    ("account_link", "link_new"), *((fact, f"{fact}_told") for fact in sayings.KEYS),
)  # fmt: skip
_KEYS = {
    "account": "select key as account_key, id as account_id from account_ids where is_new",
    "product": "select key as product_key, id as product_id from product_ids where is_new",
    "plan": "select key as plan_key, id as plan_id from plan_ids where is_new",
    "item": "select item_key, subscription_id, item_id, part from new_item union all "
    "select item_key, subscription_id, item_id, true from charge_item where is_new",
}


@dataclass(frozen=True)
class File:
    """One file of the call: as given, as staged, and the number that it gets."""

    path: Path
    source_id: int
    staged: Staged


def import_files(
    store: FactStore,
    paths: Sequence[str | os.PathLike[str]],
    options: ImportOptions | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import files as one commit; rows that say nothing new are not written, refused ones go to the table `problem`.

    A call that would write nothing gives commit_id 0. With `dry_run` the report says what would be.
    Faults of rows are in the report; Misuse and StoreError are for calls that cannot be carried out: they leave no
    store where there was none.
    """
    options = options or ImportOptions()
    with store.tried():
        if not paths:
            raise Misuse("no-files")
        _check(options)
        return _run(store, paths, options, progress or (lambda stage, done: None))


def _check(options: ImportOptions) -> None:
    now = options.now or datetime.now(UTC).replace(tzinfo=None)
    if options.recorded_at and options.recorded_at > now:
        told, clock = (moment.isoformat(sep=" ", timespec="seconds") for moment in (options.recorded_at, now))
        raise Misuse("recorded-at-in-future", recorded_at=told, now=clock)
    if options.coverage and options.coverage[0] >= options.coverage[1]:
        raise Misuse("bad-coverage", value="..".join(map(str, options.coverage)))
    if options.currency:
        money.exponent(options.currency)


def _run(
    store: FactStore, paths: Sequence[str | os.PathLike[str]], options: ImportOptions, tell: Progress
) -> ImportReport:
    if options.dry_run:
        with tempfile.TemporaryDirectory() as folder, _connection(Path(folder)) as con:
            return _import(store, None, con, [Path(p) for p in paths], options, tell)
    waiting = store.writing(on_wait=lambda: tell("wait", 0.0))
    with waiting as commit, delta.writes(store.path), _connection(commit.tmp) as con:
        return _import(store, commit, con, [Path(p) for p in paths], options, tell)


def memory(rows: int) -> str:
    """The most memory that an import of so many rows may take: what the environment says, else by the rows."""
    return os.environ.get("ROLLFORWARD_MEMORY") or f"{MEMORY + max(0, rows - MANY) // 40_000}MB"


@contextmanager
def _connection(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect(config={"memory_limit": memory(0), "temp_directory": str(folder / "spill")})
    try:
        run(con, "set preserve_insertion_order = true")
        yield con
    finally:
        con.close()


def _import(
    store: FactStore,
    commit: Writing | None,
    con: duckdb.DuckDBPyConnection,
    paths: list[Path],
    options: ImportOptions,
    tell: Progress,
) -> ImportReport:
    believed = store.without(_replaceable(store, options.replaces)) if options.replaces else store
    version = believed.attach(con)
    now = options.now or (commit.now if commit else datetime.now(UTC).replace(tzinfo=None))
    number = commit.commit_id if commit else version + 1
    files = _stage(con, paths, options, now, number * _FILES, tell)
    run(con, f"set memory_limit = '{memory(sum(f.staged.rows for f in files))}'")
    batch = Batch(
        con,
        tuple(_sources(con, files, options)),
        now, options.recorded_at, options.trust_valid_time, options.snapshot, options.correction,
        fresh=one(con, "select count(*) from source_file") == 0,
    )  # fmt: skip
    run(con, "set preserve_insertion_order = false")  # every order that matters is asked for
    tell("keys", 0.0)
    prepare(batch)
    sayings.collect(batch)  # before items: of contracts that contradict each other none counts
    split = items.identify(batch)
    events.charge_items(batch)
    tell("compare", 0.0)
    _event_items(batch)
    ended = states.collect(batch)
    events.collect(batch)
    catalogue.collect(batch)
    links.collect(batch)
    sayings.drop_refused(batch)
    problems.collect(con, [(f.source_id, f.path, f.staged.format) for f in files], _mapping(options))
    accepted = _accepted(con, batch)
    reports = _reports(con, files, accepted)
    new_problems = problems.drop_known(con, [(f.source_id, f.staged.sha256) for f in files])
    news = bool(options.replaces) or _has_news(con, files, new_problems, accepted)
    tell("compare", 1.0)
    shown, count = problems.shown(con)
    written = 0
    if commit and news:
        tell("write", 0.0)
        facts = any(accepted.values()) or bool(one(con, "select count(*) from state_extra"))
        written = version = _write(commit, con, batch, files, facts, options, reports)
        tell("write", 1.0)
    groups = problems.groups(con, "(select *, 0 as commit_id from call_problem)")
    return ImportReport(written, version, commit is None, reports, shown, count, ended, split, groups=groups)


def _stage(
    con: duckdb.DuckDBPyConnection, paths: list[Path], options: ImportOptions, now: datetime, base: int, tell: Progress
) -> list[File]:
    """Files by number: `base` and up, so that no two attempts to commit ever give out the same."""
    files: list[File] = []
    problems.start(con)
    for n, path in enumerate(paths):
        tell("read", n / len(paths))
        request = Request(
            path, options.kind, options.mapping, options.recorded_at, options.trust_valid_time, options.snapshot,
            options.coverage, options.currency, now,
        )  # fmt: skip
        staged = stage(con, request)
        if options.correction and staged.kind in ("changes", "charges"):
            changes = staged.kind == "changes"
            raise Misuse("correction-of-changes" if changes else "correction-of-charges", file=path.name)
        problems.take(con, base + n + 1)
        files.append(File(path, base + n + 1, staged))
    if options.currency and not any(f.staged.kind == "fx" for f in files):
        raise Misuse("currency-without-rates", currency=options.currency)
    tell("read", 1.0)
    return files


def _sources(con: duckdb.DuckDBPyConnection, files: list[File], options: ImportOptions) -> Iterator[Source]:
    for n, f in enumerate(files):
        staged = f.staged
        sighting = options.snapshot and not staged.has_start_dates
        yield Source(n, f.source_id, staged.kind, staged.table, FACT_OF[staged.kind], sighting)
        if staged.kind == "contracts":
            yield Source(n, f.source_id, staged.kind, f"{staged.table}_state", "item_state")


def _event_items(batch: Batch) -> None:
    """Change rows speak of whole items: parts made by a split have no rows there."""
    run(
        batch.con,
        """create or replace temp table event_item as
        select unit, item_key from unit_item
        union all
        select p.unit, min(p.item_key) from part_item p group by p.unit""",
    )


def _pending(batch: Batch) -> list[tuple[str, str]]:
    return [(fact, relation) for fact, relation in _NEW if batch.of(fact)]


def _accepted(con: duckdb.DuckDBPyConnection, batch: Batch) -> dict[int, int]:
    """Lines of each file that become facts."""
    accepted: dict[int, int] = {}
    for _, relation in _pending(batch):
        lines = f"select source_id, line from {relation}"
        if relation == "state_new" and batch.fresh and all(s.kind == "subscriptions" for s in batch.of("item_state")):
            # Nothing to compare with and a line is a row: the rows kept are the rows accepted.
            kept = "select source_id, count(*) from keyed anti join dropped using (pos, raw_from) group by source_id"
            accepted |= dict(con.execute(kept).fetchall())
            continue
        if relation == "contract_told":
            # a line may be new as a contract, as its item's state, or as both
            lines += " union all select source_id, line from state_new where source_kind = 'contracts'"
        accepted |= _lines(con, lines)
    return accepted


def _lines(con: duckdb.DuckDBPyConnection, told: str) -> dict[int, int]:
    """How many different lines of each file `told` (source_id, line) has, as many at a time as memory holds."""
    found: dict[int, int] = {}
    last = one(con, f"select coalesce(max(line), 0) from ({told})")
    for first in range(0, last + 1, AT_ONCE):
        counted = con.execute(
            f"select source_id, count(distinct line) from ({told}) where line >= {first} and line < {first + AT_ONCE} "
            "group by source_id"
        ).fetchall()
        for source, lines in counted:
            found[source] = found.get(source, 0) + lines
    return found


def _reports(con: duckdb.DuckDBPyConnection, files: list[File], accepted: dict[int, int]) -> list[FileReport]:
    refused, noted = problems.lines(con)
    reports = []
    for f in files:
        new, bad = accepted.get(f.source_id, 0), refused.get(f.source_id, 0)
        known = max(f.staged.rows - new - bad, 0)
        reports.append(
            FileReport(f.path.name, f.staged.kind, f.staged.rows, new, known, bad, noted.get(f.source_id, 0))
        )
    return reports


def _has_news(con: duckdb.DuckDBPyConnection, files: list[File], new_problems: int, accepted: dict[int, int]) -> bool:
    """False if the call says nothing that the store does not hold, coverage included."""
    extra = one(con, "select count(*) from state_extra")
    return bool(new_problems or extra or any(accepted.values())) or not all(_covered(con, f) for f in files)


def _covered(con: duckdb.DuckDBPyConnection, f: File) -> bool:
    s = f.staged
    found = con.execute(
        "select count(*) from source_file where kind = ? and covered_from <= ? and covered_to >= ?",
        [s.kind, s.covered_from, s.covered_to],
    ).fetchall()
    return bool(found[0][0])


def _write(
    commit: Writing,
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    files: list[File],
    facts: bool,
    options: ImportOptions,
    reports: list[FileReport],
) -> int:
    if facts:
        for table, sql in _KEYS.items():
            commit.append(table, con, sql)
    for fact, relation in _pending(batch):
        names = ", ".join(f'"{n}"' for n in schema.FACT[fact].names if n != "commit_id")
        sql = f"select {names} from {relation}"
        if fact == "item_state" and one(con, "select count(*) from state_extra"):
            sql += f" union all select {names} from state_extra"
        commit.append(fact, con, sql)
        if fact == "plan_entry":
            commit.append("plan_tier", con, "select * from tier_new")
            commit.append("plan_limit", con, "select * from limit_new")
    commit.append("problem", con, "select * exclude (file) from call_problem where is_new")
    commit.append("source_file", con, f"from {_source_rows(commit, con, batch, files, options)}")
    return commit.finish(
        options.commit_kind,
        retracts=options.replaces,
        rows_read=sum(r.rows for r in reports),
        rows_accepted=sum(r.accepted for r in reports),
        rows_known=sum(r.known for r in reports),
        rows_refused=sum(r.refused for r in reports),
        note=", ".join(f"{r.name} ({r.kind})" for r in reports),
    )


def _source_rows(
    commit: Writing, con: duckdb.DuckDBPyConnection, batch: Batch, files: list[File], options: ImportOptions
) -> str:
    """Name of a table of rows for `source_file`; keeps each file. Misuse `file-changed` if it did meanwhile."""
    first: dict[int, datetime] = {}
    if batch.of("item_state"):
        first |= dict(con.execute(states.earliest(batch)).fetchall())
    for _, relation in _pending(batch):
        if relation != "state_new":
            known = f"select source_id, min(recorded_at) from {relation} where recorded_at > {BEGINNING} group by 1"
            first |= dict(con.execute(known).fetchall())
    mapping = _mapping(options)
    columns = ", ".join(f'"{c.name}" {c.type}' for c in schema.FACT["source_file"].columns[1:])
    run(con, f"create or replace temp table call_source ({columns})")
    for f in files:
        kept = commit.archive(f.path)
        if kept.sha256 != f.staged.sha256:
            raise Misuse("file-changed", path=str(f.path))
        s = f.staged
        whole = "whole" if s.has_start_dates else "sighting"
        row = [
            f.source_id, f.path.name, s.kind, s.sha256, s.bytes, s.rows, s.format, kept.archive,
            first.get(f.source_id, options.recorded_at or batch.now), options.trust_valid_time,
            whole if options.snapshot else "", s.covered_from, s.covered_to, mapping,
        ]  # fmt: skip
        con.execute(f"insert into call_source values ({', '.join('?' * len(row))})", row).fetchall()
    return "call_source"


def _mapping(options: ImportOptions) -> str:
    return options.mapping.read_text(encoding="utf-8-sig") if options.mapping else ""


def retract(store: FactStore, commit_id: int, dry_run: bool = False) -> ImportReport:
    """Take an import back: from now on it never was. Misuse `no-such-import`, `already-retracted`."""
    with _reading() as con:
        report = _retraction(store, con, commit_id)
    if dry_run:
        return report
    with store.writing() as commit, _reading() as con:
        report = _retraction(store, con, commit_id)
        rows = sum(f.accepted for f in report.files)
        names = ", ".join(f.name for f in report.files)
        number = commit.finish("retract", retracts=commit_id, rows_accepted=rows, note=names)
    return ImportReport(number, number, False, report.files, repeated=report.repeated)


@contextmanager
def _reading() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    try:
        yield con
    finally:
        con.close()


def _replaceable(store: FactStore, commit_id: int) -> int:
    with _reading() as con:
        store.attach(con)
        _check_standing(con, commit_id)
        links.check_without(con, commit_id)
    return commit_id


def _check_standing(con: duckdb.DuckDBPyConnection, commit_id: int) -> None:
    kinds = dict(con.execute('select commit_id, kind from "commit"').fetchall())
    if kinds.get(commit_id) not in ("import", "link", "unlink"):
        raise Misuse("no-such-import", commit=commit_id)
    if one(con, f'select count(*) from "commit" where retracts = {commit_id}'):
        raise Misuse("already-retracted", commit=commit_id)


def _retraction(store: FactStore, con: duckdb.DuckDBPyConnection, commit_id: int) -> ImportReport:
    version = store.attach(con)
    _check_standing(con, commit_id)
    facts = " union all ".join(
        f"select source_id, line from {fact} where commit_id = {commit_id}" for fact in dict.fromkeys(FACT_OF.values())
    )
    links.check_without(con, commit_id)
    found = con.execute(
        f"""select s.name, s.kind, s.rows,
          (select count(distinct line) from ({facts}) f where f.source_id = s.source_id),
          (select count(distinct line) from problem p where p.source_id = s.source_id and p.severity = 'refused'),
          (select count(distinct line) from problem p where p.source_id = s.source_id and p.severity = 'note')
        from source_file s where s.commit_id = {commit_id} order by s.source_id"""
    ).fetchall()
    files = [FileReport(n, k, rows, new, max(rows - new - bad, 0), bad, noted) for n, k, rows, new, bad, noted in found]
    repeated = one(con, f'select sum(rows_known) from "commit" where commit_id > {commit_id}')
    return ImportReport(0, version, True, files, repeated=repeated)
