-- change: the pairs of terms, before and after, that occur: touching stretches, and the pairs of swap.
-- grain: b_terms_key, terms_key
-- reads: item_step, swap, terms
-- ties: drivers_sum
-- decisions: 0004
with pair as (
  select s.b_terms_key, s.terms_key
  from item_step s
  where s.b_to_at = s.from_at and s.b_terms_key <> s.terms_key and s.b_terms_key // 1099511627776 = s.terms_key // 1099511627776
  union
  select w.b_terms_key, w.terms_key from swap w
)
select
  p.b_terms_key, p.terms_key, t.currency,
  t.product_key, t.plan_key, t.mrr, t.quantity, t.amount, t.per, t.kept, t.cut,
  b.product_key as b_product_key, b.plan_key as b_plan_key, b.mrr as b_mrr, b.quantity as b_quantity, b.amount as b_amount,
  b.per as b_per, b.kept as b_kept, b.cut as b_cut
from pair p
join terms t on t.terms_key = p.terms_key
join terms b on b.terms_key = p.b_terms_key
