-- involuntary: the part of each account's churn whose source says it was involuntary, as closed and as known now.
-- grain: account_key, currency, window_at
-- reads: closed_row, known_involuntary, open_from, several_currencies
-- ties: -
-- decisions: 0012
select
  c.account_key, c.currency, c.window_at, c.on_date, case when coalesce(m.account_key, 0) <> 0 then 1 else 0 end as several,
  c.involuntary as amount -- minor units, negative
from closed_row c
left join several_currencies m on m.account_key = c.account_key
where c.involuntary <> 0
union all
select
  k.account_key, k.currency, k.window_at, k.on_date, case when coalesce(m.account_key, 0) <> 0 then 1 else 0 end as several, k.amount
from known_involuntary k
left join several_currencies m on m.account_key = k.account_key
cross join open_from o
where k.on_date >= o.on_date
