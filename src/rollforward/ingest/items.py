"""Which item each staged stretch belongs to: splits of overlapping rows, rows that count once, overlaps refused.

docs/decisions/0001. Leaves `keyed` (one row a stretch: pos, raw_from, keys, moment, bounds), `dropped` (rows that count
no further) and the keys of items in `unit_item` and `part_item`.
"""

from __future__ import annotations

from rollforward import schema
from rollforward.ingest.batch import Batch, one, part_name, run

_SAID = [
    c.name
    for c in schema.FACT["item_state"].columns
    if c.name not in ("commit_id", "source_id", "line", "rank", "replaces_from", "source_kind", "recorded_at")
    and not c.name.endswith("_key")
]
_IDS = ["account_id", "product_id", "plan_id"]


def identify(batch: Batch) -> list[str]:
    """Make the tables above; returns the subscriptions that this call splits, in order of first appearance."""
    con = batch.con
    run(con, "create or replace temp table dropped (pos bigint, raw_from timestamp, again boolean)")
    run(con, "create or replace temp table part (pos bigint, raw_from timestamp, unit bigint, item_id varchar)")
    run(con, "create or replace temp table split_unit (unit bigint, subscription_id varchar, is_new boolean)")
    if batch.of("item_state"):
        _keyed(batch)
        _split(batch)
    _item_keys(batch)
    found = con.execute(
        "select subscription_id from split_unit join unit using (unit, subscription_id) where is_new order by first"
    )
    return [row[0] for row in found.fetchall()]


def _keyed(batch: Batch) -> None:
    """One row a stretch: what decides on items, narrow enough to sort."""
    said = ", ".join(f"{sql} as {name}" for name, sql in batch.said.items())
    run(
        batch.con,
        f"""create or replace temp table keyed as
        select r.pos, r.valid_from as raw_from, r.source_id, r.line, u.unit, a.key as account_key,
          coalesce(p.key, 0) as product_key, coalesce(l.key, 0) as plan_key, {said}
        from staged_item_state r
        join account_ids a on a.id = r.account_id
        join unit u on u.subscription_id = r.subscription_id and u.item_id = r.item_id
        left join product_ids p on p.id = r.product_id
        left join plan_ids l on l.id = r.plan_id""",
    )


def _overlapping(group: str, source: str) -> str:
    """Rows of `source` that overlap another row of the same group and moment."""
    w = f"partition by {group}, recorded_at order by valid_from, valid_to, pos"
    return f"""(select * from
      (select *, max(valid_to) over ({w} rows between unbounded preceding and 1 preceding) as before,
         lead(valid_from) over ({w}) as after from {source})
      where valid_from < before or after < valid_to)"""


