-- account_window: every netting window in which an account was touched: as closed, then the restatement, then as known now.
-- grain: account_key, currency, window_at
-- reads: closed_row, restated, known_day, open_from, several_currencies
-- ties: balances_chain
-- decisions: 0007, 0012
with every as (
  select
    c.account_key, c.currency, c.window_at, c.on_date, c.movement, c.amount, c.before_minor, c.after_minor, c.pays_before,
    c.pays_after, c.active_before, c.active_after, c.entered
  from closed_row c
  union all
  select
    r.account_key, r.currency, r.window_at, r.on_date, r.movement, r.amount, r.before_minor, r.after_minor, r.pays_before,
    r.pays_after, r.active_before, r.active_after, r.entered
  from restated r
  union all
  select
    k.account_key, k.currency, k.window_at, k.on_date, k.movement, k.amount, k.before_minor, k.after_minor, k.pays_before,
    k.pays_after, k.active_before, k.active_after, k.entered
  from known_day k
  cross join open_from o
  where k.on_date >= o.on_date
)
select
  e.account_key, e.currency, e.window_at, e.on_date,
  e.movement, -- none, opening, restatement or a movement
  e.amount, -- minor units
  e.before_minor, e.after_minor, -- balances in this currency
  e.pays_before, e.pays_after, -- 1: MRR in any currency
  e.active_before, e.active_after, -- 1: active in any currency
  e.entered, -- 1: the account became active in this currency, -1: it ceased to be
  case when coalesce(m.account_key, 0) <> 0 then 1 else 0 end as several
from every e
left join several_currencies m on m.account_key = e.account_key
