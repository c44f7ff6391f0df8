-- renewal_worth: the MRR that was or is up at each renewal, what was left of it 30 days after, and whether it had fallen before.
-- grain: account_key, due_on, currency
-- reads: renewal, renewal_part, paid_year, account_balance, reporting, rate_day, lookback
-- ties: -
-- decisions: 0010, 0016
-- At present rates, so that no rate looks like an outcome. What is paid by the year is up alone, not all that the account pays; of contracts beside others, renewal_part.
with stood as (
  select
    r.account_key, r.due_on, r.kind, t.currency,
    cast(sum(case when t.from_on <= r.opens_on and t.to_on > r.opens_on then t.balance else 0 end) as bigint) as opening,
    cast(sum(case when t.from_on <= r.opens_on - 180 and t.to_on > r.opens_on - 180 then t.balance else 0 end) as bigint) as earlier,
    cast(sum(case when t.from_on <= r.due_on + 30 and t.to_on > r.due_on + 30 then t.balance else 0 end) as bigint) as closing,
    0 as is_split
  from renewal r
  join account_balance t on t.account_key = r.account_key
  left join (select distinct p.account_key, p.due_on from renewal_part p) a on a.account_key = r.account_key and a.due_on = r.due_on
  where coalesce(a.account_key, 0) = 0
  group by r.account_key, r.due_on, r.kind, t.currency
  union all
  select p.account_key, p.due_on, 'contract' as kind, p.currency, p.opening, p.earlier, p.closing, p.is_split
  from renewal_part p
),
paying as (
  select
    s.account_key, s.due_on, max(case when s.closing > 0 then 1 else 0 end) as still_pays,
    max(case when s.closing > s.opening then 1 else 0 end) * max(case when s.closing < s.opening then 1 else 0 end) as moved
  from stood s
  group by s.account_key, s.due_on
),
yearly as (
  select y.account_key, y.due_on, y.currency, cast(sum(y.mrr) as bigint) as mrr
  from paid_year y
  group by y.account_key, y.due_on, y.currency
),
rated as (
  select
    s.account_key, s.due_on, case g.currency when '' then s.currency else g.currency end as currency, g.scale,
    case when s.opening > 0 and coalesce(r.known, g.unsaid) = 0 then 1 else 0 end as unrated,
    case when s.closing > 0 and coalesce(r.known, g.unsaid) = 0 then 1 else 0 end as unrated_after,
    s.is_split, p.still_pays, case g.currency when '' then p.moved else 0 end as moved,
    cast(case when s.kind = 'paid_year' then coalesce(y.mrr, 0) else s.opening end as decimal(38,0)) * coalesce(r.rate, g.unsaid) as opening,
    cast(s.closing as decimal(38,0)) * coalesce(r.rate, g.unsaid) as closing,
    case when s.opening < s.earlier then 1 else 0 end as has_fallen
  from stood s
  join paying p on p.account_key = s.account_key and p.due_on = s.due_on
  cross join reporting g
  cross join lookback k
  left join rate_day r on r.currency = s.currency and r.on_date = k.last_day
  left join yearly y on y.account_key = s.account_key and y.due_on = s.due_on and y.currency = s.currency
  where s.opening > 0 or s.closing > 0
),
summed as (
  select
    d.account_key, d.due_on, d.currency, d.scale, cast(sum(d.opening) as decimal(38,0)) as opening, cast(sum(d.closing) as decimal(38,0)) as closing,
    max(d.has_fallen) as has_fallen, max(d.unrated) as unrated, max(d.unrated_after) as unrated_after, max(d.still_pays) as still_pays, max(d.moved) as moved, max(d.is_split) as is_split
  from rated d
  group by d.account_key, d.due_on, d.currency, d.scale
)
select
  d.account_key, d.due_on, d.currency,
  cast((2 * cast(d.opening as hugeint) + d.scale) // (2 * d.scale) as bigint) as opening, -- MRR up for renewal, minor units
  cast((2 * cast(d.closing as hugeint) + d.scale) // (2 * d.scale) as bigint) as closing, -- MRR 30 days after, minor units
  d.has_fallen, -- 1: less on the day looked from than 180 days before
  d.unrated, -- 1: a rate of what is up is missing
  d.unrated_after, -- 1: a rate of what was left is missing
  d.still_pays, -- 1: 30 days after what was up is paid, in this currency or another
  d.is_split, -- 1: a part of what has no contract of its own, by the amounts of those that share it
  d.moved -- 1: less in one currency and more in another, of answers in each its own: what is gained or lost is not known
from summed d
