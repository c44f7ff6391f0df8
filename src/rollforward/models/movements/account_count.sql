-- account_count: how many different accounts expanded or contracted in each period of the asked grain.
-- grain: period, currency, movement, segment, several
-- reads: account_day, period_day
-- ties: -
select
  p.period, d.currency, d.movement, '' as segment, d.several, count(distinct d.account_key) as accounts -- different ones
from account_day d
join period_day p on p.on_date = d.on_date
where d.movement in ('expansion', 'contraction')
group by p.period, d.currency, d.movement, d.several
