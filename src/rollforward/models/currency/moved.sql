-- moved: what happened on each day in the currency of the answer: as it was paid, or converted at the day's rate.
-- grain: on_date, currency, segment, several, movement
-- reads: native_movement, native_involuntary, fx_day, judged_line, rate_day, reporting
-- ties: fx_ties
-- decisions: 0010
-- Accounts with one currency are converted by day and currency; those that judged_line holds one by one.
with native as (
  select m.on_date, m.currency, m.segment, m.several, m.several as alone, m.movement, m.amount, m.movements, m.accounts_change
  from native_movement m
  union all
  select
    i.on_date, i.currency, i.segment, i.several, 0 as alone, 'involuntary' as movement, i.amount,
    cast(0 as bigint) as movements, cast(0 as bigint) as accounts_change
  from native_involuntary i
)
select
  n.on_date, case g.currency when '' then n.currency else g.currency end as currency, n.segment, n.several,
  n.movement, -- as in movement_day; fx; involuntary: the part of churn that was
  cast(n.amount as decimal(38,0)) * coalesce(r.rate, g.unsaid) as amount, -- 1/scale of a minor unit
  n.movements, n.accounts_change,
  cast(n.amount as decimal(38,0)) * (1 - coalesce(r.known, g.unsaid)) as missing -- native minor units without a rate
from native n
cross join reporting g
left join rate_day r on r.currency = n.currency and r.on_date = n.on_date
where g.currency = '' or (n.alone = 0 and (g.carried = 0 or n.currency = g.currency))
union all
select
  f.on_date, g.currency, f.segment, 0 as several, 'fx' as movement, f.amount,
  cast(0 as bigint) as movements, cast(0 as bigint) as accounts_change, f.missing
from fx_day f
cross join reporting g
union all
select
  j.on_date, g.currency, j.segment, 1 as several, j.movement, cast(sum(j.amount) as decimal(38,0)) as amount,
  count(*) as movements, cast(sum(j.accounts_change) as bigint) as accounts_change,
  cast(sum(j.missing) as decimal(38,0)) as missing
from judged_line j
cross join reporting g
group by j.on_date, g.currency, j.segment, j.movement
