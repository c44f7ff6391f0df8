-- counted: how many different accounts expanded or contracted in each period, in the currency of the answer.
-- grain: period, currency, segment, movement
-- reads: native_count, judged_line, period_day, reporting, policy
-- ties: -
-- decisions: 0010
-- An account with one currency is in one row of native_count, so that currencies may be added.
with every as (
  select n.period, case g.currency when '' then n.currency else g.currency end as currency, n.segment, n.movement, n.accounts
  from native_count n
  cross join reporting g
  where g.currency = '' or (n.several = 0 and (g.carried = 0 or n.currency = g.currency))
  union all
  select p.period, g.currency, d.segment, d.movement, count(distinct d.account_key) as accounts
  from judged_line d
  join period_day p on p.on_date = d.on_date
  cross join reporting g
  where d.movement in ('expansion', 'contraction')
  group by p.period, g.currency, d.segment, d.movement
  union all
  select p.period, g.currency, d.segment, 'grown' as movement, count(distinct d.account_key) as accounts
  from judged_line d
  join period_day p on p.on_date = d.on_date
  cross join reporting g
  cross join policy y
  where y.reactivation_in_expansion = 1 and d.movement in ('expansion', 'reactivation')
  group by p.period, g.currency, d.segment
)
select e.period, e.currency, e.segment, e.movement, cast(sum(e.accounts) as bigint) as accounts -- different ones
from every e
group by e.period, e.currency, e.segment, e.movement
