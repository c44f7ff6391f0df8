-- accounts_tie: what all accounts have now sums to what all movements so far left.
-- reads: account_now, account_day, lookback
with told as (
  select d.currency, d.amount as expected, cast(0 as bigint) as found
  from account_day d
  cross join lookback k
  where d.on_date < k.known_to
  union all
  select n.currency, cast(0 as bigint) as expected, n.mrr as found
  from account_now n
),
summed as (
  select t.currency, cast(sum(t.expected) as bigint) as expected, cast(sum(t.found) as bigint) as found
  from told t
  group by t.currency
)
select '' as account_id, s.currency, k.last_day as on_date, s.expected, s.found
from summed s
cross join lookback k
where s.expected <> s.found
