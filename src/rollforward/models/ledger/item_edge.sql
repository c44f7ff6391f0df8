-- item_edge: starts and ends of items that are no started half of a swap, each with the one driver that takes it.
-- grain: item_key, account_key, terms_key, at, side
-- reads: edge, swap, change_driver, leftover
-- ties: drivers_sum
-- decisions: 0004
with ended as (
  select w.account_key, w.ended_item_key as item_key, w.ended_at as at, c.as_price
  from swap w
  join change_driver c on c.b_terms_key = w.b_terms_key and c.terms_key = w.terms_key
)
select
  e.account_key, e.item_key, e.terms_key, e.at, e.side, e.source_id, e.line, e.side * e.mrr as delta, -- minor units
  case when coalesce(w.account_key, 0) <> 0 then 'swap' when e.cause <> '' then 'event' else e.rule end as rule,
  case
    when coalesce(w.account_key, 0) <> 0 then case when coalesce(w.as_price, 0) = 1 then 'price' else 'plan' end
    when e.cause <> '' then e.cause
    else coalesce(l.driver, 'other')
  end as cause
from edge e
left join ended w on w.item_key = e.item_key and w.at = e.at and w.account_key = e.account_key and e.side = -1
left join swap s on s.started_item_key = e.item_key and s.started_at = e.at and s.account_key = e.account_key and e.side = 1
left join leftover l
  on l.item_key = e.item_key and l.account_key = e.account_key and l.at = e.at and l.side = e.side and l.source_id = e.source_id
  and l.line = e.line
where coalesce(s.account_key, 0) = 0 and e.mrr <> 0
