-- crossing: accounts that paid a year and half a year ago: whether they grew or shrank first between, and whether they still pay.
-- grain: account_key, currency
-- reads: account_balance, account_day, judged_window, lookback, reporting, rate_day
-- ties: -
-- decisions: 0016
-- Told apart at a fixed day that all have lived to, so that nobody has stayed merely by having had the time to move. Worth at the last day's rates.
-- In the currency of the answer an account is one row, its move that of all its currencies together.
with lived as (
  select
    s.account_key, s.currency,
    cast(sum(case when s.from_on < k.year_ago and s.to_on >= k.year_ago then s.balance else 0 end) as bigint) as opening,
    cast(sum(case when s.from_on < k.year_ago + 183 and s.to_on >= k.year_ago + 183 then s.balance else 0 end) as bigint) as midway,
    cast(sum(case when s.from_on < k.known_to and s.to_on >= k.known_to then s.balance else 0 end) as bigint) as closing
  from account_balance s
  cross join lookback k
  group by s.account_key, s.currency
),
paying as (
  select v.account_key, max(case when v.closing > 0 then 1 else 0 end) as still_pays
  from lived v
  group by v.account_key
),
rated as (
  select
    v.account_key, case g.currency when '' then v.currency else g.currency end as currency, g.scale, v.opening, v.midway,
    cast(v.midway as hugeint) * coalesce(r.rate, g.unsaid) as worth,
    case when v.midway > 0 and coalesce(r.known, g.unsaid) = 0 then 1 else 0 end as unrated
  from lived v
  cross join reporting g
  cross join lookback k
  left join rate_day r on r.currency = v.currency and r.on_date = k.last_day
),
summed as (
  select
    d.account_key, d.currency, d.scale, cast(sum(d.worth) as decimal(38,0)) as worth, max(d.unrated) as unrated,
    max(case when d.opening > 0 then 1 else 0 end) as paid, max(case when d.midway > 0 then 1 else 0 end) as pays
  from rated d
  group by d.account_key, d.currency, d.scale
),
moved as (
  select
    d.account_key, case g.currency when '' then d.currency else g.currency end as currency, coalesce(j.movement, d.movement) as movement,
    row_number() over (
      partition by d.account_key, case g.currency when '' then d.currency else g.currency end order by d.window_at, d.currency) as nth
  from account_day d
  cross join reporting g
  cross join lookback k
  left join judged_window j on j.account_key = d.account_key and j.window_at = d.window_at
  where coalesce(j.movement, d.movement) in ('expansion', 'contraction', 'unsure') and d.on_date >= k.year_ago and d.on_date < k.year_ago + 183
)
select
  s.account_key, s.currency,
  case when s.unrated = 0 then cast((2 * cast(s.worth as hugeint) + s.scale) // (2 * s.scale) as bigint) end as midway, -- half a year ago, minor units; empty without a rate
  coalesce(m.movement, 'none') as first_move, -- in the first half of the year: expansion, contraction, unsure (a rate that would tell is missing) or none
  1 - p.still_pays as has_left -- 1: it pays nothing now, in no currency
from summed s
join paying p on p.account_key = s.account_key
left join moved m on m.account_key = s.account_key and m.currency = s.currency and m.nth = 1
where s.paid = 1 and s.pays = 1
