-- attended: whose each paying account is, what it pays, and how lately somebody spoke with it.
-- grain: account_key, currency
-- reads: account_worth, account_now, event_now, lookback
-- ties: -
-- decisions: 0016
with owned as (
  select n.account_key, max(n.owner) as owner
  from account_now n
  where n.mrr > 0
  group by n.account_key
),
spoken as (
  select
    e.account_key,
    cast(sum(case when e.kind = 'touch' and cast(e.at as date) > k.last_day - 90 then 1 else 0 end) as bigint) as touches,
    cast(sum(case when e.kind = 'ticket' and cast(e.at as date) > k.last_day - 90 then 1 else 0 end) as bigint) as tickets,
    max(case when e.kind = 'touch' then cast(e.at as date) else date '0001-01-01' end) as last_on
  from event_now e
  cross join lookback k
  where cast(e.at as date) < k.known_to
  group by e.account_key
)
select
  w.account_key, w.currency, w.mrr, w.unrated,
  o.owner, -- '' = nobody
  coalesce(s.touches, 0) as touches, -- events of kind touch in the last 90 days
  coalesce(s.tickets, 0) as tickets, -- events of kind ticket in the last 90 days
  coalesce(s.last_on, date '0001-01-01') as last_on -- of the last touch; 0001-01-01 = none
from account_worth w
join owned o on o.account_key = w.account_key
left join spoken s on s.account_key = w.account_key
