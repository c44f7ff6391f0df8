-- offer: what each account that pays could add, and how many units of it: tiers above its own, and add-ons and products that it lacks.
-- grain: account_key, plan_key
-- reads: signal_account, base_item, offer_plan, held_item, plan_current, product_current, usual_quantity
-- ties: -
-- decisions: 0016
-- In the currency and interval of its base item. Of an add-on or another product the lowest tier, in the usual quantity.
with owned as (
  select distinct h.account_key, case coalesce(c.role, 'base') when 'base' then coalesce(c.family, '') else coalesce(c.product_id, '') end as offered
  from held_item h
  left join plan_current m on m.plan_key = h.plan_key
  left join product_current c on c.product_key = coalesce(nullif(h.product_key, 0), m.product_key, 0)
),
lowest as (
  select p.offered, p.currency, p.per, min(p.tier) as tier
  from offer_plan p
  group by p.offered, p.currency, p.per
),
lacking as (
  select b.account_key, p.plan_key, p.offered
  from base_item b
  join offer_plan p on p.currency = b.currency and p.per = b.per
  join lowest l on l.offered = p.offered and l.currency = p.currency and l.per = p.per and l.tier = p.tier
  left join owned o on o.account_key = b.account_key and o.offered = p.offered
  where coalesce(o.offered, '') = ''
)
select
  b.account_key, p.plan_key, 'upgrade' as kind, -- upgrade, add_on or product
  b.quantity, b.kept, b.mrr as replaces, -- MRR of the item that it would take the place of
  case when p.tier = min(p.tier) over (partition by b.account_key) then 1 else 0 end as is_next -- 1: the tier next to its own, or no tier
from base_item b
join signal_account a on a.account_key = b.account_key
join offer_plan p on p.offered = b.family and p.role = 'base' and p.currency = b.currency and p.per = b.per and p.tier > b.tier
where b.tier > 0
union all
select
  l.account_key, l.plan_key, case p.role when 'base' then 'product' else 'add_on' end as kind,
  coalesce(u.quantity, 1) as quantity, cast(1000000000000 as bigint) as kept, cast(0 as bigint) as replaces, 1 as is_next
from lacking l
join signal_account a on a.account_key = l.account_key
join offer_plan p on p.plan_key = l.plan_key
left join usual_quantity u on u.product_key = p.product_key
