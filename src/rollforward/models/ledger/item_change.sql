-- item_change: touching changes inside an item, and the started halves of swaps, with their drivers.
-- grain: item_key, account_key, at
-- reads: item_step, swap, change_driver, event_stretch, charge_item, source_file
-- ties: drivers_sum
-- decisions: 0004
-- The started half takes all the parts and gives back what the ended half lost.
select
  s.account_key, s.item_key, s.terms_key, s.from_at as at, s.source_id, s.line, c.mrr - c.b_mrr as delta,
  c.by_plan, c.by_seats, c.by_price, c.by_discount, case when coalesce(v.cause, '') <> '' then 'event' else 'change' end as rule,
  -- cause: what the source tells; a monthly file tells none; '' = the formulas.
  case when coalesce(v.cause, '') <> '' then coalesce(v.cause, '')
    when coalesce(f.kind, '') = 'monthly' then 'other'
    when coalesce(u.item_key, 0) <> 0 then 'usage' else '' end as cause
from item_step s
join change_driver c on c.b_terms_key = s.b_terms_key and c.terms_key = s.terms_key
left join event_stretch v on v.source_id = s.source_id and v.line = s.line and v.item_key = s.item_key and v.from_at = s.from_at
left join charge_item u on u.item_key = s.item_key
left join source_file f on f.source_id = s.source_id and f.kind = 'monthly'
where s.b_to_at = s.from_at and c.mrr <> c.b_mrr
union all
select
  w.account_key, w.started_item_key as item_key, w.terms_key, w.started_at as at, s.source_id, s.line, c.mrr as delta,
  c.by_plan + (1 - c.as_price) * c.b_mrr as by_plan, c.by_seats, c.by_price + c.as_price * c.b_mrr as by_price, c.by_discount,
  'swap' as rule, '' as cause
from swap w
join change_driver c on c.b_terms_key = w.b_terms_key and c.terms_key = w.terms_key
join item_step s on s.account_key = w.account_key and s.item_key = w.started_item_key and s.from_at = w.started_at
where c.mrr <> 0
