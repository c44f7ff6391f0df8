"""Staged attributes, products and plans → their fact rows; what is believed already is not written again.

Rows that say two different things of one thing at one moment are refused (`conflict`): none is chosen.
"""

from __future__ import annotations

from rollforward import schema
from rollforward.ingest.batch import BEGINNING, Batch, position, run

_LAST = "(rank, recorded_at, commit_id)"


def collect(batch: Batch) -> None:
    """Make tables `attribute_new`, `product_new`, `plan_new`, `tier_new` and `limit_new`, all with pos."""
    if batch.of("account_attribute"):
        _attributes(batch)
    if batch.of("product_entry"):
        _entries(batch, "product", "product_entry", {})
    if batch.of("plan_entry"):
        parts = {"tier": "plan_tier", "limit": "plan_limit"}
        for short, fact in parts.items():
            tables = " union all by name ".join(
                f"select *, {position(s)} as pos from {s.table}_{short}" for s in batch.of("plan_entry")
            )
            run(batch.con, f"create or replace temp view staged_{fact} as {tables}")
        _entries(batch, "plan", "plan_entry", parts)


def _told(batch: Batch, name: str, fact: str) -> str:
    """With a trusted history the first word on a product or plan, which has no date, was known since ever (0016)."""
    own = "true" if batch.recorded_at else "r.recorded_at is not null"
    moment = batch.moment
    if batch.trusted and not batch.recorded_at:
        moment = f"case when n.key in (select {name}_key from {fact}) then {batch.clock} else {BEGINNING} end"
    return f"coalesce(r.recorded_at, {moment}) as recorded_at, {own} as own"


def _attributes(batch: Batch) -> None:
    """The first value of an attribute without a date holds since ever, later ones from when they were recorded."""
    con = batch.con
    moment = batch.moment
    if batch.trusted and not batch.recorded_at:
        moment = f"coalesce(least(nullif(r.valid_from, {BEGINNING}), {batch.clock}), {batch.clock})"
    run(
        con,
        f"""create or replace temp table attribute_said as
        select r.pos, r.source_id, r.line, {batch.rank("account_attribute")} as rank,
          coalesce(r.recorded_at, {moment}) as recorded_at,
          {"true" if batch.recorded_at or batch.trusted else "r.recorded_at is not null"} as own,
          a.key as account_key, r.dimension, r.value, nullif(r.valid_from, {BEGINNING}) as since
        from staged_account_attribute r join account_ids a on a.id = r.account_id""",
    )
    refuse_conflicts(batch, "attribute_said", "account_key, dimension, since, recorded_at", "hash(value)")
    run(
        con,
        f"""create or replace temp table attribute_new as
        with mine as (
          select * from account_attribute where account_key in (select account_key from attribute_said)),
        believed as (
          select account_key, dimension, arg_max(value, ({_LAST[1:-1]}, valid_from)) as value from mine group by all),
        since_then as (
          select account_key, dimension, valid_from, arg_max(value, {_LAST}) as value from mine group by all),
        dated as (
          select s.*, coalesce(s.since, case when b.value is null
            and row_number() over (partition by s.account_key, s.dimension order by s.recorded_at, s.pos) = 1
            then {BEGINNING} else s.recorded_at end) as valid_from, b.value as believed
          from attribute_said s left join believed b using (account_key, dimension))
        select d.* exclude (since, believed) from dated d
        left join since_then t using (account_key, dimension, valid_from)
        where not (not d.own and case when d.since is null then coalesce(d.believed = d.value, false)
            else coalesce(t.value = d.value, false) end)
          and not exists (select 1 from mine m where d.own and m.account_key = d.account_key
            and m.dimension = d.dimension and m.recorded_at = d.recorded_at and m.value = d.value
            and m.valid_from in (d.valid_from, coalesce(d.since, {BEGINNING})))
        order by d.account_key""",  # what is told of one account stands together, so that its page reads little
    )


