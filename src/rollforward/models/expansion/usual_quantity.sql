-- usual_quantity: how many units of a product an account that has it holds: the middle one (the lower of two).
-- grain: product_key
-- reads: held_item
-- ties: -
with ranked as (
  select
    h.product_key, h.quantity,
    row_number() over (partition by h.product_key order by h.quantity, h.account_key, h.item_key, h.from_at, h.source_id, h.line) as nth,
    count(*) over (partition by h.product_key) as items
  from held_item h
  where h.product_key <> 0
)
select r.product_key, r.quantity
from ranked r
where r.nth = (r.items + 1) // 2
