-- terms: every combination of what an item can be: product, plan, currency, quantity, price, discounts; and its MRR.
-- grain: terms_key
-- reads: item_mrr
-- ties: drivers_sum
-- Drivers depend on the terms before and after alone, so they are worked out once for each pair and not for each row.
with distinct_terms as (
  select distinct m.currency, m.product_key, m.plan_key, m.quantity, m.amount, m.per, m.kept, m.cut, m.mrr
  from item_mrr m
  where m.counted = 1
)
select
  dense_rank() over (order by d.currency) * 1099511627776
    + row_number() over (order by d.currency, d.product_key, d.plan_key, d.quantity, d.amount, d.per, d.kept, d.cut)
    as terms_key, -- terms_key // 2^40 is the same for the same currency
  d.currency, d.product_key, d.plan_key, d.quantity, d.amount, d.per, d.kept, d.cut, d.mrr
from distinct_terms d
