-- judged_driver: drivers, by day and class, of accounts whose currencies are judged together, in the currency of the answer.
-- grain: on_date, currency, movement, segment
-- reads: judged_line, judged_driver_window, reporting
-- ties: drivers_sum
-- decisions: 0010, 0011
-- Empty in native answers. A transfer between segments is `other`.
with booked as (
  select
    l.on_date, l.segment, l.movement, l.amount, l.missing,
    s.by_plan, s.by_product, s.by_add_on, s.by_seats, s.by_usage, s.by_price, s.by_discount, s.by_other
  from judged_line l
  join judged_driver_window s on s.account_key = l.account_key and s.window_at = l.window_at
  where l.part = 'class'
  union all
  select
    l.on_date, l.segment, l.movement, l.amount, l.missing,
    0 as by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage, 0 as by_price, 0 as by_discount, l.amount as by_other
  from judged_line l
  where l.part = 'crossing'
)
select
  b.on_date, g.currency, b.movement, b.segment,
  cast(sum(b.amount) as decimal(38,0)) as amount, -- 10^-10 minor units
  cast(sum(b.by_plan) as decimal(38,0)) as by_plan,
  cast(sum(b.by_product) as decimal(38,0)) as by_product,
  cast(sum(b.by_add_on) as decimal(38,0)) as by_add_on,
  cast(sum(b.by_seats) as decimal(38,0)) as by_seats,
  cast(sum(b.by_usage) as decimal(38,0)) as by_usage,
  cast(sum(b.by_price) as decimal(38,0)) as by_price,
  cast(sum(b.by_discount) as decimal(38,0)) as by_discount,
  cast(sum(b.by_other) as decimal(38,0)) as by_other,
  cast(sum(b.missing) as decimal(38,0)) as missing -- native minor units without a rate
from booked b
cross join reporting g
group by b.on_date, g.currency, b.movement, b.segment
