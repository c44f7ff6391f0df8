-- retention_level: what the steps of all blocks come to in each window, in the currency in which it was paid.
-- grain: months, seq, currency, segment, several
-- reads: native_step, retention_window
-- ties: retention_ties
with stepped as (
  select
    s.months, s.currency, s.segment, s.several, s.seq,
    cast(sum(s.opening) as bigint) as opening, cast(sum(s.closing) as bigint) as closing, cast(sum(s.kept) as bigint) as kept,
    cast(sum(s.expansion) as bigint) as expansion, cast(sum(s.contraction) as bigint) as contraction, cast(sum(s.churn) as bigint) as churn,
    cast(sum(s.accounts_opening) as bigint) as accounts_opening, cast(sum(s.accounts_lost) as bigint) as accounts_lost
  from native_step s
  group by s.months, s.currency, s.segment, s.several, s.seq
),
line as (
  select distinct s.months, s.currency, s.segment, s.several
  from stepped s
)
select
  w.months, w.seq, y.currency, y.segment, y.several, w.opening_day, w.closing_day,
  cast(sum(coalesce(s.opening, 0)) over r as bigint) as opening, cast(sum(coalesce(s.closing, 0)) over r as bigint) as closing,
  cast(sum(coalesce(s.kept, 0)) over r as bigint) as kept, cast(sum(coalesce(s.expansion, 0)) over r as bigint) as expansion,
  cast(sum(coalesce(s.contraction, 0)) over r as bigint) as contraction, cast(sum(coalesce(s.churn, 0)) over r as bigint) as churn,
  cast(sum(coalesce(s.accounts_opening, 0)) over r as bigint) as accounts_opening, cast(sum(coalesce(s.accounts_lost, 0)) over r as bigint) as accounts_lost
from retention_window w
join line y on y.months = w.months
left join stepped s on s.months = w.months and s.currency = y.currency and s.segment = y.segment and s.several = y.several and s.seq = w.seq
window r as (partition by w.months, y.currency, y.segment, y.several order by w.seq rows between unbounded preceding and current row)
