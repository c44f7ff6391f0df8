-- account_change: the sum of all changes of an account's MRR in a netting window, per currency.
-- grain: account_key, currency, window_at
-- reads: item_mrr, side, netting_window
-- ties: ledger_ties
-- Each stretch enters at its start and leaves at its end; what touches cancels in the sum.
with edge as (
  select
    m.account_key, m.currency,
    case when s.side = 1 then m.from_at else m.to_at end as at,
    s.side * m.mrr as delta, s.side * m.idle as idle,
    case when s.side = 1 then m.opening else 0 end as opening
  from item_mrr m
  cross join side s
  where (m.mrr <> 0 or m.idle <> 0) and (s.side = 1 or m.to_at < timestamp '9999-12-31')
)
select
  e.account_key, e.currency,
  coalesce(n.window_at, cast(cast(e.at as date) as timestamp)) as window_at,
  cast(sum(e.delta) as bigint) as delta, -- minor units
  cast(sum(e.idle) as bigint) as idle, -- change of the number of items that keep the account active at 0
  max(e.opening) as opening -- 1: the balance a source without start dates began with
from edge e
left join netting_window n on n.account_key = e.account_key and n.at = e.at
group by e.account_key, e.currency, coalesce(n.window_at, cast(cast(e.at as date) as timestamp))
