-- retained: sums of retention in each window, in the currency of the answer, at the rates of the day before it.
-- grain: months, seq, currency, segment
-- reads: retention_level, joint_line, rate_day, reporting
-- ties: retention_ties
-- decisions: 0010
select
  l.months, l.seq, case g.currency when '' then l.currency else g.currency end as currency, l.segment,
  cast(l.opening as decimal(38,0)) * coalesce(b.rate, g.unsaid) as opening, -- 1/scale of a minor unit
  cast(l.closing as decimal(38,0)) * coalesce(b.rate, g.unsaid) as closing,
  cast(l.kept as decimal(38,0)) * coalesce(b.rate, g.unsaid) as kept,
  cast(l.expansion as decimal(38,0)) * coalesce(b.rate, g.unsaid) as expansion,
  cast(l.contraction as decimal(38,0)) * coalesce(b.rate, g.unsaid) as contraction,
  cast(l.churn as decimal(38,0)) * coalesce(b.rate, g.unsaid) as churn,
  cast(l.closing as decimal(38,0)) * (coalesce(e.rate, g.unsaid) - coalesce(b.rate, g.unsaid)) as fx,
  l.accounts_opening, l.accounts_lost,
  cast(l.opening + l.closing as decimal(38,0)) * (1 - coalesce(b.known, g.unsaid)) as missing, -- native minor units without a rate
  cast(l.closing as decimal(38,0)) * (1 - coalesce(e.known, g.unsaid)) as missing_close
from retention_level l
cross join reporting g
left join rate_day b on b.currency = l.currency and b.on_date = l.opening_day
left join rate_day e on e.currency = l.currency and e.on_date = l.closing_day
where g.currency = '' or l.several = 0
union all
select
  j.months, j.seq, g.currency, j.segment,
  cast(sum(j.opening) as decimal(38,0)) as opening, cast(sum(j.closing) as decimal(38,0)) as closing,
  cast(sum(least(j.opening, j.closing)) as decimal(38,0)) as kept,
  cast(sum(greatest(j.closing - j.opening, 0)) as decimal(38,0)) as expansion,
  cast(sum(case when j.lost = 0 then least(j.closing - j.opening, 0) else 0 end) as decimal(38,0)) as contraction,
  cast(sum(case when j.lost = 1 then -j.opening else 0 end) as decimal(38,0)) as churn,
  cast(sum(j.fx) as decimal(38,0)) as fx,
  cast(sum(j.opens) as bigint) as accounts_opening, cast(sum(j.lost) as bigint) as accounts_lost,
  cast(sum(j.missing) as decimal(38,0)) as missing, cast(sum(j.missing_close) as decimal(38,0)) as missing_close
from joint_line j
cross join reporting g
group by j.months, j.seq, g.currency, j.segment
