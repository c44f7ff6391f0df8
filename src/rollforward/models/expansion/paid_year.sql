-- paid_year: the items that are paid by the year now, and when the year, or the years, paid for end.
-- grain: account_key, item_key, currency, paid, mrr, years
-- reads: held_item, item_state, lookback
-- ties: -
-- decisions: 0016
-- A year is paid through the day that is said, else it begins anew on the day on which the item's yearly terms did.
with yearly as (
  select
    h.account_key, h.item_key, h.currency, h.mrr, h.per // 10 as years,
    cast((2 * greatest(cast(h.amount as hugeint) * h.kept - cast(h.cut as hugeint) * 1000000000000, 0) + 1000000000000) // 2000000000000 as bigint) as paid,
    min(cast(s.valid_from as date)) as began_on,
    max(case when s.source_id = h.source_id and s.line = h.line and s.paid_through < timestamp '9999-12-31' then cast(s.paid_through as date) else date '0001-01-01' end) as paid_to
  from held_item h
  join item_state s on s.item_key = h.item_key and s.interval = 'year' and s.valid_from <= h.from_at
  where h.per % 10 = 4 and h.mrr > 0
  group by h.account_key, h.item_key, h.currency, h.mrr, h.per, h.amount, h.kept, h.cut
)
select y.account_key, y.item_key, y.currency, y.mrr,
  y.paid, -- for all of it, less discounts, minor units
  y.years, -- number of years paid for at once
  y.began_on, -- when the yearly terms began
  case when y.paid_to >= k.known_to then y.paid_to
    else cast(y.began_on + (12 * y.years * ((extract(year from k.last_day) - extract(year from y.began_on)) // y.years
      + case when cast(y.began_on + (12 * y.years * ((extract(year from k.last_day) - extract(year from y.began_on)) // y.years)) * interval '1' month as date) >= k.known_to
        then 0 else 1 end)) * interval '1' month as date) end as due_on
from yearly y
cross join lookback k
