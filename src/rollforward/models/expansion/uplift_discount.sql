-- uplift_discount: what discounts take off the items that grew in each expansion, after it.
-- grain: account_key, currency, window_at
-- reads: mrr_change, terms, factor
-- ties: -
-- decisions: 0016
with grown as (
  select
    c.account_key, c.currency, c.window_at, t.mrr,
    (2 * t.amount * f.num + f.den) // (2 * f.den) as listed
  from mrr_change c
  join terms t on t.terms_key = c.terms_key
  join factor f on f.per = t.per
  where c.movement = 'expansion' and c.side = 1 and c.delta > 0
)
select
  g.account_key, g.currency, g.window_at,
  cast(sum(g.mrr) as bigint) as mrr, -- minor units, of the items that grew
  cast(sum(g.listed) as bigint) as listed -- the same without discounts
from grown g
group by g.account_key, g.currency, g.window_at
