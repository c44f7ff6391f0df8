-- look_account: each account that paid at a past look: how much, whom it was like, and which signals stood then.
-- grain: look_on, account_key
-- reads: look_row, outcome
-- ties: -
-- decisions: 0016
-- Rows are there where past looks are asked for, as in outcome.
with shown as (
  select
    w.look_on, w.account_key,
    max(case when w.signal in ('near_limit', 'over_limit', 'limit_repeated', 'limit_ahead') then 1 else 0 end) as limits,
    max(case when w.signal in ('seats_full', 'feature_reliance', 'similar_hold') then 1 else 0 end) as wants,
    max(case when w.signal in ('usage_falling', 'adoption_narrow', 'discount_ending', 'contraction', 'payment_trouble', 'silent') then 1 else 0 end) as losses,
    count(distinct w.signal) as signals
  from look_row w
  where w.signal <> ''
  group by w.look_on, w.account_key
)
select
  o.look_on, -- day of the look
  o.account_key, o.currency,
  o.peers, -- family and tier of its base item at the look
  o.mrr, -- at the look, minor units
  coalesce(s.limits, 0) as limits, -- 1: a signal of a limit stood
  coalesce(s.wants, 0) as wants, -- 1: one of seats, of a feature of a higher tier, or of what similar accounts hold
  coalesce(s.losses, 0) as losses, -- 1: one of loss
  coalesce(s.signals, 0) as signals -- kinds of signals that stood
from outcome o
left join shown s on s.look_on = o.look_on and s.account_key = o.account_key
where o.mrr > 0
