-- closed_window: account_day with the end of each netting window and the moment whose segment its movement belongs to.
-- grain: account_key, currency, window_at
-- reads: account_day, policy
-- ties: -
-- decisions: 0009, 0011
with ended as (
  select
    d.account_key, d.currency, d.window_at, d.on_date, d.movement, d.amount, d.before_minor, d.after_minor,
    d.active_before, d.active_after, d.entered, d.several,
    case when y.netting = 'second' then d.window_at + interval '1 second'
      when y.netting = 'minutes' then
        least(d.window_at + y.netting_seconds * interval '1 second', cast(d.on_date + 1 as timestamp))
      when y.netting = 'month' then d.window_at + interval '1 month'
      else d.window_at + interval '1 day' end as window_to
  from account_day d
  cross join policy y
)
select
  e.account_key, e.currency, e.window_at, e.on_date, e.movement, e.amount, e.before_minor, e.after_minor,
  e.active_before, e.active_after, e.entered, e.several,
  e.window_to, -- first instant after the window
  case when e.movement = 'opening' then e.window_to
    when e.active_before = 1 then e.window_at
    else e.window_to - interval '1 microsecond' end as placed_at -- the moment that decides the segment
from ended e
