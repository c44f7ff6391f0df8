-- item_step: counted stretches of each item in order, each with the terms before it and where its neighbours lie.
-- grain: item_key, account_key, from_at, source_id, line
-- reads: item_mrr, terms, charge_item
-- ties: ledger_ties
-- decisions: 0004
-- Few and narrow columns: this is the widest sort of the chain. line_key: the item; of use, which may be billed in two
-- currencies at once, each currency of the item apart.
with item_terms as (
  select
    m.account_key, m.from_at, m.to_at, m.source_id, m.line, t.terms_key,
    1024 * m.item_key + case when coalesce(u.item_key, 0) <> 0 then t.terms_key // 1099511627776 else 0 end as line_key
  from item_mrr m
  join terms t
    on t.currency = m.currency and t.product_key = m.product_key and t.plan_key = m.plan_key and t.quantity = m.quantity
    and t.amount = m.amount and t.per = m.per and t.kept = m.kept and t.cut = m.cut
  left join charge_item u on u.item_key = m.item_key
  where m.counted = 1
)
select
  i.account_key, i.line_key // 1024 as item_key, i.from_at, i.to_at, i.source_id, i.line, i.terms_key,
  lag(i.terms_key, 1, 0) over w as b_terms_key, -- terms of the stretch before; 0: none
  lag(i.to_at, 1, timestamp '0001-01-01') over w as b_to_at, -- its end
  lead(i.from_at, 1, timestamp '9999-12-31') over w as n_from_at, -- start of the next one; 9999-12-31: none
  lead(i.terms_key, 1, 0) over w as n_terms_key
from item_terms i
window w as (partition by i.account_key, i.line_key order by i.from_at, i.source_id, i.line)
