-- account_balance: what each account paid in each currency, from the day of a change to the day of the next.
-- grain: account_key, currency, from_on
-- reads: account_day
-- ties: balances_chain
-- sorted: to_on desc
-- So that who paid on a day is read off the rows of that day, and not off all that ever moved.
with stretch as (
  select
    d.account_key, d.currency, d.on_date as from_on,
    lead(d.on_date, 1, date '9999-12-31') over (partition by d.account_key, d.currency order by d.window_at) as to_on,
    d.after_minor
  from account_day d
)
select
  s.account_key, s.currency,
  s.from_on, s.to_on, -- from_on … the day before to_on; 9999-12-31: until now
  s.after_minor as balance -- minor units, not 0
from stretch s
where s.after_minor <> 0 and s.to_on > s.from_on
