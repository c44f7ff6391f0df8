-- candidate: items that start or end while their account pays before and after the netting window.
-- grain: item_key, account_key, at, side
-- reads: edge, account_window, product_current, item, charge_item
-- ties: -
-- decisions: 0004
select
  e.account_key, e.item_key, e.terms_key, e.product_key, e.currency, e.side, e.mrr, e.at, e.window_at, e.source_id, e.line,
  i.subscription_id, i.item_id,
  case when coalesce(u.item_key, 0) <> 0 then 'usage' else coalesce(p.role, 'base') end as role, -- base, add_on or usage
  coalesce(p.family, '') as family -- '' = the product is not said
from edge e
join account_window d
  on d.account_key = e.account_key and d.currency = e.currency and d.window_at = e.window_at and d.pays_before = 1 and d.pays_after = 1
join item i on i.item_key = e.item_key
left join product_current p on p.product_key = e.product_key
left join charge_item u on u.item_key = e.item_key
where e.rule in ('start', 'end') and e.cause = ''
