-- item_judged_cause: judged_cause by value of items.
-- grain: account_key, window_at, value, segment, movement
-- reads: item_judged, item_judged_driver, judged_driver_window, reporting
-- ties: drivers_sum
-- decisions: 0010, 0011
-- Empty in native answers.
select
  i.on_date, i.account_key, i.window_at, i.value, i.segment, i.movement, i.amount, i.missing,
  cast(sum(case when r.driver = 1 then case when i.part = 'class' then r.moved else r.crossed end else 0 end) as decimal(38,0)) as by_plan,
  cast(sum(case when r.driver = 2 then case when i.part = 'class' then r.moved else r.crossed end else 0 end) as decimal(38,0)) as by_product,
  cast(sum(case when r.driver = 3 then case when i.part = 'class' then r.moved else r.crossed end else 0 end) as decimal(38,0)) as by_add_on,
  cast(sum(case when r.driver = 4 then case when i.part = 'class' then r.moved else r.crossed end else 0 end) as decimal(38,0)) as by_seats,
  cast(sum(case when r.driver = 5 then case when i.part = 'class' then r.moved else r.crossed end else 0 end) as decimal(38,0)) as by_usage,
  cast(sum(case when r.driver = 6 then case when i.part = 'class' then r.moved else r.crossed end else 0 end) as decimal(38,0)) as by_price,
  cast(sum(case when r.driver = 7 then case when i.part = 'class' then r.moved else r.crossed end else 0 end) as decimal(38,0)) as by_discount,
  cast(sum(case when r.driver = 8 then case when i.part = 'class' then r.moved else r.crossed end else 0 end) as decimal(38,0)) as by_other
from item_judged i
join item_judged_driver r on r.account_key = i.account_key and r.window_at = i.window_at and r.value = i.value
where i.part in ('class', 'split')
group by i.on_date, i.account_key, i.window_at, i.value, i.segment, i.movement, i.amount, i.missing
union all
select
  i.on_date, i.account_key, i.window_at, i.value, i.segment, i.movement, i.amount, i.missing,
  s.by_plan, s.by_product, s.by_add_on, s.by_seats, s.by_usage, s.by_price, s.by_discount, s.by_other
from item_judged i
cross join reporting g
join judged_driver_window s on s.account_key = i.account_key and s.window_at = i.window_at
where g.carried = 1
union all
select
  i.on_date, i.account_key, i.window_at, i.value, i.segment, i.movement, i.amount, i.missing,
  0 as by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage, 0 as by_price, 0 as by_discount, i.amount as by_other
from item_judged i
where i.part = 'crossing'
