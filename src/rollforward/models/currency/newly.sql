-- newly: expansion in each period by accounts that had no MRR when it began, in the currency of the answer.
-- grain: period, currency, segment
-- reads: native_newcomer, judged_window, judged_line, period_day, rate_day, reporting, policy
-- ties: -
-- decisions: 0009, 0010
with began as (
  select d.account_key, p.period
  from judged_window d
  join period_day p on p.on_date = d.on_date
  where d.pays_before <> d.pays_after
  group by d.account_key, p.period
  having min(case when d.pays_before = 0 then d.window_at else timestamp '9999-12-31' end)
    < min(case when d.pays_before = 1 then d.window_at else timestamp '9999-12-31' end)
),
every as (
  select
    n.period, case g.currency when '' then n.currency else g.currency end as currency, n.segment,
    cast(n.expansion as decimal(38,0)) * coalesce(r.rate, g.unsaid) as expansion
  from native_newcomer n
  cross join reporting g
  left join rate_day r on r.currency = n.currency and r.on_date = n.on_date
  where g.currency = '' or (n.several = 0 and (g.carried = 0 or n.currency = g.currency))
  union all
  select p.period, g.currency, d.segment, d.amount as expansion
  from judged_line d
  join period_day p on p.on_date = d.on_date
  join began b on b.account_key = d.account_key and b.period = p.period
  cross join reporting g
  cross join policy y
  where d.movement = 'expansion' or (d.movement = 'reactivation' and y.reactivation_in_expansion = 1)
)
select e.period, e.currency, e.segment, cast(sum(e.expansion) as decimal(38,0)) as expansion -- 1/scale of a minor unit
from every e
group by e.period, e.currency, e.segment
