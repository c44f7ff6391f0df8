-- segments_tie: the segments of every day and class sum to the day, transfers between them to nothing.
-- reads: native_movement, movement_day, judged_line, judged_window, reporting
-- Of accounts whose currencies are judged together in 10^-10 minor units of the currency of the answer.
with told as (
  select m.on_date, m.currency, m.movement, 0 as judged, cast(m.amount as decimal(38,0)) as expected, cast(0 as decimal(38,0)) as found
  from movement_day m
  union all
  select n.on_date, n.currency, n.movement, 0 as judged, cast(0 as decimal(38,0)) as expected, cast(n.amount as decimal(38,0)) as found
  from native_movement n
  union all
  select j.on_date, g.currency, j.movement, 1 as judged, j.amount as expected, cast(0 as decimal(38,0)) as found
  from judged_window j
  cross join reporting g
  union all
  select l.on_date, g.currency, l.movement, 1 as judged, cast(0 as decimal(38,0)) as expected, l.amount as found
  from judged_line l
  cross join reporting g
),
summed as (
  select
    t.on_date, t.currency, t.movement, t.judged,
    cast(sum(t.expected) as decimal(38,0)) as expected, cast(sum(t.found) as decimal(38,0)) as found
  from told t
  group by t.on_date, t.currency, t.movement, t.judged
)
select '' as account_id, s.currency, s.on_date, s.expected, s.found
from summed s
where s.expected <> s.found
