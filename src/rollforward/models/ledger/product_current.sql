-- product_current: role and family of each product; a product the catalogue does not know is a base product, its own family.
-- grain: product_key
-- reads: product, product_entry
-- ties: -
with ranked as (
  select
    e.product_key, e.name, e.role, e.family,
    row_number() over (partition by e.product_key order by e.rank desc, e.recorded_at desc, e.commit_id desc, e.source_id desc, e.line desc) as nth
  from product_entry e
)
select
  p.product_key, p.product_id,
  coalesce(r.name, '') as name,
  coalesce(nullif(r.role, ''), 'base') as role, -- base or add_on
  coalesce(nullif(r.family, ''), p.product_id) as family
from product p
left join ranked r on r.product_key = p.product_key and r.nth = 1
