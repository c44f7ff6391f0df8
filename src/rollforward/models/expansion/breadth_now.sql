-- breadth_now: how many features (of metrics without any: metrics) each account used lately, among those on its tier.
-- grain: account_key
-- reads: feature_now, usage_month, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
with used as (
  select f.account_key, f.metric || '/' || f.feature as feature from feature_now f
  union
  select u.account_key, u.metric as feature
  from usage_month u
  cross join lookback k
  cross join signal_rule r
  where u.quantity > 0 and u.last_on >= k.known_to - cast(r.feature_days as integer)
    and u.metric not in (select f.metric from feature_now f)
),
counted as (
  select a.account_key, a.family, a.tier, count(*) as features
  from used u
  join signal_account a on a.account_key = u.account_key
  where a.family <> ''
  group by a.account_key, a.family, a.tier
)
select
  c.account_key,
  c.features, -- how many it used
  count(*) over (partition by c.family, c.tier) - 1 as peers, -- others on its tier
  rank() over (partition by c.family, c.tier order by c.features) - 1 as fewer, -- of them, those with fewer
  rank() over (partition by c.family, c.tier order by c.features desc) - 1 as more, -- of them, those with more
  cast(cast(sum(c.features) over (partition by c.family, c.tier) as bigint) - c.features as double)
    / nullif(count(*) over (partition by c.family, c.tier) - 1, 0) as usual -- mean of the others
from counted c
