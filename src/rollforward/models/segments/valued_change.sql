-- valued_change: the ledger by value of items, and what goes from one value to another without a change of MRR.
-- grain: account_key, item_key, terms_key, occurred_at, side, value, rule
-- reads: kind_change, item_shift, item_value
-- ties: segments_tie
-- decisions: 0011, 0012
select
  c.account_key, c.currency, c.window_at, c.on_date, coalesce(v.value, '') as value, -- '': no dimension of items is asked
  c.item_key, c.product_key, c.plan_key, c.terms_key, c.occurred_at, c.side, c.delta, -- minor units; the eight drivers sum to it
  c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other, c.rule, c.source_id, c.line
from kind_change c
left join item_value v
  on v.product_key = c.product_key and v.plan_key = c.plan_key and v.per = c.per and v.currency = c.currency and v.family = c.family
union all
select
  s.account_key, s.currency, s.window_at, s.on_date, v.value, s.item_key, s.product_key, s.plan_key, cast(0 as bigint) as terms_key,
  s.occurred_at, s.side, s.delta, s.by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage, s.by_price, 0 as by_discount,
  s.by_other, s.rule, s.source_id, s.line
from item_shift s
join item_value v
  on v.product_key = s.product_key and v.plan_key = s.plan_key and v.per = s.per and v.currency = s.currency and v.family = s.family
join item_value o
  on o.product_key = s.other_product_key and o.plan_key = s.other_plan_key and o.per = s.other_per and o.currency = s.currency
  and o.family = s.other_family
where v.value <> o.value
