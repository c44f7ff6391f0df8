-- item_driver_day: driver_day by segment where a dimension of items is asked.
-- grain: on_date, currency, movement, segment, several
-- reads: item_cause
-- ties: segments_tie
-- decisions: 0011
select
  b.on_date, b.currency, b.movement, b.segment, cast(b.several as bigint) as several,
  cast(sum(b.amount) as bigint) as amount, -- minor units
  cast(sum(b.by_plan) as bigint) as by_plan, cast(sum(b.by_product) as bigint) as by_product,
  cast(sum(b.by_add_on) as bigint) as by_add_on, cast(sum(b.by_seats) as bigint) as by_seats,
  cast(sum(b.by_usage) as bigint) as by_usage, cast(sum(b.by_price) as bigint) as by_price,
  cast(sum(b.by_discount) as bigint) as by_discount, cast(sum(b.by_other) as bigint) as by_other
from item_cause b
group by b.on_date, b.currency, b.movement, b.segment, b.several
