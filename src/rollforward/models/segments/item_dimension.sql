-- item_dimension: the value of the asked dimension of items for every kind of item.
-- grain: product_key, plan_key, per, currency, family
-- reads: item_kind, product_current, plan, asked_dimension
-- ties: segments_tie
-- decisions: 0011
with asked as (
  select
    a.dimension, max(a.wanted) as wanted, max(case when a.nth = 0 then 1 else 0 end) as splits
  from asked_dimension a
  where a.of_items > 0
  group by a.dimension
),
valued as (
  select
    k.product_key, k.plan_key, k.per, k.currency, k.family, a.wanted, a.splits,
    case a.dimension
      when 'product' then coalesce(p.product_id, '')
      when 'family' then k.family
      when 'plan' then coalesce(n.plan_id, '')
      when 'currency' then k.currency
      else case when k.per // 10 = 1 or k.per = 0 then '' else cast(k.per // 10 as varchar) || ' ' end
        || case k.per % 10 when 0 then '' when 1 then 'day' when 2 then 'week' when 3 then 'month' else 'year' end
        || case when k.per // 10 = 1 or k.per = 0 then '' else 's' end
    end as value
  from item_kind k
  cross join asked a
  left join product_current p on p.product_key = k.product_key
  left join plan n on n.plan_key = k.plan_key
)
select
  v.product_key, v.plan_key, v.per, v.currency, v.family,
  case when v.value = '' then 'unknown' else v.value end as value,
  case when v.splits = 0 then '' when v.value = '' then 'unknown' else v.value end as shown, -- '' where it only filters
  case when v.wanted = '' or v.wanted = case when v.value = '' then 'unknown' else v.value end then 1 else 0 end as kept -- 1: inside `where`
from valued v
