-- restatement_driver: the drivers of an account's closed periods beside those of what is known now, where they differ.
-- grain: period, account_key, currency, measure
-- reads: closed_change, closed_span, known_change, closed_period_day, driver_name
-- ties: -
-- decisions: 0012
with told as (
  select
    p.period, c.account_key, c.currency, 1 as closed, c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price,
    c.by_discount, c.by_other
  from closed_change c
  join closed_span s on s.commit_id = c.commit_id and c.on_date >= s.from_on and c.on_date < s.to_on
  join closed_period_day p on p.on_date = c.on_date
  where c.rule <> 'restatement'
  union all
  select
    p.period, k.account_key, k.currency, -1 as closed, k.by_plan, k.by_product, k.by_add_on, k.by_seats, k.by_usage, k.by_price,
    k.by_discount, k.by_other
  from known_change k
  join closed_period_day p on p.on_date = k.on_date
),
differs as (
  select t.period, t.account_key, t.currency
  from told t
  group by t.period, t.account_key, t.currency
  having cast(sum(t.closed * t.by_plan) as bigint) <> 0 or cast(sum(t.closed * t.by_product) as bigint) <> 0 or cast(sum(t.closed * t.by_add_on) as bigint) <> 0
    or cast(sum(t.closed * t.by_seats) as bigint) <> 0 or cast(sum(t.closed * t.by_usage) as bigint) <> 0 or cast(sum(t.closed * t.by_price) as bigint) <> 0
    or cast(sum(t.closed * t.by_discount) as bigint) <> 0 or cast(sum(t.closed * t.by_other) as bigint) <> 0
),
long as (
  select
    t.period, t.account_key, t.currency, t.closed, d.driver,
    case d.driver when 'plan' then t.by_plan when 'product' then t.by_product when 'add_on' then t.by_add_on
      when 'seats' then t.by_seats when 'usage' then t.by_usage when 'price' then t.by_price
      when 'discount' then t.by_discount else t.by_other end as amount
  from differs f
  join told t on t.period = f.period and t.account_key = f.account_key and t.currency = f.currency
  cross join driver_name d
)
select
  l.period, l.account_key, l.currency, 'by_' || l.driver as measure,
  cast(sum(case when l.closed = 1 then l.amount else 0 end) as bigint) as as_closed, -- minor units
  cast(sum(case when l.closed = 1 then 0 else l.amount end) as bigint) as as_known_now
from long l
group by l.period, l.account_key, l.currency, l.driver
having cast(sum(l.closed * l.amount) as bigint) <> 0
