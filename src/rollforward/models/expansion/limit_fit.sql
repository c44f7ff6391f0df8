-- limit_fit: what share of each limit the accounts on each plan use now.
-- grain: account_key, plan_key, metric
-- reads: limit_state, base_item, plan_limit_now
-- ties: -
-- decisions: 0016
select
  b.account_key, b.plan_key, s.metric, b.currency,
  b.mrr, -- minor units, of the base item
  cast(s.quantity as double) / nullif(s."limit", 0) as share -- of the limit
from limit_state s
join base_item b on b.account_key = s.account_key
join plan_limit_now l on l.plan_key = b.plan_key and l.metric = s.metric and l.quantity > 0
where s.kind = 'limit' and s."limit" > 0
