"""Staged stretches → rows of `item_state`: what they replace, trusted history, snapshots, repeats left out.

docs/decisions/0001-0003. A staged row becomes up to three facts: variant 0 the row itself, 1 its open version of the
day it began (--trust-valid-time), 2 "nothing follows" after the last row of an item (--snapshot).
"""

from __future__ import annotations

import duckdb

from rollforward import schema
from rollforward.ingest.batch import BEGINNING, OPEN_END, Batch, one, run
from rollforward.ingest.report import EndedItem

COLUMNS = [c.name for c in schema.FACT["item_state"].columns if c.name != "commit_id"]
_SAID = [n for n in COLUMNS if n not in ("source_id", "line", "rank", "recorded_at")]
_LATER = "(n.rank, n.recorded_at, n.commit_id) > (o.rank, o.recorded_at, o.commit_id)"
_PER_YEAR = "case interval when 'month' then 12 when 'year' then 1 when 'week' then 52 else 365 end"
_QUIET = {
    "cancel_requested_at": OPEN_END, "cancel_reason": "''", "status": "'canceled'", "source_kind": "''",
}  # fmt: skip


def collect(batch: Batch) -> list[EndedItem]:
    """Make `state_new` (view: rows to write, with pos) and `state_extra` (rows made by splits and snapshots).

    Returns the items that a snapshot ends.
    """
    con = batch.con
    none = ", ".join(f'cast(null as {c.type}) as "{c.name}"' for c in schema.FACT["item_state"].columns[1:])
    run(con, f"create or replace temp table state_extra as select {none} where false")
    if not batch.of("item_state"):
        return []
    _said(batch)
    ended: list[EndedItem] = []
    if batch.fresh:
        run(con, "create or replace temp view state_new as select * from said")
    else:
        _stored(batch)
        _unwritten(batch)
        _end_unsplit(batch)
        if batch.snapshot:
            ended = _end_missing(batch)
    return ended


def earliest(batch: Batch) -> str:
    """SQL of (source_id, earliest recorded_at) over the call's stretches."""
    told = (
        f"case when own then recorded_at else least(valid_from, {batch.clock}) end" if batch.trusted else "recorded_at"
    )
    return f"select source_id, min({told}) from keyed where not void group by source_id"


def _said(batch: Batch) -> None:
    """View `said`: every fact of the call, all columns of item_state but commit_id, and pos, raw_from, variant, own."""
    con = batch.con
    run(
        con,
        """create or replace temp view keyed_item as
        select k.*, coalesce(pi.item_key, ui.item_key) as item_key
        from keyed k left join unit_item ui on ui.unit = k.unit
        left join part p on p.pos = k.pos and p.raw_from = k.raw_from
        left join part_item pi on pi.unit = p.unit and pi.item_id = p.item_id
        anti join dropped d on d.pos = k.pos and d.raw_from = k.raw_from"""
        if one(con, "select (select count(*) from dropped) + (select count(*) from part)")
        else _plain_items(con),
    )
    chained = "keyed_item"
    said = batch.said
    replaces = said["valid_from"]
    if batch.snapshot:
        # Each row replaces from the end of the row before it, the first from the beginning; a sighting from its time.
        run(
            con,
            f"""create or replace temp table chain as
            select *, least(valid_from, lag(valid_to, 1, {BEGINNING}) over w) as after,
              lead(pos) over w is null as is_last
            from keyed_item window w as (partition by item_key order by valid_from, valid_to, recorded_at, pos)""",
        )
        chained = "chain"
        replaces = f"case when r.sighting then {replaces} else k.after end"
    trusted = f"{str(batch.trusted).lower()} and not ({said['own']}) and not ({said['void']}) and not r.sighting"
    given = {
        "rank": _rank(batch, "r"), "replaces_from": replaces,
        "valid_from": said["valid_from"], "valid_to": said["valid_to"],
        "status": f"case when r.sighting and r.valid_to <= {said['recorded_at']} then 'canceled' else r.status end",
        "recorded_at": f"case when {trusted} then least(case when {said['valid_to']} < {OPEN_END} "
        f"then {said['valid_to']} "
        f"else {said['valid_from']} end, {batch.clock}) else {said['recorded_at']} end",
        **{n: f"k.{n}" for n in ("item_key", "account_key", "product_key", "plan_key")},
    }  # fmt: skip
    extra = ["r.pos", "r.valid_from as raw_from", "0 as variant", f"({trusted}) as trusted", f"({said['own']}) as own"]
    extra.append(("k.is_last and not r.sighting" if batch.snapshot else "false") + " as is_last")
    columns = ", ".join([*(f'{given.get(n, f"r.{_q(n)}")} as "{n}"' for n in COLUMNS), *extra])
    run(
        con,
        f"""create or replace temp view said_once as select {columns}
        from staged_item_state r join {chained} k on {batch.same_row("k", "r")}""",
    )
    parts = ["select * from said_once"]
    if batch.trusted:
        parts.append(
            f"""select * replace (1 as variant, valid_from as recorded_at, {OPEN_END} as valid_to,
              {OPEN_END} as cancel_requested_at, '' as cancel_reason, {OPEN_END} as paid_through)
            from said_once where trusted and valid_to < {OPEN_END} and valid_from < least(valid_to, {batch.clock})"""
        )
    if batch.snapshot:
        quiet = ", ".join(f"{sql} as {name}" for name, sql in _QUIET.items())
        parts.append(
            f"""select * replace (2 as variant, valid_to as valid_from, valid_to as replaces_from,
              {OPEN_END} as valid_to, {quiet}) from said_once where is_last and valid_to < {OPEN_END}"""
        )
    own = f"own or (trusted and recorded_at <> {batch.clock})" if batch.trusted else "own"
    union = " union all ".join(parts)
    run(con, f"create or replace temp view said as select * replace ({own} as own) from ({union})")


