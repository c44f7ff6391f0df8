-- usage_value: the usage level of each account: bands of what it used of the policy's metric in the last whole calendar month.
-- grain: account_key, from_at
-- reads: usage, band, owner_span, zone_shift
-- ties: segments_tie
-- decisions: 0011, 0013
-- A level holds for the month after; what follows a month of which nothing is told is unknown. Plain dates are midnights.
with told as (
  select
    u.account_key, cast(cast(u.quantity as decimal(24,6)) * 1000000 as decimal(38,0)) as millionths,
    case when u.at = cast(cast(u.at as date) as timestamp) then u.at
      when coalesce(z.clamp_to, timestamp '9999-12-31') < timestamp '9999-12-31' then coalesce(z.clamp_to, u.at)
      else u.at + coalesce(z.shift_seconds, 0) * interval '1' second end as at,
    row_number() over (
      partition by u.account_key, u.feature, u.at order by u.rank desc, u.recorded_at desc, u.commit_id desc, u.source_id desc, u.line desc)
      as nth
  from usage u
  left join zone_shift z on u.at >= z.utc_from and u.at < z.utc_to
  where u.metric in (select b.metric from band b where b.dimension = 'usage_level')
),
-- No band ends below 10^13.
used as (
  select
    coalesce(o.owner_key, t.account_key) as account_key, cast(cast(date_trunc('month', t.at) as date) as timestamp) as month_from,
    least(cast(sum(t.millionths) as decimal(38,0)), cast(9999999999999000000 as decimal(38,0))) as millionths
  from told t
  left join owner_span o on o.account_key = t.account_key and o.from_at <= t.at and o.to_at > t.at
  where t.nth = 1
  group by coalesce(o.owner_key, t.account_key), cast(cast(date_trunc('month', t.at) as date) as timestamp)
),
followed as (
  select
    d.account_key, d.month_from, d.millionths,
    lead(d.month_from, 1, timestamp '9999-12-31') over (partition by d.account_key order by d.month_from) as next_from
  from used d
)
select f.account_key, b.dimension, b.name as value, f.month_from + interval '1 month' as from_at
from followed f
join band b on b.one = 1 and f.millionths >= cast(b.from_value as decimal(38,0)) * 1000000
  and f.millionths < cast(b.to_value as decimal(38,0)) * 1000000
where b.dimension = 'usage_level'
union all
select f.account_key, 'usage_level' as dimension, 'unknown' as value, f.month_from + interval '2 month' as from_at
from followed f
where f.next_from > f.month_from + interval '1 month'
