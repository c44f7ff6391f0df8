-- offer_plan: the plans that can be offered now: of each family (add-on: product), tier, currency and interval the one sold last.
-- grain: plan_key
-- reads: plan_current, product_current, plan_sale, item_state, charge, lookback
-- ties: -
-- decisions: 0016
-- Retired: sold before, and not in the last 12 months; a plan that was never sold is as its product. What is billed by use has no price to
-- offer at, nor has a plan without a price list.
with sold as (
  select s.product_key, max(s.sold_on) as sold_on
  from plan_sale s
  group by s.product_key
),
metered as (
  select distinct i.plan_key from item_state i where i.metered
  union
  select distinct c.plan_key from charge c
),
priced as (
  select
    p.plan_key, p.product_key, p.tier, p.currency, p.amount, p.tiers_mode, p.commit_id, p.source_id, p.line, c.family, c.role, c.product_id,
    case c.role when 'base' then c.family else c.product_id end as offered,
    p.interval_count * 10 + case p.interval when 'day' then 1 when 'week' then 2 when 'month' then 3 else 4 end as per,
    coalesce(s.sold_on, o.sold_on, k.last_day) as sold_on,
    case when coalesce(s.sold_on, date '0001-01-01') = date '0001-01-01' then 1 else 0 end as is_untried,
    k.year_ago
  from plan_current p
  join product_current c on c.product_key = p.product_key
  cross join lookback k
  left join plan_sale s on s.plan_key = p.plan_key
  left join sold o on o.product_key = p.product_key
  where (p.amount >= 0 or p.tiers_mode <> '') and p.plan_key not in (select m.plan_key from metered m)
),
ranked as (
  select
    p.plan_key, p.product_key, p.product_id, p.family, p.role, p.offered, p.tier, p.currency, p.per, p.amount, p.tiers_mode, p.commit_id, p.source_id, p.line,
    row_number() over (partition by p.offered, p.role, p.tier, p.currency, p.per order by p.is_untried, p.sold_on desc, p.plan_key) as nth
  from priced p
  where p.sold_on >= p.year_ago
)
select
  r.plan_key, r.product_key, r.product_id, r.family, r.role, r.tier, r.currency, r.per, r.amount, r.tiers_mode, r.commit_id, r.source_id, r.line,
  r.offered -- what an account has or lacks: the family of a base product, an add-on itself
from ranked r
where r.nth = 1
