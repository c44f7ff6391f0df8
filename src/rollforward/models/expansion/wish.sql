-- wish: what accounts have asked for: each account and subject once, with what the account pays now.
-- grain: account_key, tag
-- reads: event_now, signal_account, lookback, reporting, rate_day
-- ties: -
-- decisions: 0016
with asked as (
  select e.account_key, e.tag, min(cast(e.at as date)) as first_on, max(cast(e.at as date)) as last_on, count(*) as times,
    max(case when e.outcome = '' then 1 else 0 end) as is_open
  from event_now e
  cross join lookback k
  where e.kind in ('request', 'feature_request') and e.at < cast(k.known_to as timestamp)
  group by e.account_key, e.tag
)
select
  a.account_key, a.tag, -- what was asked for; '' = not said
  a.first_on, -- first time
  a.last_on, -- last time
  a.times, -- how often
  a.is_open, -- 1: at least one without an outcome
  case g.currency when '' then coalesce(s.currency, '') else g.currency end as currency, -- '' = it pays nothing
  cast((2 * cast(coalesce(s.mrr, 0) as hugeint) * coalesce(r.rate, g.unsaid) + g.scale) // (2 * g.scale) as bigint) as mrr -- minor units, now
from asked a
cross join reporting g
cross join lookback k
left join signal_account s on s.account_key = a.account_key
left join rate_day r on r.currency = coalesce(s.currency, '') and r.on_date = k.last_day
