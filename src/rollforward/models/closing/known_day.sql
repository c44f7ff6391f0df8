-- known_day: every netting window in which an account was touched, as known now.
-- grain: account_key, currency, window_at
-- reads: known_window, known_reclass
-- ties: balances_chain
-- decisions: 0012
select
  w.account_key, w.currency, w.window_at, w.on_date, coalesce(r.movement, w.movement) as movement, w.amount, -- minor units
  w.before_minor, w.after_minor, w.pays_before, w.pays_after, w.active_before, w.active_after, w.entered
from known_window w
left join known_reclass r on r.account_key = w.account_key and r.currency = w.currency and r.window_at = w.window_at
