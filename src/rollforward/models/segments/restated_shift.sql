-- restated_shift: by how much each kind of item differs at the first open day from what was closed; against kind 0, which has the account's restatement.
-- grain: account_key, currency, product_key, plan_key, per, family, other_product_key, other_plan_key, other_per, other_family, side
-- reads: item_step, terms, product_current, closed_change, closed_shift, closed_span, open_from, side
-- ties: segments_tie
-- only: closed = 1
-- columns: account_key bigint, currency varchar, window_at timestamp, on_date date, side integer, product_key bigint, plan_key bigint, per integer, family varchar, other_product_key bigint, other_plan_key bigint, other_per integer, other_family varchar, delta bigint
-- decisions: 0012
with told as (
  select s.account_key, t.currency, t.product_key, t.plan_key, t.per, coalesce(p.family, '') as family, t.mrr as delta
  from item_step s
  join terms t on t.terms_key = s.terms_key
  cross join open_from o
  left join product_current p on p.product_key = t.product_key
  where s.from_at <= o.restated_at and s.to_at > o.restated_at
  union all
  select c.account_key, c.currency, c.product_key, c.plan_key, coalesce(c.per, 0) as per, coalesce(c.family, '') as family, -c.delta as delta
  from closed_change c
  join closed_span s on s.commit_id = c.commit_id and c.on_date >= s.from_on and c.on_date < s.to_on
  union all
  select c.account_key, c.currency, c.product_key, c.plan_key, c.per, c.family, -c.delta as delta
  from closed_shift c
  join closed_span s on s.commit_id = c.commit_id and c.on_date >= s.from_on and c.on_date < s.to_on
),
differs as (
  select t.account_key, t.currency, t.product_key, t.plan_key, t.per, t.family, cast(sum(t.delta) as bigint) as delta
  from told t
  group by t.account_key, t.currency, t.product_key, t.plan_key, t.per, t.family
  having cast(sum(t.delta) as bigint) <> 0
)
select
  d.account_key, d.currency, o.restated_at as window_at, o.on_date, s.side, -- 1 the kind, -1 kind 0
  case when s.side = 1 then d.product_key else 0 end as product_key, case when s.side = 1 then d.plan_key else 0 end as plan_key,
  case when s.side = 1 then d.per else 0 end as per, case when s.side = 1 then d.family else '' end as family,
  case when s.side = 1 then 0 else d.product_key end as other_product_key, case when s.side = 1 then 0 else d.plan_key end as other_plan_key,
  case when s.side = 1 then 0 else d.per end as other_per, case when s.side = 1 then '' else d.family end as other_family,
  s.side * d.delta as delta -- minor units
from differs d
cross join open_from o
cross join side s
