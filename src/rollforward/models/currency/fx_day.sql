-- fx_day: what balances gain or lose on the days on which a rate changes: balance before the day × change of the rate.
-- grain: on_date, currency, segment
-- reads: native_movement, rate_step
-- ties: fx_ties
-- decisions: 0010
-- Empty in native answers, and where each amount keeps the rate at which it came (at_change).
with line as (
  select distinct m.currency, m.segment
  from native_movement m
  join rate_step s on s.currency = m.currency
),
every as (
  select m.currency, m.segment, m.on_date, 1 as kind, m.amount, cast(0 as bigint) as step, cast(0 as bigint) as lost
  from native_movement m
  join line l on l.currency = m.currency and l.segment = m.segment
  union all
  select l.currency, l.segment, s.on_date, 0 as kind, cast(0 as bigint) as amount, s.step, s.lost
  from line l
  join rate_step s on s.currency = l.currency
),
held as (
  select
    e.on_date, e.currency, e.segment, e.kind, e.step, e.lost,
    cast(sum(e.amount) over w as decimal(38,0)) as balance
  from every e
  window w as (partition by e.currency, e.segment order by e.on_date, e.kind rows between unbounded preceding and current row)
)
select
  h.on_date, h.currency, -- in which it is paid
  h.segment,
  h.balance * h.step as amount, -- 10^-10 minor units
  h.balance * h.lost as missing -- native minor units that lose their rate less those that find one
from held h
where h.kind = 0 and h.balance <> 0
