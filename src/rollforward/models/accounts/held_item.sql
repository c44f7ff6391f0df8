-- held_item: the items that each account has now, with their terms and MRR.
-- grain: account_key, item_key, currency, from_at, source_id, line
-- reads: item_step, terms, lookback
-- ties: -
select
  s.account_key, s.item_key, t.currency, t.product_key, t.plan_key, s.from_at, s.to_at, s.source_id, s.line,
  t.quantity, -- 0 counts as 1
  t.amount, -- list amount per interval, minor units
  t.per, -- interval: count * 10 + 1 day, 2 week, 3 month, 4 year
  t.kept, -- share left by percent discounts, in 10^-12
  t.cut, -- amount discounts per interval, minor units
  t.mrr -- minor units
from item_step s
join terms t on t.terms_key = s.terms_key
cross join lookback k
where cast(s.from_at as date) < k.known_to and cast(s.to_at as date) >= k.known_to
