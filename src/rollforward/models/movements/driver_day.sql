-- driver_day: the ledger's drivers summed by day and class of movement.
-- grain: on_date, currency, movement, segment, several
-- reads: mrr_change, several_currencies
-- ties: drivers_sum
-- A restatement stands three microseconds before its day, what a link brings in two.
select
  cast(c.window_at + interval '3 microsecond' as date) as on_date, c.currency, c.movement,
  '' as segment, -- '': all accounts
  case when coalesce(s.account_key, 0) = 0 then 0 else 1 end as several, -- 1: accounts with several currencies
  cast(sum(c.delta) as bigint) as amount, -- minor units
  cast(sum(c.by_plan) as bigint) as by_plan, cast(sum(c.by_product) as bigint) as by_product,
  cast(sum(c.by_add_on) as bigint) as by_add_on, cast(sum(c.by_seats) as bigint) as by_seats,
  cast(sum(c.by_usage) as bigint) as by_usage, cast(sum(c.by_price) as bigint) as by_price,
  cast(sum(c.by_discount) as bigint) as by_discount, cast(sum(c.by_other) as bigint) as by_other
from mrr_change c
left join several_currencies s on s.account_key = c.account_key
where c.movement <> 'none'
group by cast(c.window_at + interval '3 microsecond' as date), c.currency, c.movement, case when coalesce(s.account_key, 0) = 0 then 0 else 1 end
