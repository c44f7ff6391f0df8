-- driven: the drivers of what moved on each day, in the currency of the answer.
-- grain: on_date, currency, segment, several, movement
-- reads: native_driver, judged_driver, rate_day, reporting
-- ties: drivers_sum
-- decisions: 0010
select
  n.on_date, case g.currency when '' then n.currency else g.currency end as currency, n.segment, n.several, n.movement,
  cast(n.amount as decimal(38,0)) * coalesce(r.rate, g.unsaid) as amount, -- 1/scale of a minor unit
  cast(n.by_plan as decimal(38,0)) * coalesce(r.rate, g.unsaid) as by_plan, cast(n.by_product as decimal(38,0)) * coalesce(r.rate, g.unsaid) as by_product,
  cast(n.by_add_on as decimal(38,0)) * coalesce(r.rate, g.unsaid) as by_add_on, cast(n.by_seats as decimal(38,0)) * coalesce(r.rate, g.unsaid) as by_seats,
  cast(n.by_usage as decimal(38,0)) * coalesce(r.rate, g.unsaid) as by_usage, cast(n.by_price as decimal(38,0)) * coalesce(r.rate, g.unsaid) as by_price,
  cast(n.by_discount as decimal(38,0)) * coalesce(r.rate, g.unsaid) as by_discount, cast(n.by_other as decimal(38,0)) * coalesce(r.rate, g.unsaid) as by_other,
  cast(n.amount as decimal(38,0)) * (1 - coalesce(r.known, g.unsaid)) as missing -- native minor units without a rate
from native_driver n
cross join reporting g
left join rate_day r on r.currency = n.currency and r.on_date = n.on_date
where g.currency = '' or (n.several = 0 and (g.carried = 0 or n.currency = g.currency))
union all
select
  j.on_date, j.currency, j.segment, 1 as several, j.movement, j.amount,
  j.by_plan, j.by_product, j.by_add_on, j.by_seats, j.by_usage, j.by_price, j.by_discount, j.by_other, j.missing
from judged_driver j
