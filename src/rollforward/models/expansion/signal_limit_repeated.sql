-- signal_limit_repeated: use was near or over a limit again and again, whatever it is now.
-- grain: account_key, subject
-- reads: limit_state, signal_rule
-- ties: -
-- decisions: 0016
select
  s.account_key, 'limit_repeated' as signal, s.metric as subject, s.near_first as since, date '9999-12-31' as due_on,
  s.quantity as value, s."limit" as reference, cast(s.quantity as double) / nullif(s."limit", 0) as share,
  cast(0 as double) as low, cast(0 as double) as high, s.times_near as times, s.months_told as out_of
from limit_state s
cross join signal_rule r
where s.kind = 'limit' and s.times_near >= r.limit_times
