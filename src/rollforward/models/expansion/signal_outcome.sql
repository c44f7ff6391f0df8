-- signal_outcome: each signal that an account showed at a look, and whether what it may claim came true.
-- grain: look_on, account_key, signal
-- reads: look_row, outcome
-- ties: -
-- decisions: 0016
with shown as (
  select distinct w.look_on, w.account_key, w.signal
  from look_row w
  where w.signal <> ''
)
select
  s.look_on, s.account_key, s.signal,
  case when o.mrr_then > o.mrr then 1 else 0 end as grew, -- 1: MRR is higher at the end of the time watched
  case when o.lost_on < date '9999-12-31' then 1 else 0 end as lost, -- 1: contraction or churn in the time watched
  o.gained_on, o.lost_on
from shown s
join outcome o on o.look_on = s.look_on and o.account_key = s.account_key
