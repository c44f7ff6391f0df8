-- cohorts_tie: what all cohorts together change by in a period is what the roll-forward changes by.
-- reads: cohort_step, movement_day, several_currencies, reporting, period_day
-- In native amounts of stores in which every account keeps to one currency: one taken up later belongs to no cohort.
with stepped as (
  select s.currency, s.period, cast(sum(s.mrr) as bigint) as found
  from cohort_step s
  group by s.currency, s.period
),
told as (
  select m.currency, p.period, cast(sum(m.amount) as bigint) as expected
  from movement_day m
  join period_day p on p.on_date = case when m.movement = 'opening' then m.on_date + 1 else m.on_date end
  group by m.currency, p.period
)
select '' as account_id, t.currency, t.period as on_date, t.expected, coalesce(s.found, 0) as found
from told t
cross join reporting g
left join stepped s on s.currency = t.currency and s.period = t.period
where g.currency = '' and (select count(*) from several_currencies v) = 0 and t.expected <> coalesce(s.found, 0)
