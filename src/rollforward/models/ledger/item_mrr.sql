-- item_mrr: the MRR of each counted stretch of each item, and of the paused ones that keep their account active, at 0.
-- grain: item_key, from_at, source_id, line
-- reads: priced, gap_end, kept_from, handed
-- ties: drivers_sum
-- decisions: 0004, 0006, 0009, 0013
-- What a link hands over begins in the other account as it was, for no time: what it is from then on touches it.
select
  p.account_key, p.item_key, p.product_key, p.plan_key, p.currency, p.from_at,
  coalesce(g.counts_to, p.to_at) as to_at,
  p.opening, p.cancel_reason, p.source_id, p.line,
  p.quantity, -- 0 counts as 1
  p.amount, -- list amount per interval, minor units
  p.per, -- interval: count * 10 + 1 day, 2 week, 3 month, 4 year
  p.kept, -- share left by percent discounts, in 10^-12
  p.cut, -- amount discounts per interval, minor units
  p.mrr, -- minor units
  p.counted, -- 0: a paused stretch, here because it keeps its account active
  p.idle -- 1: at 0, and its account is active
from priced p
left join gap_end g
  on g.account_key = p.account_key and g.item_key = p.item_key and g.from_at = p.from_at and g.source_id = p.source_id and g.line = p.line
left join kept_from k on k.account_key = p.account_key
where p.mrr = 0 or cast(p.from_at as date) >= coalesce(k.kept_from, date '0001-01-01')
union all
select
  h.to_key as account_key, h.item_key, h.product_key, h.plan_key, h.currency, h.at as from_at, h.at as to_at, 0 as opening,
  '' as cancel_reason, cast(0 as bigint) as source_id, cast(0 as bigint) as line, h.quantity, h.amount, h.per, h.kept, h.cut,
  h.mrr, h.counted, h.idle
from handed h
