-- wish: what accounts have asked for: each account and subject once in each currency in which it pays, with what it pays now.
-- grain: account_key, tag, currency
-- reads: event_now, account_worth, lookback
-- ties: -
-- decisions: 0016
-- Who pays nothing now stands in the currency of its last MRR, or in none where it never had any.
with asked as (
  select e.account_key, e.tag, min(cast(e.at as date)) as first_on, max(cast(e.at as date)) as last_on, count(*) as times,
    max(case when e.outcome = '' then 1 else 0 end) as is_open
  from event_now e
  cross join lookback k
  where e.kind in ('request', 'feature_request') and e.at < cast(k.known_to as timestamp)
  group by e.account_key, e.tag
)
select
  a.account_key, a.tag, -- what was asked for; '' = not said
  a.first_on, -- first time
  a.last_on, -- last time
  a.times, -- how often
  a.is_open, -- 1: at least one without an outcome
  w.currency, -- '' = it never paid
  w.mrr, -- minor units, now
  w.unrated -- 1: a rate is missing
from asked a
join account_worth w on w.account_key = a.account_key
