-- involuntary: the part of each account's churn whose source says it was involuntary (payment failed).
-- grain: account_key, currency, window_at
-- reads: item_mrr, account_day, netting_window
-- ties: -
select
  d.account_key, d.currency, d.window_at, d.on_date, d.several,
  cast(sum(-m.mrr) as bigint) as amount -- minor units, negative
from item_mrr m
left join netting_window n on n.account_key = m.account_key and n.at = m.to_at
join account_day d
  on d.account_key = m.account_key and d.currency = m.currency and d.window_at = coalesce(n.window_at, cast(cast(m.to_at as date) as timestamp))
  and d.movement = 'churn'
left join netting_window b on b.account_key = m.account_key and b.at = m.from_at
where m.cancel_reason = 'involuntary' and coalesce(b.window_at, cast(cast(m.from_at as date) as timestamp)) < d.window_at
group by d.account_key, d.currency, d.window_at, d.on_date, d.several
