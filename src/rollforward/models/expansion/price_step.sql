-- price_step: each plan of the price list beside the next tier that is sold of its product, currency and interval: both prices, and who is on it.
-- grain: plan_key
-- reads: plan_current, base_item, offer_plan
-- ties: -
-- decisions: 0016
-- A next tier whose price is no price of a unit makes no step.
with priced as (
  select
    p.plan_key, p.product_key, p.tier, p.amount, p.currency, p.interval,
    p.interval_count * 10 + case p.interval when 'day' then 1 when 'week' then 2 when 'month' then 3 else 4 end as per
  from plan_current p
  where p.tier > 0 and p.amount > 0
),
above as (
  select p.plan_key, min(o.tier) as tier
  from priced p
  join offer_plan o on o.product_key = p.product_key and o.currency = p.currency and o.per = p.per and o.tier > p.tier
  group by p.plan_key
),
held as (
  select b.plan_key, count(*) as accounts
  from base_item b
  group by b.plan_key
)
select
  r.plan_key, o.plan_key as next_plan_key, -- plan of the next tier that is sold
  r.currency, r.interval, r.tier,
  r.amount as price, -- of a unit per interval, minor units
  o.amount as next_price, -- of the next plan, minor units
  cast(o.amount as double) / nullif(r.amount, 0) as step, -- next price over this one
  coalesce(h.accounts, 0) as accounts -- on the plan now, as their base
from priced r
join above a on a.plan_key = r.plan_key
join offer_plan o on o.product_key = r.product_key and o.currency = r.currency and o.per = r.per and o.tier = a.tier and o.amount > 0
left join held h on h.plan_key = r.plan_key
