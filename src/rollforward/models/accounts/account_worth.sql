-- account_worth: accounts as they stand, in the currency of the answer: as they pay, or all of an account at present rates.
-- grain: account_key, currency
-- reads: account_now, reporting, rate_day, carried, lookback
-- ties: -
-- decisions: 0010
-- What an account had before is worth what it would be now: its change is free of rates.
with kept as (
  select c.account_key, c.currency, cast(sum(c.amount) as decimal(38,0)) as worth
  from carried c
  cross join lookback k
  where cast(c.window_at + interval '2 microsecond' as date) < k.known_to
  group by c.account_key, c.currency
),
rated as (
  select
    n.account_key, case g.currency when '' then n.currency else g.currency end as currency, n.currency as paid_in, g.scale, n.items, n.first_on,
    case when g.carried = 1 and n.currency <> g.currency then coalesce(c.worth, 0)
      else cast(n.mrr as decimal(38,0)) * coalesce(r.rate, g.unsaid) end as worth,
    cast(n.mrr_30 as decimal(38,0)) * coalesce(r.rate, g.unsaid) as worth_30,
    cast(n.mrr_12 as decimal(38,0)) * coalesce(r.rate, g.unsaid) as worth_12,
    cast(n.peak as decimal(38,0)) * coalesce(r.rate, g.unsaid) as most,
    case when n.mrr + n.mrr_30 + n.mrr_12 > 0 and coalesce(r.known, g.unsaid) = 0 then 1 else 0 end as unrated
  from account_now n
  cross join reporting g
  cross join lookback k
  left join rate_day r on r.currency = n.currency and r.on_date = k.last_day
  left join kept c on c.account_key = n.account_key and c.currency = n.currency
),
placed as (
  select
    r.account_key, r.currency, r.paid_in, r.scale,
    row_number() over (partition by r.account_key, r.currency order by r.worth desc, r.paid_in) as nth,
    cast(sum(r.worth) over w as decimal(38,0)) as worth, cast(sum(r.worth_30) over w as decimal(38,0)) as worth_30,
    cast(sum(r.worth_12) over w as decimal(38,0)) as worth_12, cast(sum(r.most) over w as decimal(38,0)) as most,
    cast(sum(r.items) over w as bigint) as items, min(r.first_on) over w as first_on, max(r.unrated) over w as unrated
  from rated r
  window w as (partition by r.account_key, r.currency)
)
select
  p.account_key, p.currency,
  p.paid_in, -- currency in which it is paid, of several that of the largest part
  p.items, p.first_on,
  cast((2 * cast(p.worth as hugeint) + p.scale) // (2 * p.scale) as bigint) as mrr, -- minor units
  cast((2 * cast(p.worth_30 as hugeint) + p.scale) // (2 * p.scale) as bigint) as mrr_30, -- 30 days ago
  cast((2 * cast(p.worth_12 as hugeint) + p.scale) // (2 * p.scale) as bigint) as mrr_12, -- 12 months ago
  cast((2 * cast(p.most as hugeint) + p.scale) // (2 * p.scale) as bigint) as peak, -- the most MRR it ever had; of several currencies the sum
  p.unrated -- 1: a rate is missing
from placed p
where p.nth = 1
