"""Staged change rows → rows of `mrr_event`; the n-th identical row is a repeat if n such rows are stored already."""

from __future__ import annotations

from rollforward import schema
from rollforward.ingest.batch import Batch, run

COLUMNS = [c.name for c in schema.FACT["mrr_event"].columns if c.name != "commit_id"]
_SAID = [n for n in COLUMNS if n not in ("source_id", "line", "rank", "recorded_at", "repeat")]


def collect(batch: Batch) -> None:
    """Make table `event_new`: rows to write, with pos."""
    if not batch.of("mrr_event"):
        return
    con = batch.con
    given = {
        "rank": str(batch.rank("mrr_event")), "recorded_at": _recorded(batch), "item_key": "i.item_key",
        "account_key": "a.key", "product_key": "coalesce(p.key, 0)", "plan_key": "coalesce(l.key, 0)", "repeat": "0",
    }  # fmt: skip
    columns = ", ".join(f'{given.get(n, f"r.{n}")} as "{n}"' for n in COLUMNS)
    run(
        con,
        f"""create or replace temp view event_said as select r.pos, {columns},
          {"true" if batch.recorded_at or batch.trusted else "r.recorded_at is not null"} as own
        from staged_mrr_event r
        join account_ids a on a.id = r.account_id
        join unit u on u.subscription_id = r.subscription_id and u.item_id = r.item_id
        join event_item i on i.unit = u.unit
        left join product_ids p on p.id = r.product_id
        left join plan_ids l on l.id = r.plan_id""",
    )
    said = ", ".join(f'"{n}"' for n in _SAID)
    # A row recorded now is the same row whenever it was recorded; one with a moment of its own is not.
    told = f"hash({said}, case when own then recorded_at end)"
    run(
        con,
        f"""create or replace temp table event_print as
        select pos, own, source_id, {told} as print,
          row_number() over (partition by source_id, {told} order by pos) as nth
        from event_said""",
    )
    stored = f"""select print, count(*) as n from (
        select unnest([hash({said}, null::timestamp), hash({said}, recorded_at)]) as print from mrr_event
        where item_key in (select item_key from event_item)) group by print"""
    if batch.fresh:
        stored = "select 0::ubigint as print, 0 as n where false"
    run(
        con,
        f"""create or replace temp table event_new as
        with stored as ({stored}),
        fresh as (
          select e.pos, e.nth from event_print e left join stored s using (print) where e.nth > coalesce(s.n, 0)
          qualify row_number() over (partition by e.print, e.nth order by e.source_id) = 1)
        select e.* replace (f.nth - 1 as repeat) from event_said e join fresh f using (pos)""",
    )


def _recorded(batch: Batch) -> str:
    default = f"least(r.occurred_at, {batch.clock})" if batch.trusted and not batch.recorded_at else batch.moment
    return f"coalesce(r.recorded_at, {default})"
