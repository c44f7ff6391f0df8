-- newcomer: expansion, by day, in a period of the asked grain by accounts that had no MRR when the period began.
-- grain: period, on_date, currency, segment, several
-- reads: account_day, period_day
-- ties: -
-- Such an account rose from 0 inside the period before it could fall to 0.
with began as (
  select d.account_key, p.period
  from account_day d
  join period_day p on p.on_date = d.on_date
  where d.movement in ('opening', 'new', 'reactivation', 'churn')
  group by d.account_key, p.period
  having min(case when d.movement = 'churn' then date '9999-12-31' else d.on_date end)
    < min(case when d.movement = 'churn' then d.on_date else date '9999-12-31' end)
)
select
  p.period, d.on_date, d.currency, '' as segment, d.several,
  cast(sum(d.amount) as bigint) as expansion -- minor units
from account_day d
join period_day p on p.on_date = d.on_date
join began b on b.account_key = d.account_key and b.period = p.period
where d.movement = 'expansion'
group by p.period, d.on_date, d.currency, d.several
