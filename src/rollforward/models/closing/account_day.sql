-- account_day: every netting window in which an account was touched, closed periods as they were closed.
-- grain: account_key, currency, window_at
-- reads: account_window
-- ties: balances_chain
-- decisions: 0012
select
  w.account_key, w.currency, w.window_at, w.on_date, w.movement, w.amount, w.before_minor, w.after_minor, -- minor units
  w.pays_before, w.pays_after, w.active_before, w.active_after, w.entered, w.several
from account_window w
