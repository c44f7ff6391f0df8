-- segment_driver_day: driver_day by segment of accounts; a transfer between segments is `other`.
-- grain: on_date, currency, movement, segment, several
-- reads: segment_account_day, mrr_change
-- ties: segments_tie
-- decisions: 0011
with booked as (
  select
    s.on_date, c.currency, c.movement, s.segment, s.several, c.delta,
    c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other
  from mrr_change c
  join segment_account_day s
    on s.account_key = c.account_key and s.currency = c.currency and s.window_at = c.window_at and s.part = 'class'
  union all
  select
    s.on_date, s.currency, s.movement, s.segment, s.several, s.amount as delta,
    0 as by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage, 0 as by_price, 0 as by_discount, s.amount as by_other
  from segment_account_day s
  where s.part = 'crossing'
)
select
  b.on_date, b.currency, b.movement, b.segment, cast(b.several as bigint) as several,
  cast(sum(b.delta) as bigint) as amount, -- minor units
  cast(sum(b.by_plan) as bigint) as by_plan, cast(sum(b.by_product) as bigint) as by_product,
  cast(sum(b.by_add_on) as bigint) as by_add_on, cast(sum(b.by_seats) as bigint) as by_seats,
  cast(sum(b.by_usage) as bigint) as by_usage, cast(sum(b.by_price) as bigint) as by_price,
  cast(sum(b.by_discount) as bigint) as by_discount, cast(sum(b.by_other) as bigint) as by_other
from booked b
group by b.on_date, b.currency, b.movement, b.segment, b.several
