-- segments_tie: the segments of every day and class sum to the day, transfers between them to nothing.
-- reads: native_movement, movement_day
with told as (
  select m.on_date, m.currency, m.movement, m.amount as expected, cast(0 as bigint) as found
  from movement_day m
  union all
  select n.on_date, n.currency, n.movement, cast(0 as bigint) as expected, n.amount as found
  from native_movement n
),
summed as (
  select t.on_date, t.currency, t.movement, cast(sum(t.expected) as bigint) as expected, cast(sum(t.found) as bigint) as found
  from told t
  group by t.on_date, t.currency, t.movement
)
select '' as account_id, s.currency, s.on_date, s.expected, s.found
from summed s
where s.expected <> s.found
