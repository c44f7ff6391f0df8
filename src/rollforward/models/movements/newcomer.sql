-- newcomer: expansion, by day, in a period of the asked grain by accounts that had no MRR when the period began.
-- grain: period, on_date, currency, segment, several
-- reads: account_day, placed_day, period_day, policy
-- ties: -
-- decisions: 0009
-- Such an account rose from 0 inside the period before it could fall to 0. Reactivations belong to it where the policy says so.
with began as (
  select d.account_key, p.period
  from account_day d
  join period_day p on p.on_date = d.on_date
  where d.pays_before <> d.pays_after
  group by d.account_key, p.period
  having min(case when d.pays_before = 0 then d.window_at else timestamp '9999-12-31' end)
    < min(case when d.pays_before = 1 then d.window_at else timestamp '9999-12-31' end)
)
select
  p.period, d.on_date, d.currency, d.segment, d.several,
  cast(sum(d.amount) as bigint) as expansion -- minor units
from placed_day d
join period_day p on p.on_date = d.on_date
join began b on b.account_key = d.account_key and b.period = p.period
cross join policy y
where d.movement = 'expansion' or (d.movement = 'reactivation' and y.reactivation_in_expansion = 1)
group by p.period, d.on_date, d.currency, d.segment, d.several
