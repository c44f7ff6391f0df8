-- signal_near_limit: use is near a limit of the plan, and not over it.
-- grain: account_key, subject
-- reads: limit_state, lookback
-- ties: -
-- decisions: 0016
select
  s.account_key, 'near_limit' as signal, s.metric as subject, s.near_since as since, date '9999-12-31' as due_on,
  s.quantity as value, s."limit" as reference, cast(s.quantity as double) / nullif(s."limit", 0) as share,
  cast(0 as double) as low, cast(0 as double) as high, s.times_near as times, s.months_told as out_of
from limit_state s
cross join lookback k
where s.kind = 'limit' and s.near_since <= k.last_day and s.over_since > k.last_day
