-- item_cause: the drivers of each part of an account's window where a dimension of items is asked.
-- grain: account_key, currency, window_at, value, segment, part
-- reads: segment_account_day, item_split_day, item_change_value, item_driver
-- ties: segments_tie
-- decisions: 0011
select
  s.account_key, s.window_at, s.on_date, s.currency, s.value, s.segment, s.part, s.movement, s.several, s.amount,
  c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other
from segment_account_day s
join item_split_day i
  on i.account_key = s.account_key and i.currency = s.currency and i.window_at = s.window_at and i.value = s.value and i.against = 0
join item_change_value c
  on c.account_key = s.account_key and c.currency = s.currency and c.window_at = s.window_at and c.value = s.value
where s.part = 'class'
union all
select
  s.account_key, s.window_at, s.on_date, s.currency, s.value, s.segment, s.part, s.movement, s.several, case when s.part = 'class' then r.moved else r.crossed end as amount,
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
  s.account_key, s.window_at, s.on_date, s.currency, s.value, s.segment, s.part, s.movement, s.several, s.amount,
  0 as by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage, 0 as by_price, 0 as by_discount, s.amount as by_other
from segment_account_day s
where s.part = 'crossing'
