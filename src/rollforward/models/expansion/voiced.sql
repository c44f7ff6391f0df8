-- voiced: what accounts have said: each account, kind and theme once in each currency in which it pays, with what it pays and whether it left within half a year.
-- grain: account_key, currency, kind, theme
-- reads: event_now, account_day, account_worth, lookback
-- ties: -
-- decisions: 0016
-- A theme is the tag of the event, or where it has none its text. Who pays nothing now stands in the currency of its last MRR, or in
-- none where it never had any.
with said as (
  select
    e.account_key, e.kind, case when e.tag <> '' then e.tag else substr(e.text, 1, 60) end as theme, cast(e.at as date) as on_date,
    case when e.outcome = '' then 1 else 0 end as is_open,
    case when e.outcome_at < timestamp '9999-12-31' then cast(e.outcome_at as date) - cast(e.at as date) end as days
  from event_now e
  cross join lookback k
  where e.kind in ('ticket', 'feedback', 'survey', 'request') and cast(e.at as date) < k.known_to
),
themed as (
  select
    s.account_key, s.kind, s.theme, count(*) as times, cast(sum(s.is_open) as bigint) as open, min(s.on_date) as first_on, max(s.on_date) as last_on,
    avg(s.days) as days
  from said s
  group by s.account_key, s.kind, s.theme
),
gone as (
  select t.account_key, t.kind, t.theme, min(d.on_date) as left_on
  from themed t
  join account_day d on d.account_key = t.account_key and d.movement = 'churn' and d.on_date >= t.first_on
  group by t.account_key, t.kind, t.theme
)
select
  t.account_key, w.currency, -- '' = it never paid
  t.kind, t.theme, -- theme: '' = not said
  t.times, -- how often it said so
  t.open, -- of them, without an outcome
  t.first_on, t.last_on,
  t.days, -- mean days until the outcome; empty without one
  w.mrr, -- now, minor units
  w.unrated, -- 1: a rate is missing
  case when t.first_on + 180 <= k.last_day then 1 else 0 end as is_old, -- 1: half a year has gone by since it first said so
  case when coalesce(g.left_on, date '9999-12-31') <= t.first_on + 180 then 1 else 0 end as has_left -- 1: it left within 180 days
from themed t
cross join lookback k
left join gone g on g.account_key = t.account_key and g.kind = t.kind and g.theme = t.theme
join account_worth w on w.account_key = t.account_key
