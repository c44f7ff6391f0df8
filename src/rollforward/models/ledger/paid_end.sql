-- paid_end: ended stretches that count on to the end of what was paid; empty unless churn is dated so.
-- grain: item_key, valid_from, source_id, line
-- reads: covered, policy
-- ties: -
-- only: churn_on = 'period_end'
-- columns: item_key bigint, valid_from timestamp, source_id bigint, line bigint, counts_to timestamp
-- decisions: 0009
-- A stretch that touches another, whatever its status, has not ended; only canceled ends it.
with ended as (
  select c.item_key, c.valid_from, c.valid_to, c.source_id, c.line, c.paid_through, y.as_of
  from covered c
  cross join policy y
  where y.churn_on = 'period_end' and c.counted = 1 and c.paid_through > c.valid_to and c.paid_through < timestamp '9999-12-31'
),
following as (
  select e.item_key, e.valid_from, e.source_id, e.line, min(n.valid_from) as next_from
  from ended e
  join covered n on n.item_key = e.item_key and n.valid_from >= e.valid_to and n.status <> 'canceled' and n.status <> 'void'
  group by e.item_key, e.valid_from, e.source_id, e.line
)
select
  e.item_key, e.valid_from, e.source_id, e.line,
  case when least(e.paid_through, coalesce(f.next_from, e.paid_through)) > e.as_of then timestamp '9999-12-31'
    else least(e.paid_through, coalesce(f.next_from, e.paid_through)) end as counts_to -- after the as-of moment: scheduled
from ended e
left join following f on f.item_key = e.item_key and f.valid_from = e.valid_from and f.source_id = e.source_id and f.line = e.line
