-- feature_now: what each account used lately of each feature, and its share of the use of all features of the metric.
-- grain: account_key, metric, feature
-- reads: usage_told, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- Rows without a feature say nothing of features.
with ranked as (
  select
    t.account_key, t.metric, t.feature, t.quantity,
    row_number() over (
      partition by t.account_key, t.metric, t.feature, t.at
      order by t.rank desc, t.recorded_at desc, t.commit_id desc, t.source_id desc, t.line desc) as nth
  from usage_told t
  cross join lookback k
  cross join signal_rule r
  where t.feature <> '' and t.quantity > 0 and t.at >= cast(k.known_to - cast(r.feature_days as integer) as timestamp)
),
summed as (
  select t.account_key, t.metric, t.feature, cast(sum(t.quantity) as double) as quantity
  from ranked t
  where t.nth = 1
  group by t.account_key, t.metric, t.feature
)
select
  s.account_key, s.metric, s.feature, s.quantity, a.family, a.tier,
  cast(s.quantity as double) / nullif(cast(sum(s.quantity) over (partition by s.account_key, s.metric) as double), 0) as share -- of the use of its features
from summed s
join signal_account a on a.account_key = s.account_key
