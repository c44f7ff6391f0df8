-- whole_day: account_day as one segment, '': what segment_account_day is where no segments are asked.
-- grain: account_key, currency, window_at
-- reads: account_day
-- ties: -
select
  d.account_key, d.currency, d.window_at, d.on_date, d.several, '' as value, '' as segment, d.movement,
  d.amount, d.before_minor, d.after_minor
from account_day d
