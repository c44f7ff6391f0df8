"""Staged links → rows of `account_link`: one link out of an account at most, and never a ring.

A row says that a link is there, or (`removed`) that it never was; the last row of an account counts. Rows are played in
the order in which they were recorded, those of the store with the new ones, so that no answer as of any moment finds an
account linked twice or to itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from rollforward.errors import Misuse
from rollforward.ingest.batch import BEGINNING, Batch, run
from rollforward.ingest.catalogue import refuse_conflicts

CODES = ("already-linked", "link-ring")
"""Problems of rows that cannot stand beside others."""

_COLUMNS = "from_key, to_key, kind, valid_from, removed, recorded_at"


@dataclass(frozen=True)
class Link:
    """One row. `pos` is 0 for rows of the store; `own`: the row said itself when it was recorded."""

    source: int
    target: int
    kind: str
    since: datetime
    removed: bool
    at: datetime
    commit: int = 0
    pos: int = 0
    own: bool = False

    @property
    def says(self) -> tuple[int, str, datetime]:
        """What is linked, how, since when."""
        return self.target, self.kind, self.since


class Played:
    """The links after all rows. `refused` are new rows that cannot stand, by pos; `known` say nothing new."""

    def __init__(self, stored: list[Link], new: list[Link]) -> None:
        self.force: dict[int, Link] = {}
        self.refused: dict[int, str] = {}
        self.known: set[int] = set()
        self.removes: dict[int, Link] = {}
        self.broken: Link | None = None
        self._stored = {(link.source, *link.says, link.removed, link.at) for link in stored}
        rows = sorted([*stored, *new], key=lambda link: (link.at, link.pos > 0, link.commit, link.pos))
        while not self._play([r for r in rows if r.pos not in self.refused]):
            pass

    def _play(self, rows: list[Link]) -> bool:
        """False if a new row was refused because of a later one: then all is played again without it."""
        self.force, self.known, self.removes, self.broken = {}, set(), {}, None
        for row in rows:
            held = self.force.get(row.source)
            if row.removed:
                self._remove(row, held)
            elif held and held.says == row.says:
                self.known |= {row.pos} if row.pos else set()
            elif chain := [held] if held else self._ring(row):
                code = CODES[0] if held else CODES[1]
                if row.pos:
                    self.refused[row.pos] = code
                elif late := [link.pos for link in chain if link.pos]:
                    self.refused[late[-1]] = code
                    return False
                else:
                    self.broken = row
            else:
                self.force[row.source] = row
        return True

    def _remove(self, row: Link, held: Link | None) -> None:
        if held and held.target == row.target:
            del self.force[row.source]
            self.removes[row.pos] = held
        elif row.pos and (not row.own or (row.source, *row.says, True, row.at) in self._stored):
            self.known.add(row.pos)

    def _ring(self, row: Link) -> list[Link]:
        """The links in force that lead from where this one goes back to where it starts."""
        chain: list[Link] = []
        at = row.target
        while at != row.source:
            if at not in self.force:
                return []
            chain.append(self.force[at])
            at = self.force[at].target
        return chain


def stored(con: duckdb.DuckDBPyConnection, without: int = 0) -> list[Link]:
    """All rows of the store, less those of one commit."""
    found = con.execute(f"select {_COLUMNS}, commit_id from account_link where commit_id <> {without}").fetchall()
    return [Link(*row) for row in found]


def collect(batch: Batch) -> None:
    """Make table `link_new`: rows to write, with pos; a row that takes a link back says which."""
    if not batch.of("account_link"):
        return
    con = batch.con
    moment, own = batch.moment, f"r.recorded_at is not null or {str(bool(batch.recorded_at)).lower()}"
    if batch.trusted and not batch.recorded_at:
        moment = f"least(coalesce(nullif(r.valid_from, {BEGINNING}), {batch.clock}), {batch.clock})"
        own += f" or {moment} < {batch.clock}"
    run(
        con,
        f"""create or replace temp table link_said as
        select r.pos, r.source_id, r.line, {batch.rank("account_link")} as rank,
          coalesce(r.recorded_at, {moment}) as recorded_at, {own} as own, f.key as from_key, t.key as to_key,
          r.kind, r.valid_from, r.removed
        from staged_account_link r join account_ids f on f.id = r.from_id join account_ids t on t.id = r.to_id""",
    )
    refuse_conflicts(batch, "link_said", "from_key, recorded_at", "hash(to_key, kind, valid_from, removed)")
    found = con.execute(f"select {_COLUMNS}, 0, pos + 1, own from link_said").fetchall()
    played = Played(stored(con), [Link(*row) for row in found])  # pos + 1: the first row of a call is no stored one
    if played.refused:
        con.execute(
            """insert into refused select s.pos, s.source_id, s.line, r.code, 0, ''
            from link_said s join (select unnest($1::bigint[]) as pos, unnest($2::varchar[]) as code) r
              on r.pos = s.pos + 1""",
            [list(played.refused), list(played.refused.values())],
        ).fetchall()
    taken = [(pos, link) for pos, link in played.removes.items() if pos]
    con.execute(
        """create or replace temp table link_new as
        with taken as (
          select unnest($1::bigint[]) as pos, unnest($2::varchar[]) as kind, unnest($3::timestamp[]) as since)
        select s.* replace (coalesce(t.kind, s.kind) as kind, coalesce(t.since, s.valid_from) as valid_from)
        from link_said s left join taken t on t.pos = s.pos + 1 where s.pos + 1 not in (select unnest($4::bigint[]))""",
        [
            [pos for pos, _ in taken], [link.kind for _, link in taken], [link.since for _, link in taken],
            [*played.refused, *played.known],
        ],
    ).fetchall()  # fmt: skip


def check_without(con: duckdb.DuckDBPyConnection, commit_id: int) -> None:
    """Misuse `links-clash` if the links of the store could not all stand once this commit is taken back."""
    if broken := Played(stored(con, commit_id), []).broken:
        ids = dict(con.execute("select account_key, account_id from account").fetchall())
        raise Misuse("links-clash", commit=commit_id, source=ids[broken.source], target=ids[broken.target])
