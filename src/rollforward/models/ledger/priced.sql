-- priced: each counted stretch of each item with its MRR, rounded half up on the state (definitions.md section 2).
-- grain: item_key, from_at, source_id, line
-- reads: stretch, factor, plan_current, event_stretch, charge_stretch, policy
-- ties: drivers_sum
-- decisions: 0004, 0006, 0009
-- What the rules that look at a whole account (gap_days, same_month_new_and_churn) leave of it is item_mrr.
-- Month factor num/den; kept = (1 - percent discounts) in 10^-12; cut = amount discounts per interval.
with counting as (
  select
    s.account_key, s.item_key, s.product_key, s.plan_key, s.currency, s.amount, s.per, s.cancel_reason, s.source_id, s.line,
    s.opening, s.from_at, s.to_at, s.counted, y.free_active, case when s.quantity = 0 then 1 else s.quantity end as quantity,
    f.num, f.den,
    (1000000 - cast(s.discount1 * s.discount1_ppm as bigint)) * (1000000 - cast(s.discount2 * s.discount2_ppm as bigint)) as kept,
    s.discount1 * s.discount1_amount + s.discount2 * s.discount2_amount as cut
  from stretch s
  join factor f on f.per = s.per
  cross join policy y
  where s.counted = 1 or s.idle = 1
),
valued as (
  select
    f.account_key, f.item_key, f.product_key, f.plan_key, f.currency, f.from_at, f.to_at, f.opening, f.cancel_reason, f.source_id,
    f.line, f.quantity, f.amount, f.per, f.kept, f.cut, f.counted, f.free_active,
    case when f.counted = 0 then 0
      when f.kept = 1000000000000 and f.cut = 0 then (2 * f.amount * f.num + f.den) // (2 * f.den)
      else cast(
        (2 * greatest(cast(f.amount as hugeint) * f.num * f.kept - cast(f.cut as hugeint) * f.num * 1000000000000, 0)
          + cast(f.den as hugeint) * 1000000000000)
        // (2 * cast(f.den as hugeint) * 1000000000000) as bigint) end as mrr
  from counting f
)
select
  f.account_key, f.item_key,
  case when f.product_key = 0 then coalesce(p.product_key, 0) else f.product_key end as product_key, -- the plan's, if not said
  f.plan_key, f.currency, f.from_at, f.to_at, f.opening, f.cancel_reason, f.source_id, f.line,
  f.quantity, -- 0 counts as 1
  f.amount, -- list amount per interval, minor units
  f.per, -- interval: count * 10 + 1 day, 2 week, 3 month, 4 year
  f.kept, -- share left by percent discounts, in 10^-12
  f.cut, -- amount discounts per interval, minor units
  f.mrr, -- minor units
  f.counted, -- 0: a paused stretch, here because it keeps its account active
  case when f.counted = 0 or (f.mrr = 0 and f.free_active = 1) then 1 else 0 end as idle -- 1: at 0, and its account is active
from valued f
left join plan_current p on p.plan_key = f.plan_key
union all
select
  e.account_key, e.item_key, e.product_key, e.plan_key, e.currency, e.from_at, e.to_at, 0 as opening, '' as cancel_reason,
  e.source_id, e.line, cast(1 as bigint) as quantity, e.mrr as amount, 13 as per, cast(1000000000000 as bigint) as kept,
  cast(0 as bigint) as cut, e.mrr, 1 as counted, 0 as idle
from event_stretch e
where e.mrr <> 0
union all
select
  c.account_key, c.item_key, c.product_key, c.plan_key, c.currency, c.from_at, c.to_at, 0 as opening, '' as cancel_reason,
  c.source_id, c.line, cast(1 as bigint) as quantity, c.mrr as amount, 13 as per, cast(1000000000000 as bigint) as kept,
  cast(0 as bigint) as cut, c.mrr, 1 as counted, 0 as idle
from charge_stretch c
