-- cohorts: what is left of the accounts that began in one period, by age in periods (definitions.md section 5).
-- grain: cohort, segment, currency, age
-- reads: cohort_step, period, reporting
-- ties: cohorts_tie
-- decisions: 0011
with numbered as (
  select p.period, p.is_complete, row_number() over (order by p.period) as nth from period p
),
line as (
  select distinct s.cohort, s.first_period, s.segment, s.currency from cohort_step s
),
running as (
  select
    l.cohort, l.first_period, l.segment, l.currency, n.nth - b.nth as age, n.is_complete,
    cast(sum(coalesce(s.mrr, 0)) over w as decimal(38,0)) as mrr, cast(sum(coalesce(s.kept, 0)) over w as decimal(38,0)) as kept,
    cast(sum(coalesce(s.opening, 0)) over w as decimal(38,0)) as opening, cast(sum(coalesce(s.accounts_left, 0)) over w as bigint) as accounts_left,
    cast(sum(coalesce(s.accounts_start, 0)) over w as bigint) as accounts_start, cast(sum(coalesce(s.missing, 0)) over w as bigint) as missing,
    cast(sum(coalesce(s.missing_opening, 0)) over w as bigint) as missing_opening
  from line l
  join numbered b on b.period = l.first_period
  join numbered n on n.nth >= b.nth
  left join cohort_step s
    on s.cohort = l.cohort and s.first_period = l.first_period and s.segment = l.segment and s.currency = l.currency and s.period = n.period
  window w as (partition by l.cohort, l.first_period, l.segment, l.currency order by n.nth rows between unbounded preceding and current row)
),
summed as (
  select
    r.cohort, r.segment, r.currency, r.age, g.scale, min(case when r.is_complete then 1 else 0 end) as is_over,
    cast(sum(r.mrr) as decimal(38,0)) as mrr, cast(sum(r.kept) as decimal(38,0)) as kept, cast(sum(r.opening) as decimal(38,0)) as opening,
    cast(sum(r.accounts_left) as bigint) as accounts_left, cast(sum(r.accounts_start) as bigint) as accounts_start,
    cast(sum(r.missing) as bigint) as missing, cast(sum(r.missing_opening) as bigint) as missing_opening
  from running r
  cross join reporting g
  group by r.cohort, r.segment, r.currency, r.age, g.scale
)
select
  u.cohort, -- first day of the first period; 0001-01-01: opening balances
  u.age, -- periods since
  u.currency, u.segment, u.accounts_start, -- all that began in it
  u.accounts_left, -- those with MRR at the end of the period
  case when u.missing_opening = 0 then cast((2 * cast(u.opening as hugeint) + u.scale) // (2 * u.scale) as bigint) end as opening,
  case when u.missing = 0 then cast((2 * cast(u.mrr as hugeint) + u.scale) // (2 * u.scale) as bigint) end as mrr,
  case when u.missing = 0 and u.missing_opening = 0 then cast(u.mrr as double) / nullif(u.opening, 0) end as ndr,
  case when u.missing = 0 and u.missing_opening = 0 then cast(u.kept as double) / nullif(u.opening, 0) end as grr,
  cast(u.accounts_left as double) / nullif(u.accounts_start, 0) as logo_retention,
  u.is_over = 1 as is_complete
from summed u
