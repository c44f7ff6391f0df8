-- newcomer: expansion in a period by accounts that had no MRR when the period began.
-- grain: grain, period, currency
-- reads: account_day, day
-- ties: -
-- Such an account rose from 0 inside the period before it could fall to 0.
with turn as (
  select
    d.account_key, c.week, c.month, c.quarter, c.year, d.on_date,
    case when d.movement = 'churn' then 0 else 1 end as rose
  from account_day d
  join day c on c.on_date = d.on_date
  where d.movement in ('opening', 'new', 'reactivation', 'churn')
),
began as (
  select 'week' as grain, t.account_key, t.week as period from turn t group by t.account_key, t.week
  having min(case when t.rose = 1 then t.on_date else date '9999-12-31' end) < min(case when t.rose = 0 then t.on_date else date '9999-12-31' end)
  union all
  select 'month' as grain, t.account_key, t.month as period from turn t group by t.account_key, t.month
  having min(case when t.rose = 1 then t.on_date else date '9999-12-31' end) < min(case when t.rose = 0 then t.on_date else date '9999-12-31' end)
  union all
  select 'quarter' as grain, t.account_key, t.quarter as period from turn t group by t.account_key, t.quarter
  having min(case when t.rose = 1 then t.on_date else date '9999-12-31' end) < min(case when t.rose = 0 then t.on_date else date '9999-12-31' end)
  union all
  select 'year' as grain, t.account_key, t.year as period from turn t group by t.account_key, t.year
  having min(case when t.rose = 1 then t.on_date else date '9999-12-31' end) < min(case when t.rose = 0 then t.on_date else date '9999-12-31' end)
)
select
  b.grain, b.period, d.currency,
  cast(sum(d.amount) as bigint) as expansion -- minor units
from account_day d
join day c on c.on_date = d.on_date
join began b
  on b.account_key = d.account_key
  and b.period = case b.grain when 'week' then c.week when 'month' then c.month when 'quarter' then c.quarter else c.year end
where d.movement = 'expansion'
group by b.grain, b.period, d.currency
