-- item_judged_driver: item_driver of accounts whose currencies are judged together, in the currency of the answer.
-- grain: account_key, value, window_at, driver
-- reads: item_judged_split, item_change_value, rate_day, driver
-- ties: segments_tie
-- decisions: 0010, 0011
-- What left takes its drivers along: whoever takes it in gives them back, so that each driver's sum stays the account's.
with listed as (
  select
    i.account_key, i.value, i.window_at, i.pool, i.seen, i.along, i.against, i.crossed, n.nth as driver,
    cast(sum(coalesce(r.rate, 0) * cast(case n.nth when 1 then c.by_plan when 2 then c.by_product when 3 then c.by_add_on
      when 4 then c.by_seats when 5 then c.by_usage when 6 then c.by_price when 7 then c.by_discount else c.by_other end
      as decimal(38,0))) as decimal(38,0)) as amount
  from item_judged_split i
  join item_change_value c on c.account_key = i.account_key and c.window_at = i.window_at and c.value = i.value
  cross join driver n
  left join rate_day r on r.currency = c.currency and r.on_date = i.on_date
  group by i.account_key, i.value, i.window_at, i.pool, i.seen, i.along, i.against, i.crossed, n.nth
),
pooled as (
  select
    l.account_key, l.value, l.window_at, l.pool, l.seen, l.along, l.against, l.crossed, l.driver, l.amount,
    cast(sum(case when l.along <= 0 then -l.amount else 0 end) over (
      partition by l.account_key, l.window_at, l.driver) as decimal(38,0)) as gone
  from listed l
),
taken as (
  select
    p.account_key, p.value, p.window_at, p.crossed, p.driver, p.amount, p.gone,
    case when p.along <= 0 then p.amount when p.against = 0 then cast(0 as decimal(38,0))
      else case when p.seen = p.pool then p.gone
          else cast(cast(p.gone as double) * (cast(p.seen as double) / nullif(p.pool, 0)) as decimal(38,0)) end
        - cast(cast(p.gone as double) * (cast(p.seen - p.along as double) / nullif(p.pool, 0)) as decimal(38,0)) end as share
  from pooled p
),
rounded as (
  select
    t.account_key, t.value, t.window_at, t.crossed, t.driver, t.amount, t.share,
    cast(sum(t.share) over (partition by t.account_key, t.window_at, t.value) as decimal(38,0)) as shares,
    row_number() over (partition by t.account_key, t.window_at, t.value order by abs(t.gone) desc, t.driver) as nth
  from taken t
)
select
  r.account_key, r.value, r.window_at,
  r.driver, -- number of the driver in the order of the columns
  r.amount - r.share - case when r.nth = 1 then r.crossed - r.shares else 0 end as moved, -- 10^-10 minor units of the account's class
  r.share + case when r.nth = 1 then r.crossed - r.shares else 0 end as crossed -- 10^-10 minor units of transfers
from rounded r
