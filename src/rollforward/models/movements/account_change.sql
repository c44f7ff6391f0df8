-- account_change: the sum of all changes of an account's MRR in a netting window, per currency.
-- grain: account_key, currency, window_at
-- reads: item_mrr, side, netting_window, handed_window
-- ties: ledger_ties
-- decisions: 0013
-- Each stretch enters at its start and leaves at its end; what touches cancels in the sum. What links move has windows of its own.
with edge as (
  select
    m.account_key, m.currency,
    case when s.side = 1 then m.from_at else m.to_at end as at,
    s.side * m.mrr as delta, s.side * m.idle as idle,
    case when s.side = 1 then m.opening else 0 end as opening
  from item_mrr m
  cross join side s
  where (m.mrr <> 0 or m.idle <> 0) and (s.side = 1 or m.to_at < timestamp '9999-12-31')
),
placed as (
  select
    e.account_key, e.currency, coalesce(n.window_at, cast(cast(e.at as date) as timestamp)) as window_at, e.delta, e.idle, e.opening
  from edge e
  left join netting_window n on n.account_key = e.account_key and n.at = e.at
  union all
  select
    h.account_key, h.currency, case when s.side = 1 then h.window_at else h.base_at end as window_at,
    s.side * h.delta as delta, s.side * h.idle as idle, 0 as opening
  from handed_window h
  cross join side s
)
select
  p.account_key, p.currency, p.window_at,
  cast(sum(p.delta) as bigint) as delta, -- minor units
  cast(sum(p.idle) as bigint) as idle, -- change of the number of items that keep the account active at 0
  max(p.opening) as opening -- 1: the balance a source without start dates began with
from placed p
group by p.account_key, p.currency, p.window_at
