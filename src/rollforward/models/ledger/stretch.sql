-- stretch: believed stretches with coverage applied, split where a discount ends, and brought to days.
-- grain: item_key, from_at, source_id, line
-- reads: believed, coverage, coverage_gap, gap_start, paying_before, policy, discount_part
-- ties: belief_is_single
-- decisions: 0005
-- An end that no source covers has not ended as far as anyone knows; one after the as-of moment is scheduled.
with covered as (
  select
    b.account_key, b.item_key, b.product_key, b.plan_key, b.currency, b.status, b.metered, b.quantity, b.amount,
    b.interval, b.interval_count, b.cancel_reason, b.source_kind, b.source_id, b.line, 
    b.discount1_ppm, b.discount1_amount, b.discount1_kind, b.discount1_until,
    b.discount2_ppm, b.discount2_amount, b.discount2_kind, b.discount2_until,
    case when b.valid_from = c.opening_from and coalesce(k.account_key, 0) = 0 then c.opening_at else b.valid_from end as valid_from,
    case when b.valid_from = c.opening_from and coalesce(k.account_key, 0) = 0 then 1 else 0 end as opening,
    case when coalesce(h.next_start, g.next_from, b.valid_to) > y.as_of then timestamp '9999-12-31'
      else coalesce(h.next_start, g.next_from, b.valid_to) end as valid_to,
    y.as_of
  from believed b
  cross join policy y
  join coverage c on c.source_kind = b.source_kind
  left join coverage_gap g on g.source_kind = b.source_kind and b.valid_to >= g.gap_from and b.valid_to < g.gap_to
  left join gap_start h on h.item_key = b.item_key and h.valid_to = b.valid_to
  left join paying_before k on k.source_kind = b.source_kind and k.account_key = b.account_key
  where b.valid_from <= y.as_of
),
-- A repeating discount that ends inside a stretch makes two of it; two of them make up to three.
cuts as (
  select
    v.account_key, v.item_key, v.product_key, v.plan_key, v.currency, v.status, v.metered, v.quantity, v.amount,
    v.interval, v.interval_count, v.cancel_reason, v.source_kind, v.source_id, v.line, v.opening,
    v.discount1_ppm, v.discount1_amount, v.discount1_kind, v.discount1_until,
    v.discount2_ppm, v.discount2_amount, v.discount2_kind, v.discount2_until, v.valid_from, v.valid_to,
    case when v.discount1_until > v.valid_from and v.discount1_until < v.valid_to and v.discount1_until <= v.as_of
      then v.discount1_until else v.valid_to end as cut1,
    case when v.discount2_until > v.valid_from and v.discount2_until < v.valid_to and v.discount2_until <= v.as_of
      then v.discount2_until else v.valid_to end as cut2
  from covered v
),
part as (
  select
    c.account_key, c.item_key, c.product_key, c.plan_key, c.currency, c.status, c.metered, c.quantity, c.amount,
    c.interval, c.interval_count, c.cancel_reason, c.source_kind, c.source_id, c.line, 
    case when p.part = 1 then c.opening else 0 end as opening,
    c.discount1_ppm, c.discount1_amount, c.discount1_kind, c.discount1_until,
    c.discount2_ppm, c.discount2_amount, c.discount2_kind, c.discount2_until,
    case when p.part = 1 then c.valid_from when p.part = 2 then least(c.cut1, c.cut2) else greatest(c.cut1, c.cut2) end as from_at,
    case when p.part = 1 then least(c.cut1, c.cut2) when p.part = 2 then greatest(c.cut1, c.cut2) else c.valid_to end as to_at
  from cuts c
  join discount_part p on p.part = 1 or least(c.cut1, c.cut2) < c.valid_to
)
select
  p.account_key, p.item_key, p.product_key, p.plan_key, p.currency, p.quantity, p.amount, p.cancel_reason, p.source_kind,
  p.source_id, p.line, p.opening, p.from_at, p.to_at,
  case when p.metered then 0 when p.status = 'active' then 1 when p.status = 'past_due' then y.past_due_counts
    when p.status = 'paused' then y.paused_counts else 0 end as counted, -- 1: the status counts under the policy
  case when p.status in ('trialing', 'incomplete', 'canceled', 'void') then 0 else 1 end as held, -- 0: the item is not held
  p.interval_count * 10 + case p.interval when 'day' then 1 when 'week' then 2 when 'month' then 3 else 4 end as per, -- interval in one number
  case when p.discount1_until > p.from_at and ((p.discount1_kind = 'forever' and y.discount_forever = 1)
    or (p.discount1_kind = 'repeating' and y.discount_repeating = 1) or (p.discount1_kind = 'once' and y.discount_once = 1))
    then 1 else 0 end as discount1, -- 1: subtracted
  case when p.discount2_until > p.from_at and ((p.discount2_kind = 'forever' and y.discount_forever = 1)
    or (p.discount2_kind = 'repeating' and y.discount_repeating = 1) or (p.discount2_kind = 'once' and y.discount_once = 1))
    then 1 else 0 end as discount2, -- 1: subtracted
  p.discount1_ppm, p.discount1_amount, p.discount2_ppm, p.discount2_amount
from part p
cross join policy y
where p.from_at < p.to_at
