"""What DuckDB is asked while a store's tables are made: every named select, the rows that it read and those it gave.

`Watched` is an engine as any other, and notes each select. `pooled` puts the notes of one select from many stores
side by side, so that Spark works it out once for all of them: keys, ids and currencies of each note are moved apart, so
that no row meets a row of another note. Notes are pooled only where what belongs to nobody (the policy's settings that
the select names, calendars, coverage) is equal.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp, parse_one

from rollforward.engines import Facts as Store
from rollforward.engines import Rows as Shown
from rollforward.engines.duckdb import Engine as DuckDB
from spark.grouped import Sees

Columns = tuple[tuple[str, str], ...]

WHOLE_STORE = frozenset({"reporting"})
"""Tables that have a currency and yet belong to no account."""

_APART = 1 << 44
"""Between the keys of two notes: `terms_key` goes up to some 2^40, and keys are multiplied by 1024 at most."""

_IDS_APART = 1 << 12
"""Between the commits of two notes, which are multiplied by 2^40."""


@dataclass(frozen=True, eq=False)
class Rows:
    """A table's rows at one moment, and its columns with DuckDB's types."""

    columns: Columns
    rows: pa.Table
    _digests: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def is_dealt(self) -> bool:
        """Whether each row belongs to some account, item, catalogue entry, import or currency."""
        return any(_moved(name, kind) for name, kind in self.columns)

    def digest(self, columns: tuple[str, ...] = ()) -> str:
        """Tells rows apart, whatever their order; of `columns` only, if any are named."""
        if columns not in self._digests:
            taken = self.rows.select(list(columns)) if columns else self.rows
            lines = sorted(map(repr, zip(*taken.to_pydict().values(), strict=True)))
            text = "\n".join([repr(taken.column_names), *lines])
            self._digests[columns] = hashlib.sha256(text.encode()).hexdigest()
        return self._digests[columns]

    def apart(self, nth: int) -> pa.Table:
        """The same rows with keys, ids and currencies of their own; those of the first note keep theirs."""
        moved = self.rows
        if not nth:
            return moved
        for at, (name, kind) in enumerate(self.columns):
            if _moved(name, kind):
                column = moved.column(at)
                if kind == "VARCHAR":
                    other = pc.binary_join_element_wise(column, f"{nth}", "~")
                    kept = pc.equal(column, "")
                else:
                    by = _IDS_APART if name in ("commit_id", "source_id") else _APART
                    other, kept = pc.add(column, nth * by), pc.equal(column, 0)
                moved = moved.set_column(at, moved.schema.field(at), pc.if_else(kept, column, other))
        return moved


def _moved(name: str, kind: str) -> bool:
    if kind == "VARCHAR":
        return name.endswith("_id") or name in ("currency", "paid_in", "told_in", "to_currency")
    return kind == "BIGINT" and name.endswith(("_key", "_id"))


@dataclass(frozen=True, eq=False)
class Note:
    """One select: the rows of each table that it read, and what DuckDB made of them."""

    name: str
    sql: str
    read: Mapping[str, Rows]
    made: Rows


class Watched(DuckDB):
    """DuckDB that writes down what it is asked to name, and keeps in memory what it would store.

    `facts` has the rows of facts that were read before, `sees` says which of them count. What stands beside another
    one `writes`: the other reads its files.
    """

    def __init__(
        self, notes: list[Note], facts: Facts | None = None, sees: Sees | None = None, writes: bool = False
    ) -> None:
        super().__init__()
        self.run("set threads = 1")  # there are few rows
        self._notes, self._means, self._writes = notes, dict[str, Rows](), writes
        self._facts, self._sees = facts, sees
        self._held: set[str] = set()

    def beside(self) -> Watched:
        return Watched(self._notes, self._facts, self._sees, writes=True)

    def view(self, name: str, sql: str) -> None:
        self._means.pop(name, None)
        reads = read_by(sql)
        if not reads or _RENAMES.fullmatch(sql):
            super().view(name, sql)
            return
        read = {r: self._rows(r) for r in reads}
        self._hold(name, sql)
        self._notes.append(Note(name, sql, read, self._rows(name)))

    def step(self, name: str, sql: str, few: bool) -> None:
        self.view(name, sql)

    def keep(self, name: str, sql: str) -> None:
        self.view(name, sql)

    def store(self, name: str, sql: str, path: Path, order: str = "") -> None:
        """Rows of selects are held; what is no model is read back from its file."""
        self.view(name, sql)
        if self._writes or name not in self._held or name.startswith("made_"):
            super().store(name, f'from "{name}"', path)

    def table(self, name: str, columns: Mapping[str, Sequence[object]], types: Sequence[str]) -> None:
        super().table(name, columns, types)
        self._means.pop(name, None)

    def empty(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        super().empty(name, columns)
        self._means.pop(name, None)

    def attach(self, facts: Store, version: int, as_of: datetime | None) -> None:
        """Names the facts that are seen."""
        if self._facts is None or self._sees is None:
            super().attach(facts, version, as_of)
            return
        for name, rows in self._facts.at(facts, version, as_of).items():
            self.con.register(f"told {name}", rows)
            super().view(name, f'select * from "told {name}" where {_seen(rows.column_names, self._sees)}')

    def _rows(self, name: str) -> Rows:
        if name not in self._means:
            rows = self.con.sql(f'from "{name}"')
            columns = tuple(zip(rows.columns, map(str, rows.types), strict=True))
            self._means[name] = Rows(columns, rows.to_arrow_table())
        return self._means[name]

    def _hold(self, name: str, sql: str) -> None:
        """Lets the name mean the rows that the select has now."""
        self._held.add(name)
        held = f"held {name}"
        self.run(f'create or replace temp table "{held}" as {sql}')
        super().view(name, f'select * from "{held}"')


_RENAMES = re.compile(r'from "?\w+"?')
"""A select that gives a table another name."""


class Facts:
    """The facts of one store, read once and shown as of each moment."""

    def __init__(self) -> None:
        self._con = duckdb.connect()
        self._files: set[str] = set()
        self._at: dict[datetime | None, dict[str, pa.Table]] = {}

    def at(self, facts: Store, version: int, as_of: datetime | None) -> dict[str, pa.Table]:
        """Rows by table."""
        if as_of not in self._at:
            self._at[as_of] = {shown.table.name: self._read(shown) for shown in facts.shown(version, as_of)}
        return self._at[as_of]

    def _read(self, shown: Shown) -> pa.Table:
        name = shown.table.name
        if name not in self._files:
            self._files.add(name)
            picks = ", ".join(f'cast(null as {c.type}) as "{c.name}"' for c in shown.table.columns)
            names = ", ".join(f'"{c.name}"' for c in shown.table.columns)
            files = [str(path) for path in shown.files]
            rows = f"select {names} from read_parquet({files})" if files else f"select {picks} where false"
            self._con.execute(f'create table "{name}" as {rows}')
        return self._con.sql(f'from "{name}" where {shown.where}').to_arrow_table()


def _seen(columns: Sequence[str], sees: Sees) -> str:
    """Which rows of a fact table count; a column with the id of an account, product or plan says most."""
    mine = f"commit_id in ({', '.join(map(str, sees.commits))})"
    for kind in ("account", "product", "plan"):
        ids = " or ".join(f"{kind}_id like '{prefix}%'" for prefix in sees.prefixes)
        keys = f'(select {kind}_key from "told {kind}" where {ids})'
        if f"{kind}_id" in columns:
            return f"({ids})"
        if f"{kind}_key" in columns and not (kind == "product" and "plan_key" in columns):
            return f"{mine} and {kind}_key in {keys}"
    if "from_key" in columns:
        ids = " or ".join(f"account_id like '{prefix}%'" for prefix in sees.prefixes)
        return f'{mine} and from_key in (select account_key from "told account" where {ids})'
    return mine


@cache
def read_by(sql: str) -> tuple[str, ...]:
    """The tables that a select reads."""
    tree = parse_one(sql, read="duckdb")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return tuple(sorted({table.name for table in tree.find_all(exp.Table) if table.name} - own))


@cache
def words_of(sql: str) -> set[str]:
    """Every name in a select."""
    return set(re.findall(r"\w+", sql))


@dataclass
class Pool:
    """Notes of one select that run at once: its inputs, and what DuckDB made of them one by one."""

    name: str
    sql: str
    known: dict[Hashable, Rows]
    notes: list[Note] = field(default_factory=list)

    def read(self, name: str) -> Rows:
        """The rows of one input, of all notes; the very same object for equal rows."""
        first = self.notes[0].read[name]
        several = [n.read[name] for n in self.notes] if _is_dealt(name, first) else [first]
        if not any(len(rows.rows) for rows in several):
            del several[1:]
        key = (first.columns, *(rows.digest() for rows in several))
        if key not in self.known:
            self.known[key] = Rows(first.columns, pa.concat_tables(r.apart(i) for i, r in enumerate(several)))
        return self.known[key]

    def made(self) -> Rows:
        """The rows that DuckDB made, of all notes."""
        return Rows(self.notes[0].made.columns, pa.concat_tables(n.made.apart(i) for i, n in enumerate(self.notes)))


def _is_dealt(name: str, rows: Rows) -> bool:
    return rows.is_dealt and name not in WHOLE_STORE


def pooled(notes: Iterable[Note]) -> list[Pool]:
    """Every note once, in as few pools as there can be."""
    pools: dict[tuple[object, ...], Pool] = {}
    known: dict[Hashable, Rows] = {}
    seen = set()
    for note in notes:
        shared: list[object] = []
        own: list[object] = []
        for name, rows in note.read.items():
            if _is_dealt(name, rows):
                shared.append(rows.columns)
                own.append(rows.digest())
            else:
                words = words_of(note.sql)
                shared.append(rows.digest(tuple(c for c, _ in rows.columns if c in words) if name == "policy" else ()))
        key = (note.name, note.sql, *shared)
        if (key, *own) in seen:
            continue
        seen.add((key, *own))
        pools.setdefault(key, Pool(note.name, note.sql, known)).notes.append(note)
    return list(pools.values())
