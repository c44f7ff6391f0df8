-- item_step: counted stretches of each item in order, each with the terms before it and where its neighbours lie.
-- grain: item_key, account_key, from_at, source_id, line
-- reads: item_mrr, terms
-- ties: ledger_ties
-- decisions: 0004
-- Few and narrow columns: this is the widest sort of the chain.
with item_terms as (
  select m.account_key, m.item_key, m.from_at, m.to_at, m.source_id, m.line, t.terms_key
  from item_mrr m
  join terms t
    on t.currency = m.currency and t.product_key = m.product_key and t.plan_key = m.plan_key and t.quantity = m.quantity
    and t.amount = m.amount and t.per = m.per and t.kept = m.kept and t.cut = m.cut
  where m.counted = 1
)
select
  i.account_key, i.item_key, i.from_at, i.to_at, i.source_id, i.line, i.terms_key,
  lag(i.terms_key, 1, 0) over w as b_terms_key, -- terms of the stretch before; 0: none
  lag(i.to_at, 1, timestamp '0001-01-01') over w as b_to_at, -- its end
  lead(i.from_at, 1, timestamp '9999-12-31') over w as n_from_at, -- start of the next one; 9999-12-31: none
  lead(i.terms_key, 1, 0) over w as n_terms_key
from item_terms i
window w as (partition by i.account_key, i.item_key order by i.from_at, i.source_id, i.line)
