-- charge_stretch: usage as stretches of its item: one amount a calendar month, the last one carried; months at 0 have none.
-- grain: item_key, account_key, currency, from_at
-- reads: charge_month, charge_known, charge_item, calendar_month, owner_span, policy
-- ties: -
-- only: usage <> 'exclude'
-- columns: account_key bigint, item_key bigint, product_key bigint, plan_key bigint, currency varchar, from_at timestamp, to_at timestamp, mrr bigint, source_id bigint, line bigint
-- decisions: 0009, 0013
-- told: file and line of a charge of the month (of an earlier month, where it has none) in one number.
with booked as (
  select
    c.item_key, c.account_key, c.currency, c.month_from, cast(sum(c.amount) as bigint) as amount,
    max(c.source_id * 1099511627776 + c.line) as told
  from charge_month c
  group by c.item_key, c.account_key, c.currency, c.month_from
),
began as (
  select b.item_key, b.account_key, b.currency, min(b.month_from) as first_from
  from booked b
  group by b.item_key, b.account_key, b.currency
),
monthly as (
  select
    g.item_key, g.account_key, g.currency, m.month_from, m.month_to, k.known_to,
    greatest(coalesce(b.amount, 0), 0) as amount, coalesce(b.told, 0) as told
  from began g
  join calendar_month m on m.month_from >= g.first_from
  join charge_known k on m.month_to <= k.known_to
  left join booked b
    on b.item_key = g.item_key and b.account_key = g.account_key and b.currency = g.currency and b.month_from = m.month_from
),
valued as (
  select
    m.item_key, m.account_key, m.currency, m.month_from, m.month_to, m.known_to,
    case when y.usage <> 'trailing_3_months' then m.amount
      else (2 * cast(sum(m.amount) over w as bigint) + count(*) over w) // (2 * count(*) over w) end as mrr,
    case when m.told > 0 then m.told else max(m.told) over n end as told
  from monthly m
  cross join policy y
  window
    w as (partition by m.item_key, m.account_key, m.currency order by m.month_from rows between 2 preceding and current row),
    n as (partition by m.item_key, m.account_key, m.currency order by m.month_from rows between unbounded preceding and current row)
),
carried as (
  select
    v.account_key, v.item_key, i.product_key, i.plan_key, v.currency, cast(v.month_from as timestamp) as from_at, v.mrr, v.told,
    case when v.month_to = v.known_to then greatest(i.ends_at, cast(v.month_to as timestamp)) else cast(v.month_to as timestamp) end as to_at
  from valued v
  join charge_item i on i.item_key = v.item_key
  where v.mrr > 0
)
select
  coalesce(o.owner_key, c.account_key) as account_key, c.item_key, c.product_key, c.plan_key, c.currency,
  greatest(c.from_at, coalesce(o.from_at, c.from_at)) as from_at, least(c.to_at, coalesce(o.to_at, c.to_at)) as to_at,
  c.mrr, -- minor units
  c.told // 1099511627776 as source_id, c.told % 1099511627776 as line
from carried c
left join owner_span o on o.account_key = c.account_key and o.from_at < c.to_at and o.to_at > c.from_at
