-- crossing: accounts that paid a year and half a year ago: whether they grew or shrank first between, and whether they still pay.
-- grain: account_key, currency
-- reads: account_balance, account_day, lookback, reporting, rate_day
-- ties: -
-- decisions: 0016
-- Told apart at a fixed day that all have lived to, so that nobody has stayed merely by having had the time to move. Worth at the last day's rates.
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
moved as (
  select
    d.account_key, d.currency, d.movement,
    row_number() over (partition by d.account_key, d.currency order by d.window_at) as nth
  from account_day d
  cross join lookback k
  where d.movement in ('expansion', 'contraction') and d.on_date >= k.year_ago and d.on_date < k.year_ago + 183
)
select
  v.account_key, case g.currency when '' then v.currency else g.currency end as currency,
  cast((2 * cast(v.midway as hugeint) * coalesce(r.rate, g.unsaid) + g.scale) // (2 * g.scale) as bigint) as midway, -- half a year ago, minor units
  coalesce(m.movement, 'none') as first_move, -- in the first half of the year: expansion, contraction or none
  1 - p.still_pays as has_left -- 1: it pays nothing now, in no currency
from lived v
join paying p on p.account_key = v.account_key
cross join reporting g
cross join lookback k
left join moved m on m.account_key = v.account_key and m.currency = v.currency and m.nth = 1
left join rate_day r on r.currency = v.currency and r.on_date = k.last_day
where v.opening > 0 and v.midway > 0
