-- item_change_value: the ledger by value of items: an item that changes its value leaves the one and enters the other.
-- grain: account_key, currency, value, window_at
-- reads: mrr_change, terms, item_step, item_value, change_driver, netting_window, side
-- ties: segments_tie
-- decisions: 0004, 0011
-- As with a swap the old value books its whole loss under plan (or price), the new one gives that back.
with told as (
  select
    c.account_key, c.currency, c.window_at, v.value,
    c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other
  from mrr_change c
  join terms t on t.terms_key = c.terms_key
  join item_value v
    on v.product_key = t.product_key and v.plan_key = t.plan_key and v.per = t.per and v.currency = t.currency
  union all
  select
    s.account_key, t.currency, coalesce(n.window_at, cast(cast(s.from_at as date) as timestamp)) as window_at,
    case when d.side = 1 then v.value else o.value end as value,
    d.side * b.mrr * (1 - r.as_price) as by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage,
    d.side * b.mrr * r.as_price as by_price, 0 as by_discount, 0 as by_other
  from item_step s
  join terms t on t.terms_key = s.terms_key
  join terms b on b.terms_key = s.b_terms_key and b.currency = t.currency
  join item_value v
    on v.product_key = t.product_key and v.plan_key = t.plan_key and v.per = t.per and v.currency = t.currency
  join item_value o
    on o.product_key = b.product_key and o.plan_key = b.plan_key and o.per = b.per and o.currency = b.currency
  join change_driver r on r.b_terms_key = s.b_terms_key and r.terms_key = s.terms_key
  cross join side d
  left join netting_window n on n.account_key = s.account_key and n.at = s.from_at
  where s.b_to_at = s.from_at and v.value <> o.value
)
select
  t.account_key, t.currency, t.window_at, t.value,
  cast(sum(t.by_plan) as bigint) as by_plan, cast(sum(t.by_product) as bigint) as by_product,
  cast(sum(t.by_add_on) as bigint) as by_add_on, cast(sum(t.by_seats) as bigint) as by_seats,
  cast(sum(t.by_usage) as bigint) as by_usage, cast(sum(t.by_price) as bigint) as by_price,
  cast(sum(t.by_discount) as bigint) as by_discount, cast(sum(t.by_other) as bigint) as by_other
from told t
group by t.account_key, t.currency, t.window_at, t.value
