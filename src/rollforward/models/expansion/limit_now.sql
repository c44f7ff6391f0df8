-- limit_now: against what the use of each account is held: the limits of the plans that it has, and the quantity that it pays for.
-- grain: account_key, metric, kind
-- reads: held_item, plan_limit_now, plan_current, product_current, signal_metric
-- ties: -
-- decisions: 0016
-- Limits of several items add up. A plan without a limit that another plan of its product has is without limit, and so is its account.
with said as (
  select distinct m.product_key, e.metric
  from plan_limit_now e
  join plan_current m on m.plan_key = e.plan_key
),
met as (
  select
    h.account_key, s.metric, coalesce(e.quantity, 0) as quantity,
    case when coalesce(u.role, '') = 'unit' then h.quantity else 1 end as units
  from held_item h
  join plan_current m on m.plan_key = h.plan_key
  join said s on s.product_key = m.product_key
  left join plan_limit_now e on e.plan_key = h.plan_key and e.metric = s.metric
  left join signal_metric u on u.metric = s.metric and u.role = 'unit'
),
seated as (
  select h.account_key, u.metric, h.quantity, coalesce(t.metric, '') as is_said, max(coalesce(t.metric, '')) over (partition by h.account_key, u.metric) as any_said
  from held_item h
  left join plan_current m on m.plan_key = h.plan_key
  left join product_current c on c.product_key = coalesce(nullif(h.product_key, 0), m.product_key, 0)
  join signal_metric u on u.role = 'seats'
  left join said t on t.product_key = coalesce(m.product_key, 0) and t.metric = u.metric
  where coalesce(c.role, 'base') = 'base' and h.mrr > 0
)
select
  m.account_key, m.metric,
  'limit' as kind, -- limit: of plans; seats: the quantity paid for
  cast(sum(m.quantity * m.units) as double) as "limit" -- how much is allowed, or paid for
from met m
group by m.account_key, m.metric
having min(m.quantity) > 0
union all
select s.account_key, s.metric, 'seats' as kind, cast(sum(s.quantity) as double) as "limit"
from seated s
where s.is_said = s.any_said
group by s.account_key, s.metric
having cast(sum(s.quantity) as bigint) >= 2
