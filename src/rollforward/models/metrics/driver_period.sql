-- driver_period: what movements of each class are made of, by period (definitions.md section 3).
-- grain: period, currency, movement
-- reads: driver_day, period_day
-- ties: drivers_sum
select
  p.period, d.currency, d.movement,
  cast(sum(d.amount) as bigint) as amount, -- minor units
  cast(sum(d.by_plan) as bigint) as by_plan, cast(sum(d.by_product) as bigint) as by_product,
  cast(sum(d.by_add_on) as bigint) as by_add_on, cast(sum(d.by_seats) as bigint) as by_seats,
  cast(sum(d.by_usage) as bigint) as by_usage, cast(sum(d.by_price) as bigint) as by_price,
  cast(sum(d.by_discount) as bigint) as by_discount, cast(sum(d.by_other) as bigint) as by_other
from driver_day d
join period_day p on p.on_date = d.on_date
group by p.period, d.currency, d.movement
