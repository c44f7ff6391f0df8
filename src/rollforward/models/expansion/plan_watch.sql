-- plan_watch: each pair of plans down which accounts went: how many in the last 60 days, how many in the year before, and item-days on the plan they left.
-- grain: from_plan_key, to_plan_key, currency
-- reads: plan_move, plan_exposure, lookback
-- ties: -
-- decisions: 0016
-- In the currency of the plan left, as who goes down into another one has left it all the same.
with told as (
  select
    m.from_plan_key, m.to_plan_key, m.left_in as currency, m.account_key,
    max(case when m.on_date >= k.known_to - 60 then 1 else 0 end) as lately, max(case when m.on_date < k.known_to - 60 then 1 else 0 end) as before,
    cast(sum(case when m.on_date >= k.known_to - 60 then m.amount else 0 end) as bigint) as amount,
    max(case when m.on_date >= k.known_to - 60 and coalesce(m.amount, 9000000000000000000) = 9000000000000000000 then 1 else 0 end) as unrated
  from plan_move m
  cross join lookback k
  where m.direction = 'down' and m.on_date >= k.known_to - 425
  group by m.from_plan_key, m.to_plan_key, m.left_in, m.account_key
)
select
  t.from_plan_key, t.to_plan_key, t.currency,
  cast(sum(t.lately) as bigint) as lately, -- accounts that went down in the last 60 days
  cast(sum(t.before) as bigint) as before, -- accounts that did in the 365 days before them
  max(coalesce(e.lately, 0)) as days_lately, -- item-days on the plan left, in the last 60 days
  max(coalesce(e.before, 0)) as days_before, -- and in the 365 days before them
  cast(sum(t.amount) as bigint) as amount, -- MRR that moves of the last 60 days changed, minor units
  max(t.unrated) as unrated -- 1: some of it has no rate
from told t
left join plan_exposure e on e.plan_key = t.from_plan_key and e.currency = t.currency
group by t.from_plan_key, t.to_plan_key, t.currency