def _plain_items(con: duckdb.DuckDBPyConnection) -> str:
    item = "select k.*, i.item_key from keyed k join unit_item i using (unit)"
    if not one(con, "select count(*) from item"):
        item = "select *, unit as item_key from keyed"  # items.py numbers the first items like their units
    return f"create or replace temp view keyed_item as {item}"


def _q(name: str) -> str:
    return f'"{name}"'


def _rank(batch: Batch, row: str) -> str:
    """SQL of the rank of a row of this call: contracts give way to subscriptions (docs/decisions/0013.4)."""
    rank = batch.rank("item_state")
    contracts = rank if batch.correction else schema.RANK_INVOICE
    return f"case when {row}.source_kind = 'contracts' then {contracts} else {rank} end"


def _print(prefix: str = "") -> str:
    """Hash of all that a stretch says; equal 64-bit hashes within one item are taken for equal rows."""
    return f"hash({', '.join(prefix + _q(n) for n in _SAID)})"


def _stored(batch: Batch) -> None:
    """Tables `stored` (what was said of the call's items) and `in_force` (the part of it that nothing cuts).

    Only rows up to the higher of both ranks can make a repeat differ: what outranks both cuts both alike.
    """
    con = batch.con
    run(
        con,
        f"""create or replace temp table stored as
        select item_key, source_kind, rank, recorded_at, commit_id, valid_from, valid_to, replaces_from,
          {_print()} as print
        from item_state where item_key in (select item_key from known_item
          union all select i.item_key from item i where not i.part and i.item_id = '' and i.subscription_id in
            (select subscription_id from split_unit))""",
    )
    run(
        con,
        """create or replace temp table moments as
        select item_key from stored group by item_key
        having min(commit_id) < max(commit_id) or min(recorded_at) < max(recorded_at) or min(rank) < max(rank)""",
    )
    run(
        con,
        f"""create or replace temp table in_force as
        select item_key, print from stored where item_key not in (select item_key from moments)
        union all
        select o.item_key, o.print from stored o semi join moments using (item_key)
        anti join stored n on n.item_key = o.item_key and n.valid_to > o.valid_from and n.replaces_from < o.valid_to
          and n.rank <= greatest(o.rank, {_rank(batch, "o")}) and {_LATER}""",
    )


def _unwritten(batch: Batch) -> None:
    """View `state_new`: facts of the call less repeats."""
    con = batch.con
    run(
        con,
        f"""create or replace temp table known_fact as
        with said_print as (
          select pos, raw_from, variant, own, rank, recorded_at, item_key, {_print()} as print from said)
        select pos, raw_from, variant from said_print s
        semi join stored o on o.item_key = s.item_key and o.print = s.print and o.recorded_at = s.recorded_at
          and o.rank = s.rank
        where s.own
        union all
        select pos, raw_from, variant from said_print s
        semi join in_force o on o.item_key = s.item_key and o.print = s.print where not s.own""",
    )
    run(
        con,
        """create or replace temp view state_new as
        select s.* from said s anti join known_fact k using (pos, raw_from, variant)""",
    )


