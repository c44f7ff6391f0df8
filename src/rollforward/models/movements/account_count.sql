-- account_count: how many different accounts expanded or contracted in each period of the asked grain.
-- grain: period, currency, movement, segment, several
-- reads: placed_day, period_day, policy
-- ties: -
-- decisions: 0009
-- grown: expansion or reactivation, where the policy counts reactivations as expansion.
select
  p.period, d.currency, d.movement, d.segment, d.several, count(distinct d.account_key) as accounts -- different ones
from placed_day d
join period_day p on p.on_date = d.on_date
where d.movement in ('expansion', 'contraction')
group by p.period, d.currency, d.movement, d.segment, d.several
union all
select
  p.period, d.currency, 'grown' as movement, d.segment, d.several, count(distinct d.account_key) as accounts
from placed_day d
join period_day p on p.on_date = d.on_date
cross join policy y
where y.reactivation_in_expansion = 1 and d.movement in ('expansion', 'reactivation')
group by p.period, d.currency, d.segment, d.several
