"""Staged change rows and charges → rows of `mrr_event` and `charge`, which add up.

The n-th identical row is a repeat if n such rows are stored already.
"""

from __future__ import annotations

from rollforward import schema
from rollforward.ingest.batch import OPEN_END, Batch, one, run

_UNTOLD = ("commit_id", "source_id", "line", "rank", "recorded_at", "repeat")
_CHANGE_ITEM = """join unit u on u.subscription_id = r.subscription_id and u.item_id = r.item_id
        join event_item i on i.unit = u.unit"""
_CHARGE_ITEM = "join charge_item i on i.subscription_id = r.subscription_id and i.item_id = r.item_id"
_CHARGE_KNOWN = f"case when r.invoiced_at < {OPEN_END} then r.invoiced_at else r.service_to end"


def collect(batch: Batch) -> None:
    """Make tables `event_new` and `charge_new`: rows to write, with pos."""
    if batch.of("mrr_event"):
        _collect(batch, "mrr_event", "event", _CHANGE_ITEM, "r.occurred_at")
    if batch.of("charge"):
        _collect(batch, "charge", "charge", _CHARGE_ITEM, _CHARGE_KNOWN)


def charge_items(batch: Batch) -> None:
    """Make table `charge_item`: keys of the items that charges speak of, `is_new` after the call's other new items.

    They are items of their own (`part`), even where a licensed item or a part of one has the same id.
    """
    con = batch.con
    if not batch.of("charge"):
        none = "'' as subscription_id, '' as item_id, 0 as item_key, false as is_new"
        run(con, f"create or replace temp table charge_item as select {none} where false")
        return
    top = "select coalesce(max(item_key), 0) from"
    run(
        con,
        f"""create or replace temp table charge_item as
        with need as (select subscription_id, item_id, min(pos) as first from staged_charge group by all),
        same as (
          select n.subscription_id, n.item_id, i.item_key
          from need n join item i using (subscription_id, item_id) where i.part),
        known as (select subscription_id, item_id, min(item_key) as item_key from same
          where item_key not in (select s.item_key from item_state s semi join same using (item_key)) group by all)
        select subscription_id, item_id, item_key, false as is_new from known
        union all
        select n.subscription_id, n.item_id, {max(one(con, f"{top} item"), one(con, f"{top} new_item"))}
          + row_number() over (order by n.first, n.item_id), true
        from need n anti join known using (subscription_id, item_id)""",
    )


def _collect(batch: Batch, fact: str, name: str, item: str, known_at: str) -> None:
    con = batch.con
    columns_of = [c.name for c in schema.FACT[fact].columns if c.name != "commit_id"]
    said = ", ".join(f'"{n}"' for n in columns_of if n not in _UNTOLD)
    default = f"least({known_at}, {batch.clock})" if batch.trusted and not batch.recorded_at else batch.moment
    given = {
        "rank": str(batch.rank(fact)), "recorded_at": f"coalesce(r.recorded_at, {default})", "item_key": "i.item_key",
        "account_key": "a.key", "product_key": "coalesce(p.key, 0)", "plan_key": "coalesce(l.key, 0)", "repeat": "0",
    }  # fmt: skip
    columns = ", ".join(f'{given.get(n, f"r.{n}")} as "{n}"' for n in columns_of)
    run(
        con,
        f"""create or replace temp view {name}_said as select r.pos, {columns},
          {"true" if batch.recorded_at or batch.trusted else "r.recorded_at is not null"} as own
        from staged_{fact} r
        join account_ids a on a.id = r.account_id
        {item}
        left join product_ids p on p.id = r.product_id
        left join plan_ids l on l.id = r.plan_id""",
    )
    # A row recorded now is the same row whenever it was recorded; one with a moment of its own is not.
    told = f"hash({said}, case when own then recorded_at end)"
    run(
        con,
        f"""create or replace temp table {name}_print as
        select pos, own, source_id, {told} as print,
          row_number() over (partition by source_id, {told} order by pos) as nth
        from {name}_said""",
    )
    stored = f"""select print, count(*) as n from (
        select unnest([hash({said}, null::timestamp), hash({said}, recorded_at)]) as print from {fact}
        where item_key in (select item_key from {name}_item)) group by print"""
    if batch.fresh:
        stored = "select 0::ubigint as print, 0 as n where false"
    run(
        con,
        f"""create or replace temp table {name}_new as
        with stored as ({stored}),
        fresh as (
          select e.pos, e.nth from {name}_print e left join stored s using (print) where e.nth > coalesce(s.n, 0)
          qualify row_number() over (partition by e.print, e.nth order by e.source_id) = 1)
        select e.* replace (f.nth - 1 as repeat) from {name}_said e join fresh f using (pos)""",
    )
