-- logo_lost: accounts that were active when a period began and are not when it ends; empty unless the policy counts these.
-- grain: period, currency, segment
-- reads: account_day, period_day, policy, reporting
-- ties: -
-- decisions: 0009, 0010
with touched as (
  select p.period, d.account_key, d.currency, d.window_at, d.active_before, d.active_after, d.entered
  from account_day d
  join period_day p on p.on_date = d.on_date
  cross join policy y
  where y.logo_churn_base = 'excluding_joiners' and d.movement not in ('none', 'opening')
),
turn as (
  select distinct t.period, t.account_key, t.window_at, t.active_after - t.active_before as turned
  from touched t
),
gone as (
  select u.period, u.account_key
  from turn u
  group by u.period, u.account_key
  having cast(sum(u.turned) as bigint) = -1
),
left_in as (
  select t.period, t.account_key, t.currency
  from touched t
  group by t.period, t.account_key, t.currency
  having cast(sum(t.entered) as bigint) = -1
)
select l.period, l.currency, '' as segment, count(*) as accounts
from left_in l
join gone g on g.period = l.period and g.account_key = l.account_key
cross join reporting o
where o.currency = ''
group by l.period, l.currency
union all
select g.period, o.currency, '' as segment, count(*) as accounts
from gone g
cross join reporting o
where o.currency <> ''
group by g.period, o.currency