def _entries(batch: Batch, name: str, fact: str, parts: dict[str, str]) -> None:
    """A product or plan with all that belongs to it is one saying: written whole, or known."""
    con = batch.con
    said = [n for n in schema.FACT[fact].names if n not in ("commit_id", "source_id", "line", "rank", "recorded_at")]
    given = {f"{name}_key": "n.key", "product_key": "coalesce(p.key, 0)" if name == "plan" else "n.key"}
    columns = ", ".join(f"{given.get(c, f'r.{_q(c)}')} as {_q(c)}" for c in said)
    product = "left join product_ids p on p.id = r.product_id" if name == "plan" else ""
    own_parts = {short: [c for c in schema.FACT[table].names if c in _detail(table)] for short, table in parts.items()}
    run(
        con,
        f"""create or replace temp table {name}_said as
        select r.pos, r.source_id, r.line, {batch.rank(fact)} as rank, {_told(batch, name, fact)}, {columns}
        from staged_{fact} r join {name}_ids n on n.id = r.{name}_id {product}""",
    )
    whole = ", ".join(f"e.{_q(c)}" for c in said)
    staged_parts, stored_parts, prints = "", "", ""
    for short, table in parts.items():
        sets = f"list_sort(list(({', '.join(_q(c) for c in own_parts[short])})))::varchar as said"
        staged_parts += (
            f" left join (select pos, {sets} from staged_{table} group by pos) {short}s on {short}s.pos = e.pos"
        )
        stored_parts += (
            f" left join (select commit_id, source_id, line, {sets} from {table} group by all) {short}s"
            f" on {short}s.commit_id = e.commit_id and {short}s.source_id = e.source_id and {short}s.line = e.line"
        )
        prints += f", coalesce({short}s.said, '')"
    run(
        con,
        f"create or replace temp table {name}_print as select e.*, hash({whole}{prints}) as print "
        f"from {name}_said e{staged_parts}",
    )
    refuse_conflicts(batch, f"{name}_print", f"{name}_key, recorded_at", "print")
    run(
        con,
        f"""create or replace temp table {name}_new as
        with stored as (
          select e.{name}_key, e.rank, e.recorded_at, e.commit_id, hash({whole}{prints}) as print
          from {fact} e{stored_parts}),
        believed as (select {name}_key, arg_max(print, {_LAST}) as print from stored group by 1)
        select s.* exclude (print) from {name}_print s left join believed b using ({name}_key)
        where not (not s.own and coalesce(b.print = s.print, false))
          and not exists (select 1 from stored o where s.own and o.{name}_key = s.{name}_key and o.print = s.print
            and o.recorded_at = s.recorded_at)""",
    )
    for short, table in parts.items():
        detail = ", ".join(f"r.{_q(c)}" for c in own_parts[short])
        run(
            con,
            f"""create or replace temp table {short}_new as
            select e.pos, e.source_id, e.line, e.rank, e.recorded_at, e.{name}_key, {detail}
            from staged_{table} r join {name}_new e using (pos)""",
        )


def _detail(table: str) -> list[str]:
    head = ("commit_id", "source_id", "line", "rank", "recorded_at", "plan_key")
    return [c for c in schema.FACT[table].names if c not in head]


def refuse_conflicts(batch: Batch, table: str, same: str, says: str) -> None:
    """Among rows that speak of the same thing at one moment, equal ones count once and different ones not at all."""
    run(
        batch.con,
        f"""insert into refused select pos, source_id, line, 'conflict', 0, ''
        from (select *, min({says}) over w < max({says}) over w as differ
          from {table} window w as (partition by {same}))
        where differ""",
    )
    run(
        batch.con,
        f"""create or replace temp table {table} as select * from {table}
        where pos not in (select pos from refused)
        qualify row_number() over (partition by {same} order by pos) = 1""",
    )


def _q(name: str) -> str:
    return f'"{name}"'