def _split(batch: Batch) -> None:
    con = batch.con
    parts = "create or replace temp table store_part as select subscription_id, item_id from item where false"
    if not batch.fresh and one(con, "select count(*) from item where part"):
        parts = """create or replace temp table store_part as
        select distinct i.subscription_id, i.item_id from item i
        where i.part and i.subscription_id in (select subscription_id from unit where item_id = '')
          and i.item_key in (select item_key from item_state)"""
    run(con, parts)
    run(
        con,
        f"""create or replace temp table contested as
        select unit from {_overlapping("unit", "keyed")} group by unit
        union
        select u.unit from unit u join store_part s on s.subscription_id = u.subscription_id and u.item_id = ''""",
    )
    if not one(con, "select count(*) from contested"):
        return
    whole = ", ".join(f'r."{n}"' for n in [*_IDS, *_SAID])
    run(
        con,
        f"""create or replace temp table contested_row as
        select k.*, u.subscription_id, u.item_id, r.source_kind, r.status,
          {part_name("r.product_id")} as product_part, {part_name("r.plan_id")} as plan_part, hash({whole}) as print
        from keyed k join contested using (unit) join unit u using (unit)
        join staged_item_state r on r.pos = k.pos and r.valid_from = k.raw_from""",
    )
    run(
        con,
        """insert into dropped select pos, raw_from, true from
          (select *, row_number() over (partition by unit, recorded_at, print order by pos) as nth from contested_row)
        where nth > 1""",
    )
    # A monthly table with a column for each currency says 0 in the ones that are not paid in.
    run(
        con,
        """insert into dropped select z.pos, z.raw_from, false from contested_row z
        where z.source_kind = 'monthly' and z.status = 'canceled' and exists (
          select 1 from contested_row o where o.unit = z.unit and o.recorded_at = z.recorded_at
            and o.raw_from = z.raw_from and o.source_kind = 'monthly' and o.status = 'active')""",
    )
    left = "contested_row anti join dropped using (pos, raw_from)"
    whole_items = f"(select * from {left} where item_id = '' and source_kind <> 'monthly' and not void)"
    run(
        con,
        f"""insert into split_unit
        select unit, subscription_id, bool_and(is_new) from (
          select distinct unit, subscription_id, true as is_new from {_overlapping("unit", whole_items)}
          union all
          select u.unit, u.subscription_id, false from unit u
          where u.item_id = '' and u.subscription_id in (select subscription_id from store_part))
        group by all""",
    )
    split_rows = f"(select * from {left} where unit in (select unit from split_unit))"
    dated = f"(from {split_rows} where not void)"
    run(
        con,
        f"""insert into part
        with by_plan as (
          select subscription_id, product_part from {_overlapping("unit, product_part", dated)}
          union
          select subscription_id, split_part(item_id, '/', 1) from store_part where contains(item_id, '/'))
        select s.pos, s.raw_from, s.unit,
          case when b.product_part is null then s.product_part else s.product_part || '/' || s.plan_part end
        from {split_rows} s left join by_plan b using (subscription_id, product_part)""",
    )
    rest = f"(select l.*, coalesce(p.item_id, '') as made from (from {left}) l left join part p using (pos, raw_from))"
    run(
        con,
        f"create or replace temp table overlap as select pos, raw_from, line, source_id from "
        f"{_overlapping('unit, made', rest)}",
    )
    run(
        con,
        """insert into refused
        select o.pos, o.source_id, o.line, 'overlap', r.amount, r.currency
        from overlap o join staged_item_state r on r.pos = o.pos and r.valid_from = o.raw_from""",
    )
    run(con, "insert into dropped select pos, raw_from, false from overlap")


def _item_keys(batch: Batch) -> None:
    """new_item, unit_item(unit, item_key), part_item(unit, item_id, item_key)."""
    con = batch.con
    base = one(con, "select coalesce(max(item_key), 0) from item")
    if not base and not one(con, "select count(*) from split_unit"):
        run(
            con, "create or replace temp table known_item as select 0 as item_key, 0 as unit, '' as item_id where false"
        )
        # Units are numbered by first appearance, as items are.
        run(con, "create or replace temp view unit_item as select unit, unit as item_key from unit")
        run(con, "create or replace temp view new_item as select *, unit as item_key, false as part from unit")
        run(con, "create or replace temp table part_item as select unit, item_id, 0 as item_key from unit where false")
        return
    run(
        con,
        """create or replace temp table need as
        select u.subscription_id, u.item_id, false as part, u.first, u.unit from unit u
        where u.unit not in (select unit from split_unit)
        union all
        select u.subscription_id, p.item_id, true, min(p.pos), p.unit
        from part p join unit u using (unit) group by all""",
    )
    known = "select 0 as item_key, 0 as unit, '' as item_id where false"
    if base:
        known = """select min(i.item_key) as item_key, n.unit, n.item_id from need n
        join item i using (subscription_id, item_id, part)
        where not (i.part and i.item_key in (select item_key from charge)) group by n.unit, n.item_id"""
    run(con, f"create or replace temp table known_item as {known}")
    run(
        con,
        f"""create or replace temp table new_item as
        select {base} + row_number() over (order by n.first, n.item_id) as item_key, n.*
        from need n anti join known_item using (unit, item_id)""",
    )
    every = "(select item_key, unit, item_id from known_item union all select item_key, unit, item_id from new_item)"
    split = "unit in (select unit from split_unit)"
    run(con, f"create or replace temp table unit_item as select unit, item_key from {every} where not ({split})")
    run(con, f"create or replace temp table part_item as select unit, item_id, item_key from {every} where {split}")
