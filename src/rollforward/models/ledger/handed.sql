-- handed: items that go from one account to another by a link, as they were when they did (empty without links).
-- grain: item_key, currency, at
-- reads: acquired, priced, pause
-- ties: transfers_tie
-- only: acquired = 1
-- columns: from_key bigint, to_key bigint, item_key bigint, at timestamp, product_key bigint, plan_key bigint, currency varchar, quantity bigint, amount bigint, per integer, kept bigint, cut bigint, mrr bigint, counted bigint, idle integer, source_id bigint, line bigint
-- decisions: 0013
-- An item that ends, or becomes a trial, at that moment has ended in the first account.
with going as (
  select p.account_key, p.item_key, p.from_at as at from acquired a join priced p on p.account_key = a.to_key and p.from_at = a.at
  union
  select h.account_key, h.item_key, h.from_at as at from acquired a join pause h on h.account_key = a.to_key and h.from_at = a.at
)
select
  a.from_key, a.to_key, p.item_key,
  a.at, -- local time
  p.product_key, p.plan_key, p.currency, p.quantity, p.amount, p.per, p.kept, p.cut, p.mrr, p.counted, p.idle,
  a.source_id, a.line -- of the link
from acquired a
join priced p on p.account_key = a.from_key and p.to_at = a.at
join going g on g.account_key = a.to_key and g.item_key = p.item_key and g.at = a.at
