-- judged_whole: judged_window as one segment, '': what segment_judged is where no segments are asked.
-- grain: account_key, window_at
-- reads: judged_window
-- ties: fx_ties
-- decisions: 0010
select
  j.account_key, j.window_at, j.on_date, '' as segment, 'class' as part, j.movement, j.amount, j.missing, -- 10^-10 minor units
  j.active_after - j.active_before as accounts_change
from judged_window j
