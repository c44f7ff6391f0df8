-- item_driver: drivers of windows in which MRR goes from one value of items to another, one row a driver.
-- grain: account_key, currency, value, window_at, driver
-- reads: item_split_day, item_change_value, driver
-- ties: segments_tie
-- decisions: 0011
-- What left takes its drivers along: whoever takes it in gives them back, so that each driver's sum stays the account's.
with listed as (
  select
    i.account_key, i.currency, i.value, i.window_at, i.pool, i.seen, i.along, i.crossed, r.nth as driver,
    case r.nth when 1 then c.by_plan when 2 then c.by_product when 3 then c.by_add_on when 4 then c.by_seats
      when 5 then c.by_usage when 6 then c.by_price when 7 then c.by_discount else c.by_other end as amount
  from item_split_day i
  join item_change_value c
    on c.account_key = i.account_key and c.currency = i.currency and c.window_at = i.window_at and c.value = i.value
  cross join driver r
  where i.against > 0
),
pooled as (
  select
    l.account_key, l.currency, l.value, l.window_at, l.pool, l.seen, l.along, l.crossed, l.driver, l.amount,
    cast(sum(case when l.along < 0 then -l.amount else 0 end) over (
      partition by l.account_key, l.currency, l.window_at, l.driver) as bigint) as left_minor
  from listed l
),
taken as (
  select
    p.account_key, p.currency, p.value, p.window_at, p.along, p.crossed, p.driver, p.amount, p.left_minor,
    case when p.along < 0 then p.amount
      else cast(cast(p.left_minor as hugeint) * p.seen // greatest(p.pool, 1)
        - cast(p.left_minor as hugeint) * (p.seen - p.along) // greatest(p.pool, 1) as bigint) end as share
  from pooled p
),
rounded as (
  select
    t.account_key, t.currency, t.value, t.window_at, t.crossed, t.driver, t.amount, t.share,
    cast(sum(t.share) over (partition by t.account_key, t.currency, t.window_at, t.value) as bigint) as shares,
    row_number() over (
      partition by t.account_key, t.currency, t.window_at, t.value order by abs(t.left_minor) desc, t.driver) as nth
  from taken t
)
select
  r.account_key, r.currency, r.value, r.window_at,
  r.driver, -- number of the driver in the order of the columns
  r.amount - r.share - case when r.nth = 1 then r.crossed - r.shares else 0 end as moved, -- minor units of the account's class
  r.share + case when r.nth = 1 then r.crossed - r.shares else 0 end as crossed -- minor units of transfers
from rounded r
