-- edge: item starts and ends that touch no other counted stretch of the item, with why if the item itself tells.
-- grain: item_key, account_key, terms_key, at, side
-- reads: item_step, pause, side, ended_by, event_stretch, charge_item, handed, acquired, terms, netting_window
-- ties: ledger_ties
-- decisions: 0004, 0013
-- Edges of free items (MRR 0) are kept: a swap may pair them.
-- rule: acquired (a link hands it over); start or end; pause (dunning too); gap (comes back unchanged; usage has none); currency (the item's currency changed).
with edges as (
  select
    s.account_key, s.item_key, s.terms_key, d.side, s.source_id, s.line,
    case when d.side = 1 then s.from_at else s.to_at end as at,
    case
      when d.side = 1 and s.b_to_at = s.from_at then 'currency'
      when d.side = -1 and s.n_from_at = s.to_at then 'currency'
      when d.side = 1 and s.b_terms_key = s.terms_key then 'gap'
      when d.side = -1 and s.n_terms_key = s.terms_key then 'gap'
      when d.side = 1 then 'start'
      else 'end'
    end as rule
  from item_step s
  cross join side d
  where (d.side = 1 and (s.b_to_at < s.from_at or s.b_terms_key // 1099511627776 <> s.terms_key // 1099511627776))
    or (d.side = -1 and s.to_at < timestamp '9999-12-31'
      and (s.n_from_at > s.to_at or s.n_terms_key // 1099511627776 <> s.terms_key // 1099511627776))
),
-- Pauses that end as the item goes over; several accounts may go to one at once.
paused_over as (
  select distinct q.to_key, q.at, h.item_key
  from acquired q
  join pause h on h.account_key = q.from_key and h.to_at = q.at
)
select
  e.account_key, e.item_key, e.terms_key, t.product_key, t.currency, e.side, t.mrr, e.at, 
  coalesce(n.window_at, cast(cast(e.at as date) as timestamp)) as window_at,
  coalesce(h.source_id, b.source_id, e.source_id) as source_id, coalesce(h.line, b.line, e.line) as line,
  case when coalesce(h.item_key, 0) <> 0 then '' else coalesce(b.driver, v.driver, '') end as cause, -- the driver that the row itself tells, '' = none
  case
    when coalesce(h.item_key, 0) <> 0 then 'acquired'
    when coalesce(pe.item_key, ps.item_key, ph.item_key, 0) <> 0 and e.rule <> 'currency' then 'pause'
    when e.rule = 'gap' and coalesce(u.item_key, 0) <> 0 then case when e.side = 1 then 'start' else 'end' end
    else e.rule
  end as rule
from edges e
join terms t on t.terms_key = e.terms_key
left join netting_window n on n.account_key = e.account_key and n.at = e.at
left join ended_by b on b.item_key = e.item_key and b.to_at = e.at and e.side = -1
left join event_stretch v on v.source_id = e.source_id and v.line = e.line and v.item_key = e.item_key and v.from_at = e.at and e.side = 1
left join charge_item u on u.item_key = e.item_key
left join handed h
  on h.item_key = e.item_key and h.at = e.at and h.currency = t.currency and e.rule <> 'currency'
  and e.account_key = case when e.side = 1 then h.to_key else h.from_key end
left join pause pe on pe.item_key = e.item_key and pe.account_key = e.account_key and e.side = -1 and pe.from_at = e.at
left join pause ps on ps.item_key = e.item_key and ps.account_key = e.account_key and e.side = 1 and ps.to_at = e.at
left join paused_over ph on ph.to_key = e.account_key and ph.at = e.at and ph.item_key = e.item_key and e.side = 1
