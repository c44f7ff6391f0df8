-- tier_value: the highest tier of the plans that each account holds with MRR above 0.
-- grain: account_key, from_at
-- reads: balance_window, item_step, terms, plan_current
-- ties: segments_tie
-- decisions: 0011
with held as (
  select s.account_key, s.from_at, s.to_at, coalesce(p.tier, 0) as tier
  from item_step s
  join terms t on t.terms_key = s.terms_key
  left join plan_current p on p.plan_key = t.plan_key
  where t.mrr > 0
),
highest as (
  select w.account_key, w.turns_at, max(h.tier) as tier
  from balance_window w
  join held h on h.account_key = w.account_key and h.from_at < w.window_to and h.to_at >= w.window_to
  group by w.account_key, w.turns_at
)
select
  g.account_key, 'plan_tier' as dimension,
  case when g.tier = 0 then 'no tier' else 'tier ' || cast(g.tier as varchar) end as value,
  g.turns_at as from_at
from highest g
