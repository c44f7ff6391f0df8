-- unsplit_day: each account's window as a whole: what item_split_day is where no dimension of items is asked.
-- grain: account_key, currency, window_at
-- reads: closed_window
-- ties: segments_tie
select
  d.account_key, d.currency, '' as value, '' as shown, 1 as kept, d.window_at, d.on_date, d.movement, d.several,
  d.active_before, d.active_after, d.placed_at, d.amount as moved, cast(0 as bigint) as crossed,
  d.entered, d.before_minor, d.after_minor
from closed_window d
