-- plan_move_use: how much of its plan's limits an account had used before it changed plan: the highest share of the month before.
-- grain: account_key, item_key, at, from_plan_key, to_plan_key
-- reads: plan_move, plan_limit_now, usage_month, signal_metric
-- ties: -
-- decisions: 0016
select
  m.account_key, m.item_key, m.at, m.from_plan_key, m.to_plan_key,
  max(cast(u.quantity as double) / nullif(cast(l.quantity as double) * case when coalesce(s.role, '') = '' then 1 else greatest(m.quantity_before, 1) end, 0)) as share -- of a limit
from plan_move m
join plan_limit_now l on l.plan_key = m.from_plan_key and l.quantity > 0
join usage_month u on u.account_key = m.account_key and u.metric = l.metric
  and u.month = cast(date_trunc('month', cast(date_trunc('month', m.on_date) as date) - 1) as date)
left join signal_metric s on s.metric = l.metric and s.role = 'unit'
group by m.account_key, m.item_key, m.at, m.from_plan_key, m.to_plan_key
