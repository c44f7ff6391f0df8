-- driver_day: the ledger's drivers summed by day and class of movement.
-- grain: on_date, currency, movement
-- reads: mrr_change
-- ties: drivers_sum
select
  cast(c.window_at as date) as on_date, c.currency, c.movement,
  cast(sum(c.delta) as bigint) as amount, -- minor units
  cast(sum(c.by_plan) as bigint) as by_plan, cast(sum(c.by_product) as bigint) as by_product,
  cast(sum(c.by_add_on) as bigint) as by_add_on, cast(sum(c.by_seats) as bigint) as by_seats,
  cast(sum(c.by_usage) as bigint) as by_usage, cast(sum(c.by_price) as bigint) as by_price,
  cast(sum(c.by_discount) as bigint) as by_discount, cast(sum(c.by_other) as bigint) as by_other
from mrr_change c
where c.movement <> 'none'
group by cast(c.window_at as date), c.currency, c.movement