def _end_unsplit(batch: Batch) -> None:
    """An unsplit item in the store ends where the split rows begin, later than anything said of it."""
    if not one(batch.con, "select count(*) from split_unit"):
        return
    told = {
        "source_id": "b.source_id", "line": "b.line", "rank": f"greatest(e.top, {batch.rank('item_state')})",
        "recorded_at": "greatest(e.last, b.told)", "valid_from": "b.first", "replaces_from": "b.first",
        "valid_to": OPEN_END, **_QUIET,
    }  # fmt: skip
    columns = ", ".join(f'{told.get(n, f"e.state.{_q(n)}")} as "{n}"' for n in COLUMNS)
    run(
        batch.con,
        f"""insert into state_extra
        with beginning as (
          select u.subscription_id, min(s.valid_from) as first, min(s.recorded_at) as told,
            arg_min(s.source_id, s.pos) as source_id, arg_min(s.line, s.pos) as line
          from state_new s join part p using (pos, raw_from) join unit u using (unit)
          where s.status <> 'void' group by 1),
        ended as (
          select i.subscription_id, max(s.rank) as top, max(s.recorded_at) as last, max(s.valid_to) as until,
            arg_max(s, (s.rank, s.recorded_at, s.commit_id, s.valid_to)) as state
          from item_state s join item i using (item_key)
          where not i.part and i.item_id = '' and i.subscription_id in (select subscription_id from split_unit)
          group by i.subscription_id)
        select {columns} from beginning b join ended e using (subscription_id)
        where e.until > b.first and not (e.state.status = 'canceled' and e.state.valid_from <= b.first)""",
    )


def _same_kind(kind: str) -> tuple[str, ...]:
    """What item_state calls rows of one kind of file: sightings are subscriptions without start dates."""
    return ("subscriptions", "sighting") if kind == "subscriptions" else (kind,)


def _end_missing(batch: Batch) -> list[EndedItem]:
    """Items of the same kind that the snapshot does not hold end at its time, unless their row was refused."""
    con = batch.con
    kinds = ", ".join(sorted({f"'{k}'" for s in batch.of("item_state") for k in _same_kind(s.kind)}))
    told = {
        "source_id": str(max(s.source_id for s in batch.of("item_state"))), "line": "0",
        "rank": str(batch.rank("item_state")), "recorded_at": batch.moment,
        "valid_from": batch.moment, "replaces_from": batch.moment, "valid_to": OPEN_END, **_QUIET,
    }  # fmt: skip
    run(
        con,
        f"""create or replace temp table missing as
        with present as (
          select item_key from unit_item join keyed using (unit)
          union select pi.item_key from part_item pi),
        open_row as (
          select o.*, row_number() over () as nth from item_state o anti join present using (item_key)
          where o.valid_to > {batch.moment} and o.source_kind in ({kinds}) and o.status not in ('canceled', 'void')
            and (o.rank, o.recorded_at) <= ({batch.rank("item_state")}, {batch.moment})),
        cut as (
          select o.nth, min(n.replaces_from) as at from open_row o join item_state n
          on n.item_key = o.item_key and n.valid_to > o.valid_from and {_LATER} group by o.nth),
        standing as (
          select o.*, least(o.valid_to, coalesce(c.at, o.valid_to)) as until
          from open_row o left join cut c using (nth))
        select s.* from standing s join item i using (item_key)
        where s.until > s.valid_from and s.until > {batch.moment}
          and not (not i.part and i.item_id = '' and i.subscription_id in (select subscription_id from split_unit))
          and not exists (
            select 1 from refused_text t where contains(t.row, i.subscription_id) and i.subscription_id <> '')
        qualify row_number() over (partition by item_key order by s.valid_from, s.commit_id, s.line) = 1""",
    )
    columns = ", ".join(f'{told.get(n, f"o.{_q(n)}")} as "{n}"' for n in COLUMNS)
    run(con, f"insert into state_extra select {columns} from missing o")
    found = con.execute(
        f"""select a.account_id, i.subscription_id, i.item_id,
          case when m.valid_from > {batch.moment} or m.metered or m.status not in ('active', 'past_due') then 0
            else (2 * m.amount * a_year + 12 * m.interval_count) // (24 * m.interval_count) end, m.currency
        from (select *, {_PER_YEAR} as a_year from missing) m
        join account a using (account_key) join item i using (item_key) order by m.item_key"""
    )
    return [EndedItem(*row) for row in found.fetchall()]
