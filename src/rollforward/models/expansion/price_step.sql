-- price_step: each plan of the price list beside the next tier of its product, currency and interval: both prices, and who is on it.
-- grain: plan_key
-- reads: plan_current, base_item
-- ties: -
-- decisions: 0016
with priced as (
  select
    p.plan_key, p.product_key, p.tier, p.amount, p.currency, p.interval, p.interval_count,
    lead(p.plan_key, 1, 0) over w as next_plan_key,
    lead(p.amount, 1, 0) over w as next_amount,
    lead(p.tier, 1, 0) over w as next_tier
  from plan_current p
  where p.tier > 0 and p.amount > 0
  window w as (partition by p.product_key, p.currency, p.interval, p.interval_count order by p.tier, p.amount, p.plan_key)
),
held as (
  select b.plan_key, count(*) as accounts
  from base_item b
  group by b.plan_key
)
select
  r.plan_key, r.next_plan_key, -- 0: none above it
  r.currency, r.interval, r.tier,
  r.amount as price, -- of a unit per interval, minor units
  r.next_amount as next_price, -- of the next plan, minor units
  cast(r.next_amount as double) / nullif(r.amount, 0) as step, -- next price over this one
  coalesce(h.accounts, 0) as accounts -- on the plan now, as their base
from priced r
left join held h on h.plan_key = r.plan_key
where r.next_plan_key > 0 and r.next_tier > r.tier
