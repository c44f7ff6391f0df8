-- usage_told: what was told of use in this month and the twelve before, in local time, of the account whose it is.
-- grain: account_key, metric, feature, at, source_id, line
-- reads: usage, owner_span, zone_shift, lookback
-- ties: -
-- decisions: 0013, 0016
-- Plain dates are midnights and stay on their day.
with shifted as (
  select
    u.account_key, u.metric, u.feature, u.quantity, u.rank, u.recorded_at, u.commit_id, u.source_id, u.line,
    case when u.at = cast(cast(u.at as date) as timestamp) then u.at
      when coalesce(z.clamp_to, timestamp '9999-12-31') < timestamp '9999-12-31' then coalesce(z.clamp_to, u.at)
      else u.at + coalesce(z.shift_seconds, 0) * interval '1' second end as at
  from usage u
  left join zone_shift z on u.at >= z.utc_from and u.at < z.utc_to
)
select
  coalesce(o.owner_key, s.account_key) as account_key, s.metric, s.feature, s.at, s.quantity, s.rank, s.recorded_at,
  s.commit_id, s.source_id, s.line,
  cast(date_trunc('month', s.at) as date) as month -- first day of its month
from shifted s
cross join lookback k
left join owner_span o on o.account_key = s.account_key and o.from_at <= s.at and o.to_at > s.at
where s.at < cast(k.known_to as timestamp) and s.at >= cast(cast(date_trunc('month', k.year_ago) as date) as timestamp)
