-- feature_use: what each paying account uses and what it says, as numbers that scores learn from.
-- grain: account_key
-- reads: signal_account, limit_state, trend_now, usage_month, event_now, signal_metric, lookback
-- ties: -
-- decisions: 0016
-- -1000000 is "not told". Touches and offers are ours and no event of the account; use without a trend has the trend 0.
with allowed as (
  select s.account_key,
    max(case when s.kind = 'seats' then cast(s.quantity as double) / nullif(s."limit", 0) end) as seats_share,
    max(case when s.kind = 'limit' then cast(s.quantity as double) / nullif(s."limit", 0) end) as limit_share
  from limit_state s
  group by s.account_key
),
trends as (
  select t.account_key, avg(cast(t.slope as double) / nullif(abs(t.level), 0)) as trend
  from trend_now t
  group by t.account_key
),
used as (
  select u.account_key, max(u.last_on) as last_on
  from usage_month u
  cross join lookback k
  where u.quantity > 0 and u.last_on < k.known_to
  group by u.account_key
),
spoke as (
  select e.account_key, max(cast(e.at as date)) as last_on,
    count(case when e.kind = 'ticket' and cast(e.at as date) >= k.known_to - 90 then 1 end) as tickets
  from event_now e
  cross join lookback k
  where cast(e.at as date) < k.known_to and e.kind not in (select m.metric from signal_metric m where m.role = 'own')
  group by e.account_key
)
select
  a.account_key,
  coalesce(l.seats_share, -1000000) as seats_share, -- use of what is paid for by the unit
  coalesce(l.limit_share, -1000000) as limit_share, -- highest use of a plan's limit
  case when coalesce(u.account_key, 0) > 0 then coalesce(t.trend, 0) else -1000000 end as use_trend, -- change a month as a share of the level, mean of metrics
  coalesce(cast(date_diff('day', u.last_on, k.known_to) as double), -1000000) as days_since_use, -- days since anything was used
  coalesce(cast(date_diff('day', s.last_on, k.known_to) as double), -1000000) as days_since_event, -- days since its last event of its own
  cast(coalesce(s.tickets, 0) as double) as tickets_90 -- tickets in 90 days
from signal_account a
cross join lookback k
left join allowed l on l.account_key = a.account_key
left join trends t on t.account_key = a.account_key
left join used u on u.account_key = a.account_key
left join spoke s on s.account_key = a.account_key
