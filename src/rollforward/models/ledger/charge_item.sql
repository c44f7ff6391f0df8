-- charge_item: items of charges: what they are by the latest service, and when all else of their subscription has ended.
-- grain: item_key
-- reads: charge_local, item, covered
-- ties: -
-- only: usage <> 'exclude'
-- columns: item_key bigint, product_key bigint, plan_key bigint, ends_at timestamp
-- decisions: 0009
with ranked as (
  select
    c.item_key, c.product_key, c.plan_key,
    row_number() over (
      partition by c.item_key
      order by c.service_from desc, c.service_to desc, c.recorded_at desc, c.commit_id desc, c.source_id desc, c.line desc
    ) as nth
  from charge_local c
),
latest as (
  select r.item_key, r.product_key, r.plan_key, i.subscription_id
  from ranked r
  join item i on i.item_key = r.item_key
  where r.nth = 1
),
ended as (
  select l.item_key, max(v.valid_to) as ends_at
  from latest l
  join item o on o.subscription_id = l.subscription_id
  join covered v on v.item_key = o.item_key and v.status <> 'canceled' and v.status <> 'void'
  group by l.item_key
)
select
  l.item_key, l.product_key, l.plan_key,
  coalesce(e.ends_at, timestamp '9999-12-31') as ends_at -- 9999-12-31: something of it goes on, or it has nothing else
from latest l
left join ended e on e.item_key = l.item_key
