-- closed_window: account_day with the end of each netting window and the moment whose segment its movement belongs to.
-- grain: account_key, currency, window_at
-- reads: account_day, restated_item, policy, boundary
-- ties: -
-- decisions: 0009, 0011, 0012
-- The last moment of a closed day is that before what is known otherwise counts.
with told as (
  select
    d.account_key, d.currency, d.window_at, d.on_date, d.movement, d.amount, d.before_minor, d.after_minor,
    d.active_before, d.active_after, d.entered, d.several
  from account_day d
  union all
  select
    r.account_key, r.currency, r.window_at, r.on_date, 'restatement' as movement, cast(0 as bigint) as amount,
    cast(0 as bigint) as before_minor, cast(0 as bigint) as after_minor, 1 as active_before, 1 as active_after, 0 as entered, r.several
  from restated_item r
),
ended as (
  select
    d.account_key, d.currency, d.window_at, d.on_date, d.movement, d.amount, d.before_minor, d.after_minor,
    d.active_before, d.active_after, d.entered, d.several,
    case when y.netting = 'second' then d.window_at + interval '1 second'
      when y.netting = 'minutes' then
        least(d.window_at + y.netting_seconds * interval '1 second', cast(d.on_date + 1 as timestamp))
      when y.netting = 'month' then d.window_at + interval '1 month'
      else d.window_at + interval '1 day' end as window_to
  from told d
  cross join policy y
)
select
  e.account_key, e.currency, e.window_at, e.on_date, e.movement, e.amount, e.before_minor, e.after_minor,
  e.active_before, e.active_after, e.entered, e.several,
  e.window_to, -- first instant after the window
  case when e.movement = 'opening' then coalesce(b.restated_at - interval '1 microsecond', e.window_to)
    when e.active_before = 1 or e.movement = 'restatement' then e.window_at
    else coalesce(b.restated_at, e.window_to) - interval '1 microsecond' end as placed_at -- the moment that decides the segment
from ended e
left join boundary b on cast(b.on_date as timestamp) = e.window_to
