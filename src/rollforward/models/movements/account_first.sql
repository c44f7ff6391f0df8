-- account_first: accounts that expanded or contracted for the first time in their week, month, quarter and year.
-- grain: currency, movement, week, month, quarter, year
-- reads: account_day, day
-- ties: -
-- The day before it, of the same kind, lies in an earlier period: so distinct accounts add up like money.
with followed as (
  select
    d.currency, d.movement, c.week, c.month, c.quarter, c.year,
    lag(d.on_date, 1, date '0001-01-01') over (partition by d.account_key, d.currency, d.movement order by d.on_date) as last_on
  from account_day d
  join day c on c.on_date = d.on_date
  where d.movement in ('expansion', 'contraction')
)
select
  f.currency, f.movement, f.week, f.month, f.quarter, f.year,
  cast(sum(case when f.last_on < f.week then 1 else 0 end) as bigint) as in_week, -- accounts
  cast(sum(case when f.last_on < f.month then 1 else 0 end) as bigint) as in_month,
  cast(sum(case when f.last_on < f.quarter then 1 else 0 end) as bigint) as in_quarter,
  cast(sum(case when f.last_on < f.year then 1 else 0 end) as bigint) as in_year
from followed f
group by f.currency, f.movement, f.week, f.month, f.quarter, f.year
