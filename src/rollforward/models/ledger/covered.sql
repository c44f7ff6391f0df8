-- covered: believed stretches with coverage applied and the policy's word on their status.
-- grain: item_key, valid_from, source_id, line
-- reads: believed, coverage, coverage_gap, gap_start, paying_before, owner_span, policy
-- ties: belief_is_single
-- decisions: 0005, 0009, 0013
-- Here each stretch gets the account that links make it: one that changes hands is cut there.
-- An end that no source covers has not ended as far as anyone knows; one after the as-of moment is scheduled.
select
  coalesce(o.owner_key, b.account_key) as account_key, b.item_key, b.product_key, b.plan_key, b.currency, b.status, b.metered, b.quantity, b.amount,
  b.interval, b.interval_count,
  case when coalesce(o.to_at, timestamp '9999-12-31') < coalesce(h.next_start, g.next_from, b.valid_to) then '' else b.cancel_reason end as cancel_reason,
  b.source_kind, b.source_id, b.line,
  b.discount1_ppm, b.discount1_amount, b.discount1_kind, b.discount1_until,
  b.discount2_ppm, b.discount2_amount, b.discount2_kind, b.discount2_until,
  b.cancel_requested_at, b.paid_through, b.first_paid_at,
  greatest(b.valid_from, coalesce(o.from_at, b.valid_from)) as said_from, -- start as said; an opening balance stood before it
  case when b.valid_from = c.opening_from and coalesce(k.account_key, 0) = 0 and coalesce(o.from_at, b.valid_from) <= b.valid_from
    then c.opening_at else greatest(b.valid_from, coalesce(o.from_at, b.valid_from)) end as valid_from,
  case when b.valid_from = c.opening_from and coalesce(k.account_key, 0) = 0 and coalesce(o.from_at, b.valid_from) <= b.valid_from
    then 1 else 0 end as opening,
  case when least(coalesce(h.next_start, g.next_from, b.valid_to), coalesce(o.to_at, timestamp '9999-12-31')) > y.as_of
    then timestamp '9999-12-31'
    else least(coalesce(h.next_start, g.next_from, b.valid_to), coalesce(o.to_at, timestamp '9999-12-31')) end as valid_to,
  case when b.metered then 0 when b.status = 'active' then 1
    when b.status = 'past_due' and y.past_due_days <> 0 then 1
    when b.status = 'paused' then y.paused_counts else 0 end as counted, -- 1: the status counts under the policy
  case when b.metered = false and b.status = 'paused' and y.paused_counts = 0 then y.paused_active else 0 end
    as idle, -- 1: it does not count, and keeps its account active
  case when b.status in ('trialing', 'incomplete', 'canceled', 'void') then 0 else 1 end as held, -- 0: the item is not held
  y.as_of -- the as-of moment in local time
from believed b
cross join policy y
join coverage c on c.source_kind = b.source_kind
left join coverage_gap g on g.source_kind = b.source_kind and b.valid_to >= g.gap_from and b.valid_to < g.gap_to
left join gap_start h on h.item_key = b.item_key and h.valid_to = b.valid_to
left join owner_span o
  on o.account_key = b.account_key and o.from_at < coalesce(h.next_start, g.next_from, b.valid_to) and o.to_at > b.valid_from
left join paying_before k on k.source_kind = b.source_kind and k.account_key = coalesce(o.owner_key, b.account_key)
where b.valid_from <= y.as_of
