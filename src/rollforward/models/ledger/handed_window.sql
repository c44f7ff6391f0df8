-- handed_window: what links move, as windows of their own: into an account just before all else of its window, out of it after.
-- grain: account_key, currency, window_at
-- reads: handed, netting_window, side
-- ties: transfers_tie
-- only: acquired = 1
-- columns: account_key bigint, currency varchar, window_at timestamp, base_at timestamp, delta bigint, idle bigint
-- decisions: 0013
with placed as (
  select
    case when s.side = 1 then h.to_key else h.from_key end as account_key, h.currency, h.at, s.side,
    s.side * h.mrr as delta, s.side * h.idle as idle
  from handed h
  cross join side s
),
based as (
  select
    p.account_key, p.currency, p.side, p.delta, p.idle,
    coalesce(n.window_at, cast(cast(p.at as date) as timestamp)) as base_at
  from placed p
  left join netting_window n on n.account_key = p.account_key and n.at = p.at
)
select
  b.account_key, b.currency,
  case when b.side = 1 then b.base_at - interval '2 microsecond' else b.base_at + interval '1 microsecond' end as window_at,
  b.base_at, -- the window in which it would be otherwise
  cast(sum(b.delta) as bigint) as delta, -- minor units
  cast(sum(b.idle) as bigint) as idle -- items that keep the account active at 0
from based b
group by b.account_key, b.currency, b.base_at, case when b.side = 1 then b.base_at - interval '2 microsecond' else b.base_at + interval '1 microsecond' end
