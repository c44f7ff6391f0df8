-- offer_price: the MRR at list of each plan that is offered, for each quantity that is offered or that accounts have of a plan beside it.
-- grain: plan_key, quantity
-- reads: offer, base_item, offer_plan, plan_tier, factor
-- ties: -
with needed as (
  select o.plan_key, o.quantity from offer o
  union
  select p.plan_key, b.quantity
  from base_item b
  join offer_plan p on p.offered = b.family and p.role = 'base' and p.currency = b.currency and p.per = b.per
),
listed as (
  select n.plan_key, n.quantity, p.per, p.amount * n.quantity as amount
  from needed n
  join offer_plan p on p.plan_key = n.plan_key
  where p.tiers_mode = ''
  union all
  select n.plan_key, n.quantity, p.per,
    cast(sum(case
      when p.tiers_mode = 'volume' and n.quantity <= r.last_unit then n.quantity * r.unit_amount + r.flat_amount
      when p.tiers_mode = 'volume' then 0
      else (least(n.quantity, r.last_unit) - r.first_unit + 1) * r.unit_amount + r.flat_amount
    end) as bigint) as amount
  from needed n
  join offer_plan p on p.plan_key = n.plan_key and p.tiers_mode <> ''
  join plan_tier r
    on r.plan_key = p.plan_key and r.commit_id = p.commit_id and r.source_id = p.source_id and r.line = p.line and r.first_unit <= n.quantity
  group by n.plan_key, n.quantity, p.per
)
select
  l.plan_key, l.quantity,
  (2 * l.amount * f.num + f.den) // (2 * f.den) as mrr -- minor units
from listed l
join factor f on f.per = l.per
