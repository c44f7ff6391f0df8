-- tier_price: list amount (per the plan's own interval) of tiered plans for the quantities that changes need.
-- grain: plan_key, quantity
-- reads: change, plan_current, plan_tier
-- ties: -
-- Volume: the step the quantity falls in prices all units. Graduated: each step prices its own units.
with needed as (
  select c.plan_key, c.quantity from change c
  union
  select c.plan_key, c.b_quantity as quantity from change c
  union
  select c.b_plan_key as plan_key, c.b_quantity as quantity from change c
),
tiered as (
  select n.plan_key, n.quantity, p.tiers_mode, p.currency,
    p.interval_count * 10 + case p.interval when 'day' then 1 when 'week' then 2 when 'month' then 3 else 4 end as per, p.commit_id, p.source_id, p.line
  from needed n
  join plan_current p on p.plan_key = n.plan_key
  where p.tiers_mode <> ''
)
select
  t.plan_key, t.quantity, t.currency, t.per,
  cast(sum(case
    when t.tiers_mode = 'volume' and t.quantity <= r.last_unit then t.quantity * r.unit_amount + r.flat_amount
    when t.tiers_mode = 'volume' then 0
    else (least(t.quantity, r.last_unit) - r.first_unit + 1) * r.unit_amount + r.flat_amount
  end) as bigint) as amount -- minor units per interval
from tiered t
join plan_tier r
  on r.plan_key = t.plan_key and r.commit_id = t.commit_id and r.source_id = t.source_id and r.line = t.line and r.first_unit <= t.quantity
group by t.plan_key, t.quantity, t.currency, t.per
