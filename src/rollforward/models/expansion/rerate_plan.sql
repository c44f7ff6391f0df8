-- rerate_plan: each account on every plan that can be offered in place of its own: what it would pay, and how many limits would not have done.
-- grain: account_key, plan_key
-- reads: rerate_use, base_item, offer_plan, offer_price, plan_limit_now
-- ties: -
-- decisions: 0016
-- At list, less the percent discounts that its item has now, in its own quantity, currency and interval. A limit on what is not told would not have done.
with rated as (
  select distinct u.account_key from rerate_use u
),
priced as (
  select
    b.account_key, p.plan_key, p.tier,
    cast((2 * cast(x.mrr as hugeint) * b.kept + 1000000000000) // 2000000000000 as bigint) as mrr
  from rated r
  join base_item b on b.account_key = r.account_key
  join offer_plan p on p.offered = b.family and p.role = 'base' and p.currency = b.currency and p.per = b.per
  join offer_price x on x.plan_key = p.plan_key and x.quantity = b.quantity
),
short as (
  select d.account_key, d.plan_key, count(case when coalesce(u.highest, 9000000000000000000) > l.quantity * coalesce(u.units, 1) then 1 end) as lacking
  from priced d
  join plan_limit_now l on l.plan_key = d.plan_key and l.quantity > 0
  left join rerate_use u on u.account_key = d.account_key and u.metric = l.metric
  group by d.account_key, d.plan_key
)
select
  d.account_key, d.plan_key, d.tier,
  d.mrr, -- that it would pay, minor units
  coalesce(s.lacking, 0) as lacking -- limits below its highest month
from priced d
left join short s on s.account_key = d.account_key and s.plan_key = d.plan_key
