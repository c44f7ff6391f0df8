-- leftover: starts and ends that no swap takes, with what the account holds besides.
-- grain: account_key, item_key, at, side, source_id, line
-- reads: candidate, swap, item_step, terms, product_current, netting_window
-- ties: drivers_sum
-- decisions: 0004
-- held: by another item with MRR, just before the window's first instant for a start, just before its end for an end.
with alone as (
  select
    c.account_key, c.item_key, c.at, c.side, c.product_key, c.family, c.role, c.source_id, c.line,
    case when c.side = 1 then c.window_at else coalesce(n.window_to, c.window_at + interval '1 day') end as bound
  from candidate c
  left join netting_window n on n.account_key = c.account_key and n.at = c.at
  left join swap e on e.ended_item_key = c.item_key and e.ended_at = c.at and e.account_key = c.account_key and c.side = -1
  left join swap s on s.started_item_key = c.item_key and s.started_at = c.at and s.account_key = c.account_key and c.side = 1
  where coalesce(e.account_key, s.account_key, 0) = 0
),
held as (
  select
    a.account_key, a.item_key, a.at, a.side,
    max(case when t.product_key = a.product_key then 1 else 0 end) as product_held,
    max(case when coalesce(p.family, '') = a.family and a.family <> '' then 1 else 0 end) as family_held
  from alone a
  join item_step h
    on h.account_key = a.account_key and h.item_key <> a.item_key
    and h.from_at < a.bound and h.to_at >= a.bound
  join terms t on t.terms_key = h.terms_key and t.mrr > 0
  left join product_current p on p.product_key = t.product_key
  where a.role = 'base'
  group by a.account_key, a.item_key, a.at, a.side
)
select
  a.account_key, a.item_key, a.at, a.side, a.source_id, a.line,
  case
    when a.role in ('add_on', 'usage') then a.role
    when coalesce(h.product_held, 0) = 1 then 'seats'
    when coalesce(h.family_held, 0) = 1 then 'plan'
    else 'product'
  end as driver
from alone a
left join held h on h.account_key = a.account_key and h.item_key = a.item_key and h.at = a.at and h.side = a.side
