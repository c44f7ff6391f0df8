-- balance_window: netting windows with the account's balance in all currencies as they stand, and when a derived value turns.
-- grain: account_key, window_at
-- reads: closed_window, currency_unit
-- ties: -
-- decisions: 0011
-- A value derived from a window holds right after it; that of an account that was not active, from the window's start.
with summed as (
  select
    d.account_key, d.window_at, d.window_to, d.movement, d.active_before, d.active_after,
    d.after_minor * u.ten_thousandths as balance
  from closed_window d
  join currency_unit u on u.currency = d.currency
  where d.several = 0
  union all
  select
    d.account_key, d.window_at, max(d.window_to) as window_to, max(d.movement) as movement,
    max(d.active_before) as active_before, max(d.active_after) as active_after,
    cast(sum(cast(sum(d.amount * u.ten_thousandths) as bigint)) over (
      partition by d.account_key order by d.window_at rows between unbounded preceding and current row) as bigint) as balance
  from closed_window d
  join currency_unit u on u.currency = d.currency
  where d.several = 1
  group by d.account_key, d.window_at
)
select
  s.account_key, s.window_at, s.window_to,
  s.balance, -- in 10^-4 of major units
  case when s.active_before = 0 and s.movement <> 'opening' then s.window_at else s.window_to end as turns_at -- since when
from summed s
where s.active_after = 1
