-- rerate_use: what each account used of each metric in the last twelve whole months, told for three of them at least, and of the limit of its own plan.
-- grain: account_key, metric
-- reads: usage_month, base_item, held_item, plan_current, product_current, plan_limit_now, signal_metric, lookback
-- ties: -
-- decisions: 0016
-- Use is told of an account as a whole and limits of several items add up, so accounts with another item of the family, or one with limits, are left out.
with whole as (
  select u.account_key, u.metric, u.quantity
  from usage_month u
  cross join lookback k
  where u.month >= cast(date_trunc('month', k.year_ago) as date) and u.month < cast(date_trunc('month', k.known_to) as date)
),
several as (
  select h.account_key
  from held_item h
  join base_item b on b.account_key = h.account_key
  left join plan_current m on m.plan_key = h.plan_key
  left join product_current c on c.product_key = coalesce(nullif(h.product_key, 0), m.product_key, 0)
  where (coalesce(c.role, 'base') = 'base' and coalesce(c.family, '') = b.family) or h.plan_key in (select l.plan_key from plan_limit_now l)
  group by h.account_key
  having count(*) > 1
),
limited as (
  select
    w.account_key, w.metric, w.quantity, case when coalesce(s.role, '') = 'unit' then greatest(b.quantity, 1) else 1 end as units,
    coalesce(l.quantity, 0) * case when coalesce(s.role, '') = 'unit' then greatest(b.quantity, 1) else 1 end as own_limit
  from whole w
  join base_item b on b.account_key = w.account_key
  left join signal_metric s on s.metric = w.metric and s.role = 'unit'
  left join plan_limit_now l on l.plan_key = b.plan_key and l.metric = w.metric
  where w.account_key not in (select v.account_key from several v)
)
select
  d.account_key, d.metric, count(*) as months, -- with use told
  max(d.units) as units, -- what a limit is multiplied by: 1, or the quantity where it is per unit
  max(d.quantity) as highest, -- use of one month
  max(d.own_limit) as own_limit, -- of its own plan; 0 = none
  count(case when d.own_limit > 0 and d.quantity >= 0.95 * d.own_limit then 1 end) as full_months, -- months that used up 95 % of it or more
  coalesce(avg(case when d.own_limit > 0 then least(cast(d.quantity as double) / nullif(d.own_limit, 0), 1) end), 0) as used -- mean share of it
from limited d
group by d.account_key, d.metric
having count(*) >= 3
