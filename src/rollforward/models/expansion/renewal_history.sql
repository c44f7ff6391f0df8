-- renewal_history: how each account that pays went in the last 365 days, and what was heard of it in the last 90.
-- grain: account_key
-- reads: signal_account, account_day, event_now, lookback
-- ties: -
with moved as (
  select
    d.account_key,
    count(case when d.movement = 'expansion' then 1 end) as expansions,
    count(case when d.movement = 'contraction' then 1 end) as contractions
  from account_day d
  cross join lookback k
  where d.on_date < k.known_to and d.on_date >= k.known_to - 365
  group by d.account_key
),
heard as (
  select
    e.account_key,
    count(case when e.kind = 'ticket' then 1 end) as tickets,
    count(case when e.kind = 'touch' then 1 end) as touches
  from event_now e
  cross join lookback k
  where cast(e.at as date) < k.known_to and cast(e.at as date) >= k.known_to - 90
  group by e.account_key
)
select
  a.account_key,
  coalesce(m.expansions, 0) as expansions, -- number in 365 days
  coalesce(m.contractions, 0) as contractions, -- number in 365 days
  coalesce(h.tickets, 0) as tickets, -- number in 90 days
  coalesce(h.touches, 0) as touches -- number in 90 days
from signal_account a
left join moved m on m.account_key = a.account_key
left join heard h on h.account_key = a.account_key
