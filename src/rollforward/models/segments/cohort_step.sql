-- cohort_step: by how much a cohort's sums change in each period after its first.
-- grain: cohort, first_period, segment, currency, period
-- reads: account_day, first_mrr, member, known, period, period_day, several_currencies, rate_day, reporting
-- ties: cohorts_tie
-- decisions: 0010, 0011
-- o and c at the rates of the end of the first period; an account is in the rows of the currencies that it began with. The segment
-- is that at the end of the first period, or at the end of what is known.
with began as (
  select
    f.account_key, f.first_on, p.period as first_period, q.period_end, m.value as segment,
    case when f.stood = 1 then date '0001-01-01' else p.period end as cohort
  from first_mrr f
  join period_day p on p.on_date = f.first_on
  join period q on q.period = p.period
  cross join known k
  join member m on m.account_key = f.account_key and m.from_at <= cast(least(q.period_end, k.known_to) as timestamp)
    and m.to_at > cast(least(q.period_end, k.known_to) as timestamp)
),
summed as (
  select
    b.account_key, b.cohort, b.first_period, b.segment, p.period,
    case g.currency when '' then d.currency else g.currency end as currency,
    cast(sum(cast(d.amount as decimal(38,0)) * coalesce(r.rate, g.unsaid)) as decimal(38,0)) as amount, cast(sum(d.amount) as bigint) as paid,
    cast(sum(d.amount * (1 - coalesce(r.known, g.unsaid))) as bigint) as missing
  from account_day d
  join began b on b.account_key = d.account_key
  join period_day p on p.on_date = greatest(d.on_date, b.first_on)
  cross join reporting g
  left join rate_day r on r.currency = d.currency and r.on_date = b.period_end - 1
  where d.amount <> 0
  group by b.account_key, b.cohort, b.first_period, b.segment, p.period, case g.currency when '' then d.currency else g.currency end
),
told as (
  select s.account_key, s.currency, s.cohort, s.first_period, s.segment, s.period, s.amount, s.paid, 1 as own, s.missing
  from summed s
  union all
  select o.account_key, o.currency, s.cohort, s.first_period, s.segment, s.period, cast(0 as decimal(38,0)) as amount, s.paid, 0 as own, 0 as missing
  from summed s
  join several_currencies v on v.account_key = s.account_key
  join (select distinct t.account_key, t.currency from summed t) o on o.account_key = s.account_key and o.currency <> s.currency
),
running as (
  select
    t.account_key, t.currency, t.cohort, t.first_period, t.segment, t.period,
    cast(sum(cast(sum(t.amount) as decimal(38,0))) over w as decimal(38,0)) as c,
    cast(sum(cast(sum(t.paid) as bigint)) over w as bigint) as paid, -- in any currency
    cast(sum(t.amount) as decimal(38,0)) as moved, cast(sum(t.missing) as bigint) as missing,
    cast(sum(cast(sum(case when t.period = t.first_period then t.amount else 0 end) as decimal(38,0))) over a as decimal(38,0)) as o,
    max(max(case when t.period = t.first_period then t.own else 0 end)) over a as started
  from told t
  group by t.account_key, t.currency, t.cohort, t.first_period, t.segment, t.period
  window
    w as (partition by t.account_key, t.currency order by t.period rows between unbounded preceding and current row),
    a as (partition by t.account_key, t.currency)
),
stepped as (
  select
    r.cohort, r.first_period, r.segment, r.currency, r.period, r.moved, r.o, r.missing,
    least(r.o, r.c) - least(r.o, case when r.period = r.first_period then 0 else r.c - r.moved end) as kept,
    case when r.paid > 0 then 1 else 0 end as stays,
    lag(case when r.paid > 0 then 1 else 0 end, 1, 0) over (partition by r.account_key, r.currency order by r.period) as stayed
  from running r
  where r.started = 1
)
select
  s.cohort, -- first day of the first period; 0001-01-01: opening balances
  s.first_period, -- in which the first MRR was
  s.segment, s.currency, s.period,
  cast(sum(s.moved) as decimal(38,0)) as mrr, cast(sum(s.kept) as decimal(38,0)) as kept, -- 1/scale of a minor unit
  cast(sum(case when s.period = s.first_period then s.o else 0 end) as decimal(38,0)) as opening,
  cast(sum(s.stays - s.stayed) as bigint) as accounts_left, -- with MRR at the end: after less before
  cast(sum(case when s.period = s.first_period then 1 else 0 end) as bigint) as accounts_start, -- all that began
  cast(sum(s.missing) as bigint) as missing, -- native minor units without a rate
  cast(sum(case when s.period = s.first_period then s.missing else 0 end) as bigint) as missing_opening -- those of the opening
from stepped s
group by s.cohort, s.first_period, s.segment, s.currency, s.period
