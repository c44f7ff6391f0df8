-- netting_window: the netting window of each moment at which an item starts, changes or ends; empty where a window is a day.
-- grain: account_key, at
-- reads: item_mrr, policy, side
-- ties: ledger_ties
-- only: netting <> 'day'
-- columns: account_key bigint, at timestamp, window_at timestamp, window_to timestamp
-- decisions: 0009
-- The only place that knows of windows: a moment that is not in here belongs to its day, from midnight to midnight.
-- minutes: counted from the account's first change of MRR of that day (from the moment itself where there is none), cut at midnight.
with moment as (
  select
    m.account_key, m.item_key, m.currency, case when s.side = 1 then m.from_at else m.to_at end as at,
    y.netting, case when y.netting in ('second', 'month') then 1000000 else y.netting_seconds * 1000000 end as width,
    cast(sum(s.side * m.mrr) as bigint) as delta
  from item_mrr m
  cross join side s
  cross join policy y
  where y.netting <> 'day' and (s.side = 1 or m.to_at < timestamp '9999-12-31')
  group by m.account_key, m.item_key, m.currency, case when s.side = 1 then m.from_at else m.to_at end, y.netting, y.netting_seconds
),
anchor as (
  select o.account_key, cast(o.at as date) as on_date, min(o.at) as first_at
  from moment o
  where o.netting = 'minutes' and o.delta <> 0
  group by o.account_key, cast(o.at as date)
),
counted as (
  select distinct
    o.account_key, o.at, o.netting, o.width, cast(cast(o.at as date) as timestamp) as midnight,
    case when o.netting = 'minutes' then coalesce(a.first_at, o.at) else cast(cast(o.at as date) as timestamp) end as first_at
  from moment o
  left join anchor a on a.account_key = o.account_key and a.on_date = cast(o.at as date)
),
placed as (
  select
    c.account_key, c.at, c.netting, c.width, c.midnight,
    case when c.netting = 'month' then cast(cast(date_trunc('month', c.at) as date) as timestamp)
      else greatest(c.midnight, c.first_at
        + ((date_diff('microsecond', c.first_at, c.at) + 86400 * c.width) // c.width - 86400) * (c.width // 1000000) * interval '1 second')
    end as window_at
  from counted c
)
select
  p.account_key, p.at,
  p.window_at, -- first instant of the window
  case when p.netting = 'month' then p.window_at + interval '1 month'
    else least(p.window_at + (p.width // 1000000) * interval '1 second', p.midnight + interval '1 day') end as window_to -- first instant after it
from placed p
