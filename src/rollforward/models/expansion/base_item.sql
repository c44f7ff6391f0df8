-- base_item: the base item of which each account pays most, its place in the catalogue, and how many units of its product.
-- grain: account_key
-- reads: held_item, plan_current, product_current, currency_weight
-- ties: -
with placed as (
  select
    h.account_key, h.item_key, h.currency, h.from_at, h.source_id, h.line, h.plan_key, h.quantity, h.per, h.kept, h.mrr,
    coalesce(nullif(h.product_key, 0), m.product_key, 0) as product_key, coalesce(m.tier, 0) as tier
  from held_item h
  left join plan_current m on m.plan_key = h.plan_key
),
ranked as (
  select
    p.account_key, p.item_key, p.currency, p.plan_key, p.product_key, p.tier, p.quantity, p.per, p.kept, p.mrr,
    coalesce(c.family, '') as family,
    cast(sum(p.quantity) over (partition by p.account_key, p.product_key) as bigint) as units,
    row_number() over (
      partition by p.account_key
      order by cast(p.mrr as hugeint) * coalesce(u.weight, 1) desc, p.currency, p.plan_key, p.item_key, p.from_at, p.source_id, p.line) as nth
  from placed p
  left join product_current c on c.product_key = p.product_key
  left join currency_weight u on u.currency = p.currency
  where coalesce(c.role, 'base') = 'base' and p.mrr > 0
)
select
  r.account_key, r.item_key, r.currency, r.product_key, r.plan_key, r.family,
  r.tier, -- rank of its plan, 0 = not said
  r.quantity, r.per, r.kept, r.mrr,
  r.units -- quantity of all its items of the product
from ranked r
where r.nth = 1
