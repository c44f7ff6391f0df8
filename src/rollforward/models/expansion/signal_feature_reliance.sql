-- signal_feature_reliance: an account leans on a feature as those of the tiers above do, and as few others of its own tier.
-- grain: account_key, subject
-- reads: feature_now, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- A feature is one of the tiers above where those lean on it more than this tier does, on average. Who uses other features of the metric
-- and not this one leans on it with 0; no account is among its own peers.
with users as (
  select f.metric, f.family, f.tier, count(distinct f.account_key) as accounts
  from feature_now f
  where f.family <> ''
  group by f.metric, f.family, f.tier
),
leaning as (
  select f.metric, f.feature, f.family, f.tier, cast(sum(f.share) as double) as shares
  from feature_now f
  where f.family <> ''
  group by f.metric, f.feature, f.family, f.tier
),
above as (
  select u.metric, l.feature, u.family, t.tier, max(u.accounts) as accounts,
    cast(sum(l.shares) as double) as shares, cast(sum(u.accounts) as bigint) as all_accounts
  from users t
  join users u on u.metric = t.metric and u.family = t.family and u.tier > t.tier
  join leaning l on l.metric = u.metric and l.family = u.family and l.tier = u.tier
  where t.tier > 0
  group by u.metric, l.feature, u.family, t.tier
),
ranked as (
  select
    f.account_key, f.metric, f.feature, f.family, f.tier, f.quantity, f.share,
    rank() over (partition by f.metric, f.feature, f.family, f.tier order by f.share desc) as nth
  from feature_now f
  where f.family <> ''
)
select
  f.account_key, 'feature_reliance' as signal, f.feature as subject,
  k.known_to - cast(r.feature_days as integer) as since, date '9999-12-31' as due_on, f.quantity as value,
  cast(b.shares as double) / nullif(b.all_accounts, 0) as reference, f.share,
  cast(u.accounts - f.nth as double) / nullif(u.accounts - 1, 0) as low, -- share of the others on the tier who lean on it less
  cast(0 as double) as high, u.accounts - f.nth as times, u.accounts - 1 as out_of
from ranked f
join users u on u.metric = f.metric and u.family = f.family and u.tier = f.tier
join above b on b.metric = f.metric and b.feature = f.feature and b.family = f.family and b.tier = f.tier
join leaning l on l.metric = f.metric and l.feature = f.feature and l.family = f.family and l.tier = f.tier
cross join signal_rule r
cross join lookback k
where u.accounts > r.feature_peers and b.all_accounts >= r.feature_peers
  and u.accounts - f.nth >= r.feature_top * (u.accounts - 1)
  and f.share * b.all_accounts >= b.shares and b.shares * u.accounts > l.shares * b.all_accounts
