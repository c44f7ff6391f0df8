-- judged_driver: drivers, by day and class, of accounts whose currencies are judged together, in the currency of the answer.
-- grain: on_date, currency, movement, segment
-- reads: judged_cause, reporting
-- ties: drivers_sum
-- decisions: 0010, 0011
-- Empty in native answers.
select
  c.on_date, g.currency, c.movement, c.segment,
  cast(sum(c.amount) as decimal(38,0)) as amount, -- 10^-10 minor units
  cast(sum(c.by_plan) as decimal(38,0)) as by_plan,
  cast(sum(c.by_product) as decimal(38,0)) as by_product,
  cast(sum(c.by_add_on) as decimal(38,0)) as by_add_on,
  cast(sum(c.by_seats) as decimal(38,0)) as by_seats,
  cast(sum(c.by_usage) as decimal(38,0)) as by_usage,
  cast(sum(c.by_price) as decimal(38,0)) as by_price,
  cast(sum(c.by_discount) as decimal(38,0)) as by_discount,
  cast(sum(c.by_other) as decimal(38,0)) as by_other,
  cast(sum(c.missing) as decimal(38,0)) as missing -- native minor units without a rate
from judged_cause c
cross join reporting g
group by c.on_date, g.currency, c.movement, c.segment
