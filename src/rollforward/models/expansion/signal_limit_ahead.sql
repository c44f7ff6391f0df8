-- signal_limit_ahead: the trend of use reaches a limit of the plan soon; low and high are the days to it by the limits of the trend.
-- grain: account_key, subject
-- reads: limit_state, trend_now, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- A month is 365/12 days. Where the slowest trend would take longer than ten years, high is 3650.
with ahead as (
  select
    s.account_key, s.metric, s.quantity, s."limit", s.times_near, s.months_told, t.months,
    cast(365 * (s."limit" - s.quantity) as double) / nullif(12 * t.slope, 0) as days,
    cast(365 * (s."limit" - s.quantity) as double) / nullif(12 * t.slope_high, 0) as days_low,
    least(cast(365 * (s."limit" - s.quantity) as double) / nullif(12 * t.slope_low, 0), 3650) as days_high
  from limit_state s
  join trend_now t on t.account_key = s.account_key and t.metric = s.metric and t.direction = 1
  cross join signal_rule r
  where s.kind = 'limit' and s.quantity < s."limit" and s.quantity >= r.limit_from_share * s."limit"
)
select
  h.account_key, 'limit_ahead' as signal, h.metric as subject, cast(date_trunc('month', k.last_day) as date) as since,
  k.last_day + cast(floor(h.days) as integer) as due_on,
  h.quantity as value, h."limit" as reference, cast(h.quantity as double) / nullif(h."limit", 0) as share,
  h.days_low as low, h.days_high as high, cast(floor(h.days) as bigint) as times, h.months as out_of
from ahead h
cross join signal_rule r
cross join lookback k
where h.days <= r.limit_days
