-- lifetime: what accounts have paid within their first months, at every month's end, and what of it they began with.
-- grain: months, currency
-- reads: cohorts, horizon
-- ties: -
-- decisions: 0016
-- Of cohorts of months that are as old as that and wholly known; opening balances began before anybody knows.
with cell as (
  select
    h.months, c.currency, c.cohort, c.age, c.accounts_start, c.mrr, cast(floor(c.grr * c.opening + 0.5) as bigint) as kept,
    case when c.is_complete then 1 else 0 end as is_over
  from cohorts c
  join horizon h on c.age < h.months
  where c.segment = '' and c.cohort > date '0001-01-01'
),
whole as (
  select
    l.months, l.currency, l.cohort, count(*) as ages, max(l.accounts_start) as accounts, min(l.is_over) as is_over,
    count(l.mrr) as told, cast(sum(l.mrr) as bigint) as paid, cast(sum(l.kept) as bigint) as kept
  from cell l
  group by l.months, l.currency, l.cohort
)
select
  w.months, w.currency, count(*) as cohorts, -- months in which they began
  cast(sum(w.accounts) as bigint) as accounts, -- that began, also those that left at once
  cast(cast(sum(w.paid) as bigint) as double) / nullif(cast(sum(w.accounts) as bigint), 0) as value, -- minor units an account
  cast(cast(sum(w.kept) as bigint) as double) / nullif(cast(sum(w.accounts) as bigint), 0) as value_without, -- the same, of each at most what it began with
  cast(cast(sum(w.paid) as bigint) - cast(sum(w.kept) as bigint) as double) / nullif(cast(sum(w.paid) as bigint), 0) as expansion_part -- of the value
from whole w
where w.ages = w.months and w.is_over = 1 and w.told = w.months
group by w.months, w.currency
