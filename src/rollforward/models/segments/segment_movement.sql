-- segment_movement: what each account's windows put into each segment, transfers too, with their drivers; nothing scheduled.
-- grain: account_key, currency, window_at, value, segment, part
-- reads: segment_account_day, native_cause, account, known
-- ties: segments_tie
-- decisions: 0011
with driven as (
  select
    b.account_key, b.currency, b.window_at, b.value, b.segment, b.part,
    cast(sum(b.by_plan) as bigint) as by_plan, cast(sum(b.by_product) as bigint) as by_product,
    cast(sum(b.by_add_on) as bigint) as by_add_on, cast(sum(b.by_seats) as bigint) as by_seats,
    cast(sum(b.by_usage) as bigint) as by_usage, cast(sum(b.by_price) as bigint) as by_price,
    cast(sum(b.by_discount) as bigint) as by_discount, cast(sum(b.by_other) as bigint) as by_other
  from native_cause b
  group by b.account_key, b.currency, b.window_at, b.value, b.segment, b.part
)
select
  d.on_date, a.account_id, d.account_key, d.currency, d.value, d.segment, d.part, d.movement, d.amount, -- minor units
  coalesce(r.by_plan, 0) as by_plan, coalesce(r.by_product, 0) as by_product, coalesce(r.by_add_on, 0) as by_add_on,
  coalesce(r.by_seats, 0) as by_seats, coalesce(r.by_usage, 0) as by_usage, coalesce(r.by_price, 0) as by_price,
  coalesce(r.by_discount, 0) as by_discount, coalesce(r.by_other, 0) as by_other,
  d.before_minor, d.after_minor, d.window_at
from segment_account_day d
join account a on a.account_key = d.account_key
cross join known k
left join driven r
  on r.account_key = d.account_key and r.currency = d.currency and r.window_at = d.window_at and r.value = d.value
  and r.segment = d.segment and r.part = d.part
where d.on_date < k.known_to
