-- account_item: how many items each account has now, and the product and plan of the largest.
-- grain: account_key, currency
-- reads: held_item
-- ties: -
with ranked as (
  select
    h.account_key, h.currency, h.product_key, h.plan_key,
    row_number() over (
      partition by h.account_key, h.currency order by h.mrr desc, h.plan_key, h.product_key, h.item_key, h.from_at, h.source_id, h.line) as nth
  from held_item h
)
select
  r.account_key, r.currency,
  count(*) as items, -- number of items
  max(case when r.nth = 1 then r.product_key else 0 end) as product_key,
  max(case when r.nth = 1 then r.plan_key else 0 end) as plan_key
from ranked r
group by r.account_key, r.currency
