-- item_driver_day: driver_day by segment where a dimension of items is asked.
-- grain: on_date, currency, movement, segment, several
-- reads: segment_account_day, item_split_day, item_change_value, item_driver
-- ties: segments_tie
-- decisions: 0011
with booked as (
  select
    s.on_date, s.currency, s.movement, s.segment, s.several, s.amount,
    c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other
  from segment_account_day s
  join item_split_day i
    on i.account_key = s.account_key and i.currency = s.currency and i.window_at = s.window_at and i.value = s.value and i.against = 0
  join item_change_value c
    on c.account_key = s.account_key and c.currency = s.currency and c.window_at = s.window_at and c.value = s.value
  where s.part = 'class'
  union all
  select
    s.on_date, s.currency, s.movement, s.segment, s.several, case when s.part = 'class' then r.moved else r.crossed end as amount,
    case when r.driver = 1 then case when s.part = 'class' then r.moved else r.crossed end else 0 end as by_plan,
    case when r.driver = 2 then case when s.part = 'class' then r.moved else r.crossed end else 0 end as by_product,
    case when r.driver = 3 then case when s.part = 'class' then r.moved else r.crossed end else 0 end as by_add_on,
    case when r.driver = 4 then case when s.part = 'class' then r.moved else r.crossed end else 0 end as by_seats,
    case when r.driver = 5 then case when s.part = 'class' then r.moved else r.crossed end else 0 end as by_usage,
    case when r.driver = 6 then case when s.part = 'class' then r.moved else r.crossed end else 0 end as by_price,
    case when r.driver = 7 then case when s.part = 'class' then r.moved else r.crossed end else 0 end as by_discount,
    case when r.driver = 8 then case when s.part = 'class' then r.moved else r.crossed end else 0 end as by_other
  from segment_account_day s
  join item_driver r
    on r.account_key = s.account_key and r.currency = s.currency and r.window_at = s.window_at and r.value = s.value
  where s.part in ('class', 'split')
  union all
  select
    s.on_date, s.currency, s.movement, s.segment, s.several, s.amount,
    0 as by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage, 0 as by_price, 0 as by_discount, s.amount as by_other
  from segment_account_day s
  where s.part = 'crossing'
)
select
  b.on_date, b.currency, b.movement, b.segment, cast(b.several as bigint) as several,
  cast(sum(b.amount) as bigint) as amount, -- minor units
  cast(sum(b.by_plan) as bigint) as by_plan, cast(sum(b.by_product) as bigint) as by_product,
  cast(sum(b.by_add_on) as bigint) as by_add_on, cast(sum(b.by_seats) as bigint) as by_seats,
  cast(sum(b.by_usage) as bigint) as by_usage, cast(sum(b.by_price) as bigint) as by_price,
  cast(sum(b.by_discount) as bigint) as by_discount, cast(sum(b.by_other) as bigint) as by_other
from booked b
group by b.on_date, b.currency, b.movement, b.segment, b.several
