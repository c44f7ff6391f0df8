-- judged_driver_window: drivers of each window of accounts whose currencies are judged together, in the currency of the answer.
-- grain: account_key, window_at
-- reads: mrr_change, judged_account, carried_driver, rate_day, reporting
-- ties: drivers_sum
-- decisions: 0010
-- Empty in native answers. A restatement stands three microseconds before its day, what a link brings in two.
with booked as (
  select
    c.account_key, c.window_at,
    cast(c.by_plan as decimal(38,0)) * coalesce(r.rate, 0) as by_plan, cast(c.by_product as decimal(38,0)) * coalesce(r.rate, 0) as by_product,
    cast(c.by_add_on as decimal(38,0)) * coalesce(r.rate, 0) as by_add_on, cast(c.by_seats as decimal(38,0)) * coalesce(r.rate, 0) as by_seats,
    cast(c.by_usage as decimal(38,0)) * coalesce(r.rate, 0) as by_usage, cast(c.by_price as decimal(38,0)) * coalesce(r.rate, 0) as by_price,
    cast(c.by_discount as decimal(38,0)) * coalesce(r.rate, 0) as by_discount, cast(c.by_other as decimal(38,0)) * coalesce(r.rate, 0) as by_other
  from mrr_change c
  join judged_account a on a.account_key = c.account_key
  cross join reporting g
  left join rate_day r on r.currency = c.currency and r.on_date = cast(c.window_at + interval '3 microsecond' as date)
  where g.carried = 0 or c.currency = g.currency
  union all
  select
    k.account_key, k.window_at,
    k.by_plan, k.by_product, k.by_add_on, k.by_seats, k.by_usage, k.by_price, k.by_discount, k.by_other
  from carried_driver k
)
select
  b.account_key, b.window_at,
  cast(sum(b.by_plan) as decimal(38,0)) as by_plan, cast(sum(b.by_product) as decimal(38,0)) as by_product,
  cast(sum(b.by_add_on) as decimal(38,0)) as by_add_on, cast(sum(b.by_seats) as decimal(38,0)) as by_seats,
  cast(sum(b.by_usage) as decimal(38,0)) as by_usage, cast(sum(b.by_price) as decimal(38,0)) as by_price,
  cast(sum(b.by_discount) as decimal(38,0)) as by_discount, cast(sum(b.by_other) as decimal(38,0)) as by_other
from booked b
group by b.account_key, b.window_at
