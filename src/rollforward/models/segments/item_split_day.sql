-- item_split_day: each account's window split by value of items: what has the account's class, and what is transfer.
-- grain: account_key, currency, value, window_at
-- reads: item_day, closed_window
-- ties: segments_tie
-- decisions: 0011
-- Against the sum all is transfer; along it a share takes that in, pro rata, rounded cumulatively in order of value.
with directed as (
  select
    i.account_key, i.currency, i.value, i.shown, i.kept, i.window_at, i.delta, i.after_minor,
    d.on_date, d.movement, d.several, d.active_before, d.active_after, d.placed_at,
    case when d.amount >= 0 then 1 else -1 end as sign,
    case when d.amount >= 0 then i.delta else -i.delta end as along
  from item_day i
  join closed_window d on d.account_key = i.account_key and d.currency = i.currency and d.window_at = i.window_at
),
pooled as (
  select
    r.account_key, r.currency, r.value, r.shown, r.kept, r.window_at, r.delta, r.after_minor,
    r.on_date, r.movement, r.several, r.active_before, r.active_after, r.placed_at, r.sign, r.along,
    cast(sum(greatest(-r.along, 0)) over p as bigint) as against,
    cast(sum(greatest(r.along, 0)) over p as bigint) as pool,
    cast(sum(greatest(r.along, 0)) over o as bigint) as seen
  from directed r
  window
    p as (partition by r.account_key, r.currency, r.window_at),
    o as (partition by r.account_key, r.currency, r.window_at order by r.value rows between unbounded preceding and current row)
),
shared as (
  select
    s.account_key, s.currency, s.value, s.shown, s.kept, s.window_at, s.delta, s.after_minor,
    s.on_date, s.movement, s.several, s.active_before, s.active_after, s.placed_at, s.against, s.pool, s.seen, s.along,
    case when s.along < 0 then s.delta when s.against = 0 then 0
      else s.sign * cast((2 * cast(s.against as hugeint) * s.seen + s.pool) // (2 * s.pool)
        - (2 * cast(s.against as hugeint) * (s.seen - s.along) + s.pool) // (2 * s.pool) as bigint) end as crossed
  from pooled s
)
select
  h.account_key, h.currency, h.value, h.shown, h.kept, h.window_at, h.on_date, h.movement, h.several, h.active_before,
  h.active_after, h.placed_at, h.against, h.pool, h.seen, h.along,
  h.delta - h.crossed as moved, -- minor units that have the account's class
  h.crossed, -- minor units that are transfer between values
  case when h.after_minor > 0 then 1 else 0 end - case when h.after_minor > h.delta then 1 else 0 end as entered,
  h.after_minor - h.delta as before_minor, h.after_minor
from shared h
