-- account_count: how many different accounts expanded or contracted in each day, week, month, quarter and year.
-- grain: grain, period, currency, movement
-- reads: account_first, movement_day
-- ties: -
select 'week' as grain, f.week as period, f.currency, f.movement, cast(sum(f.in_week) as bigint) as accounts
from account_first f group by f.week, f.currency, f.movement
union all
select 'month' as grain, f.month as period, f.currency, f.movement, cast(sum(f.in_month) as bigint) as accounts
from account_first f group by f.month, f.currency, f.movement
union all
select 'quarter' as grain, f.quarter as period, f.currency, f.movement, cast(sum(f.in_quarter) as bigint) as accounts
from account_first f group by f.quarter, f.currency, f.movement
union all
select 'year' as grain, f.year as period, f.currency, f.movement, cast(sum(f.in_year) as bigint) as accounts
from account_first f group by f.year, f.currency, f.movement
union all
select 'day' as grain, d.on_date as period, d.currency, d.movement, d.movements as accounts -- different accounts
from movement_day d where d.movement in ('expansion', 'contraction')
