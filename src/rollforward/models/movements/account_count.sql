-- account_count: how many different accounts expanded or contracted in each week, month, quarter and year.
-- grain: grain, period, currency, movement
-- reads: account_day, day, movement_day
-- ties: -
with moved as (
  select d.account_key, d.currency, d.movement, c.week, c.month, c.quarter, c.year
  from account_day d
  join day c on c.on_date = d.on_date
  where d.movement in ('expansion', 'contraction')
)
select 'week' as grain, m.week as period, m.currency, m.movement, count(distinct m.account_key) as accounts
from moved m group by m.week, m.currency, m.movement
union all
select 'month' as grain, m.month as period, m.currency, m.movement, count(distinct m.account_key) as accounts
from moved m group by m.month, m.currency, m.movement
union all
select 'quarter' as grain, m.quarter as period, m.currency, m.movement, count(distinct m.account_key) as accounts
from moved m group by m.quarter, m.currency, m.movement
union all
select 'year' as grain, m.year as period, m.currency, m.movement, count(distinct m.account_key) as accounts
from moved m group by m.year, m.currency, m.movement
union all
select 'day' as grain, d.on_date as period, d.currency, d.movement, d.movements as accounts -- different accounts
from movement_day d where d.movement in ('expansion', 'contraction')
