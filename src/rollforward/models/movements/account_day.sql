-- account_day: every netting window in which an account was touched, with its balances and the class of what happened.
-- grain: account_key, currency, window_at
-- reads: account_window, reclass
-- ties: balances_chain
-- decisions: 0007, 0009
select
  w.account_key, w.currency, w.window_at,
  w.on_date, -- day on which the window begins
  coalesce(r.movement, w.movement) as movement, -- none, opening, new, reactivation, expansion, contraction, churn, transfer or adjustment
  w.amount, -- minor units
  w.before_minor, w.after_minor, -- balances in this currency
  w.pays_before, w.pays_after, w.active_before, w.active_after, w.entered, w.several
from account_window w
left join reclass r on r.account_key = w.account_key and r.currency = w.currency and r.window_at = w.window_at
