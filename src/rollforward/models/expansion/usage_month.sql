-- usage_month: what each account used by metric and month: the sum of its rows, or of a state the highest.
-- grain: account_key, metric, month
-- reads: usage_plain, usage_told, signal_metric
-- ties: -
-- decisions: 0016
-- Of two rows of one account, metric, feature and moment the later one counts; features of one moment add up.
with crowded as (
  select
    t.account_key, t.metric, t.month, t.feature, t.at, t.quantity,
    row_number() over (
      partition by t.account_key, t.metric, t.feature, t.at
      order by t.rank desc, t.recorded_at desc, t.commit_id desc, t.source_id desc, t.line desc) as nth
  from usage_told t
  join usage_plain p on p.account_key = t.account_key and p.metric = t.metric and p.month = t.month and p.is_crowded = 1
),
moment as (
  select c.account_key, c.metric, c.month, c.at, cast(sum(c.quantity) as double) as quantity
  from crowded c
  where c.nth = 1
  group by c.account_key, c.metric, c.month, c.at
),
merged as (
  select m.account_key, m.metric, m.month, cast(sum(m.quantity) as double) as total, max(m.quantity) as highest, max(cast(m.at as date)) as last_on
  from moment m
  group by m.account_key, m.metric, m.month
  union all
  select p.account_key, p.metric, p.month, p.total, p.highest, p.last_on
  from usage_plain p
  where p.is_crowded = 0
)
select
  g.account_key, g.metric, g.month, g.last_on,
  case when coalesce(s.role, '') = 'state' then g.highest else g.total end as quantity
from merged g
left join signal_metric s on s.metric = g.metric and s.role = 'state'
