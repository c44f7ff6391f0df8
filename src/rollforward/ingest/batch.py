"""The rows of one call in one DuckDB connection: views of the staged files, and the integer keys of their ids.

staged_<fact>   one view per fact table over the call's files: staged columns, source_id, source_kind, and
                pos = source_id and line in one number, which orders rows by first appearance
refused, noted  rows for the table `problem`, with pos
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from rollforward import schema

BEGINNING = f"timestamp '{schema.BEGINNING}'"
OPEN_END = f"timestamp '{schema.OPEN_END}'"
FACT_OF = {
    "subscriptions": "item_state", "monthly": "item_state", "changes": "mrr_event", "accounts": "account_attribute",
    "products": "product_entry", "plans": "plan_entry", "charges": "charge", "usage": "usage", "events": "event",
    "contracts": "contract", "links": "account_link", "fx": "fx_rate", "spend": "spend",
}  # fmt: skip
# Text ids stand for keys in staged tables.
_IDS = {"account": "account_id", "product": "product_id", "plan": "plan_id"}


@dataclass(frozen=True)
class Source:
    """One staged file of the call as rows of one fact table; contracts that count are two (docs/decisions/0013.4)."""

    nth: int
    source_id: int
    kind: str
    table: str
    fact: str
    sighting: bool = False


@dataclass(frozen=True)
class Batch:
    """What the rows of one call have in common. `fresh`: the store holds nothing to compare with."""

    con: duckdb.DuckDBPyConnection
    sources: tuple[Source, ...]
    now: datetime
    recorded_at: datetime | None = None
    trusted: bool = False
    snapshot: bool = False
    correction: bool = False
    fresh: bool = False

    def rank(self, table: str) -> int:
        """Source rank of the call's rows in a fact table."""
        if self.correction:
            return schema.RANK_CORRECTION
        return schema.RANK_CHANGE if table == "mrr_event" else schema.RANK_FILE

    @property
    def moment(self) -> str:
        """SQL of the recorded_at of a row that carries none."""
        return _moment(self.recorded_at or self.now)

    @property
    def clock(self) -> str:
        """SQL of the time of import."""
        return _moment(self.now)

    @property
    def said(self) -> dict[str, str]:
        """SQL over a staged stretch `r`: its moment, whether that is its own, its bounds, whether it is void.

        A sighting speaks from the moment it was seen; `void` speaks for all time.
        """
        moment, void = f"coalesce(r.recorded_at, {self.moment})", "r.status = 'void'"
        return {
            "recorded_at": moment,
            "own": "true" if self.recorded_at else "r.recorded_at is not null",
            "void": void,
            "valid_from": f"case when {void} then {BEGINNING} when r.sighting then {moment} else r.valid_from end",
            "valid_to": f"case when {void} or (r.sighting and r.valid_to <= {moment}) then {OPEN_END} "
            "else r.valid_to end",
        }

    def same_row(self, one: str, other: str) -> str:
        """SQL that joins rows of a staged stretch; a line of a wide monthly file makes several."""
        wide = any(s.kind == "monthly" for s in self.sources)
        return f"{one}.pos = {other}.pos" + (f" and {one}.raw_from = {other}.valid_from" if wide else "")

    def of(self, fact: str) -> list[Source]:
        """The call's files that become rows of this fact table."""
        return [s for s in self.sources if s.fact == fact]


def _moment(at: datetime) -> str:
    return f"timestamp '{at.isoformat(sep=' ')}'"


def run(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Execute one statement and read nothing."""
    con.execute(sql).fetchall()


def one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The single integer that a query gives."""
    row = con.execute(sql).fetchone()
    con.fetchall()
    return int(row[0]) if row and row[0] is not None else 0


def prepare(batch: Batch) -> None:
    """Make the staged_<fact> views and the key tables <name>_ids(id, key, is_new) and `unit`."""
    con = batch.con
    run(con, "create or replace temp table refused (pos bigint, source_id bigint, line bigint, code varchar, "
             "amount bigint, currency varchar)")  # fmt: skip
    for fact in dict.fromkeys(FACT_OF.values()):
        parts = [_staged(s) for s in batch.of(fact)]
        if parts:
            run(con, f"create or replace temp view staged_{fact} as {' union all by name '.join(parts)}")
    for name, id in _IDS.items():
        facts = [f for f in dict.fromkeys(FACT_OF.values()) if batch.of(f) and _has(f, name)]
        ids = [f"select {id} as id, pos from staged_{f}" for f in facts]
        if name == "account" and batch.of("account_link"):
            ids += [f"select {end}_id as id, pos from staged_account_link" for end in ("from", "to")]
        _keys(batch, name, " union all ".join(ids))
    units = [f for f in ("item_state", "mrr_event") if batch.of(f)]
    seen = " union all ".join(f"select subscription_id, item_id, pos from staged_{f}" for f in units)
    if not seen:
        seen = "select '' as subscription_id, '' as item_id, 0 as pos where false"
    run(
        con,
        f"""create or replace temp table unit as
        select row_number() over (order by first) as unit, * from
          (select subscription_id, item_id, min(pos) as first from ({seen}) group by all)""",
    )


def _has(fact: str, name: str) -> bool:
    return f"{name}_key" in schema.FACT[fact].names


def _staged(source: Source) -> str:
    columns = "*"
    if source.kind == "monthly":  # the item is (account, product, plan)
        rest = f"case when plan_id = '' then '' else '/' || {part_name('plan_id')} end"
        columns = f"* replace ({part_name('product_id')} || {rest} as item_id)"
    told = "sighting" if source.sighting else source.kind
    columns += f", {source.source_id}::bigint as source_id, '{told}' as source_kind, "
    columns += f"{position(source)} as pos, {str(source.sighting).lower()} as sighting"
    where = ""
    if source.kind == "contracts":
        where = " where pos not in (select pos from refused)"
        if source.fact == "item_state":  # a term that does not count says something only where one did
            where += (
                " and (status = 'active' or subscription_id in (select subscription_id from item where item_id <> ''))"
            )
    return f"select {columns} from {source.table}{where}"


def position(source: Source) -> str:
    """SQL of a number that orders the call's rows by file and line."""
    return f"({source.nth}::bigint << 40) + line"


def part_name(column: str) -> str:
    """SQL of an id as one component of a made item id: without '/', so that components cannot run together."""
    return f"replace(replace({column}, '%', '%25'), '/', '%2F')"


def _keys(batch: Batch, name: str, seen: str) -> None:
    """<name>_ids: the key of every id in the call; new ids follow the highest key in order of first appearance."""
    con = batch.con
    seen = seen or "select '' as id, 0 as pos where false"
    head = f"create or replace temp table {name}_ids as with seen as ("
    head += f"select id, min(pos) as first from ({seen}) where id <> '' group by id)"
    old = f'(select min({name}_key) as key, {name}_id as id from "{name}" group by {name}_id)'
    base = one(con, f'select coalesce(max({name}_key), 0) from "{name}"')
    if base == 0:
        run(con, f"{head} select id, row_number() over (order by first) as key, true as is_new from seen")
        return
    run(
        con,
        f"""{head}, known as (select s.id, o.key from seen s join {old} o on o.id = s.id)
        select id, key, false as is_new from known
        union all
        select s.id, {base} + row_number() over (order by s.first), true
        from seen s anti join known k on k.id = s.id""",
    )
