-- stretch: the counting part of covered stretches (all of those that do not count), split where a discount ends.
-- grain: item_key, from_at, source_id, line
-- reads: covered, counted_span, policy, discount_part
-- ties: belief_is_single
-- decisions: 0005, 0009
-- A repeating discount that ends inside a stretch makes two of it; two of them make up to three.
with counting as (
  select
    c.account_key, c.item_key, c.product_key, c.plan_key, c.currency, c.quantity, c.amount, c.interval, c.interval_count,
    c.cancel_reason, c.source_kind, c.source_id, c.line, c.counted, c.idle, c.held,
    c.discount1_ppm, c.discount1_amount, c.discount1_kind, c.discount1_until,
    c.discount2_ppm, c.discount2_amount, c.discount2_kind, c.discount2_until, c.as_of,
    coalesce(n.opening, c.opening) as opening,
    coalesce(n.from_at, c.valid_from) as valid_from, coalesce(n.to_at, c.valid_to) as valid_to
  from covered c
  left join counted_span n on n.item_key = c.item_key and n.valid_from = c.valid_from and n.source_id = c.source_id and n.line = c.line
),
cuts as (
  select
    v.account_key, v.item_key, v.product_key, v.plan_key, v.currency, v.quantity, v.amount, v.interval, v.interval_count,
    v.cancel_reason, v.source_kind, v.source_id, v.line, v.counted, v.idle, v.held, v.opening,
    v.discount1_ppm, v.discount1_amount, v.discount1_kind, v.discount1_until,
    v.discount2_ppm, v.discount2_amount, v.discount2_kind, v.discount2_until, v.valid_from, v.valid_to,
    case when v.discount1_until > v.valid_from and v.discount1_until < v.valid_to and v.discount1_until <= v.as_of
      then v.discount1_until else v.valid_to end as cut1,
    case when v.discount2_until > v.valid_from and v.discount2_until < v.valid_to and v.discount2_until <= v.as_of
      then v.discount2_until else v.valid_to end as cut2
  from counting v
),
part as (
  select
    c.account_key, c.item_key, c.product_key, c.plan_key, c.currency, c.quantity, c.amount, c.interval, c.interval_count,
    c.cancel_reason, c.source_kind, c.source_id, c.line, c.counted, c.idle, c.held,
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
  p.counted, -- 1: the status counts under the policy
  p.idle, -- 1: it does not count, and keeps its account active
  p.held, -- 0: the item is not held
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
