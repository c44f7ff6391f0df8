-- spend_period: what was spent on new, expansion and retention in each period, in the currency of the answer.
-- grain: period, currency, kind
-- reads: spend, period_day, rate_day, reporting
-- ties: -
-- decisions: 0010, 0016
-- Of two rows of a month the later counts; a month's spend takes the rate of its last day and stands in the period of its first.
with ranked as (
  select
    s.month, s.kind, s.currency, s.amount,
    row_number() over (
      partition by s.month, s.kind, s.currency order by s.rank desc, s.recorded_at desc, s.commit_id desc, s.source_id desc, s.line desc) as nth
  from spend s
),
rated as (
  select
    d.period, r.kind, g.scale, case g.currency when '' then r.currency else g.currency end as currency,
    cast(r.amount as decimal(38,0)) * coalesce(x.rate, g.unsaid) as worth,
    cast(r.amount as decimal(38,0)) * (1 - coalesce(x.known, g.unsaid)) as missing
  from ranked r
  cross join reporting g
  join period_day d on d.on_date = r.month
  left join rate_day x on x.currency = r.currency and x.on_date = cast(date_trunc('month', r.month + 31) as date) - 1
  where r.nth = 1
)
select
  t.period, t.currency, t.kind, -- kind: new, expansion or retention
  case when cast(sum(t.missing) as decimal(38,0)) = 0
    then cast((2 * cast(cast(sum(t.worth) as decimal(38,0)) as hugeint) + t.scale) // (2 * t.scale) as bigint) end as amount -- minor units; empty where a rate is missing
from rated t
group by t.period, t.currency, t.kind, t.scale
