-- closed_row: what closed periods say of each account's windows, those of reopened days left out (decision 0012).
-- grain: account_key, currency, window_at
-- reads: closed_day, closed_span
-- ties: balances_chain
-- decisions: 0012
select
  c.account_key, c.currency, c.window_at, c.on_date, c.movement, c.amount, c.before_minor, c.after_minor, -- minor units
  c.pays_before, c.pays_after, c.active_before, c.active_after, c.entered, c.involuntary
from closed_day c
join closed_span s on s.commit_id = c.commit_id and c.on_date >= s.from_on and c.on_date < s.to_on
