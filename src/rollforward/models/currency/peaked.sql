-- peaked: the largest opening MRR of one account in each window, in the currency of the answer.
-- grain: months, seq, currency, segment
-- reads: native_peak, joint_line, retention_window, rate_day, reporting
-- ties: -
-- decisions: 0010
with every as (
  select
    w.months, w.seq, case g.currency when '' then k.currency else g.currency end as currency, k.segment,
    cast(k.largest as decimal(38,0)) * coalesce(b.rate, g.unsaid) as largest
  from retention_window w
  join native_peak k on k.months = w.months and k.seq <= w.seq and k.seq + k.width > w.seq
  cross join reporting g
  left join rate_day b on b.currency = k.currency and b.on_date = w.opening_day
  where g.currency = '' or k.several = 0
  union all
  select j.months, j.seq, g.currency, j.segment, j.opening as largest
  from joint_line j
  cross join reporting g
)
select e.months, e.seq, e.currency, e.segment, max(e.largest) as largest -- 1/scale of a minor unit
from every e
group by e.months, e.seq, e.currency, e.segment
