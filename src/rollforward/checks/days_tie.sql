-- days_tie: each day's ledger, by class of movement, sums to the movements of that day, and its drivers to it.
-- reads: driver_day, movement_day
select
  '' as account_id, m.currency, m.on_date, m.amount as expected,
  case when coalesce(d.amount, 0) <> m.amount then coalesce(d.amount, 0)
    else coalesce(d.by_plan + d.by_product + d.by_add_on + d.by_seats + d.by_usage + d.by_price + d.by_discount + d.by_other, 0)
  end as found
from movement_day m
left join driver_day d
  on d.on_date = m.on_date and d.currency = m.currency and d.movement = m.movement and d.segment = m.segment and d.several = m.several
where coalesce(d.amount, 0) <> m.amount
  or coalesce(d.by_plan + d.by_product + d.by_add_on + d.by_seats + d.by_usage + d.by_price + d.by_discount + d.by_other, 0) <> m.amount
