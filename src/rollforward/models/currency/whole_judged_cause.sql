-- whole_judged_cause: the rows of judged_line, each with its drivers, in the currency of the answer.
-- grain: account_key, window_at, segment, movement
-- reads: judged_line, judged_driver_window
-- ties: drivers_sum
-- decisions: 0010, 0011
-- Empty in native answers. A transfer between segments is `other`.
select
  l.on_date, l.account_key, l.window_at, l.segment, l.movement, l.amount, l.missing,
  s.by_plan, s.by_product, s.by_add_on, s.by_seats, s.by_usage, s.by_price, s.by_discount, s.by_other
from judged_line l
join judged_driver_window s on s.account_key = l.account_key and s.window_at = l.window_at
where l.part = 'class'
union all
select
  l.on_date, l.account_key, l.window_at, l.segment, l.movement, l.amount, l.missing,
  0 as by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage, 0 as by_price, 0 as by_discount, l.amount as by_other
from judged_line l
where l.part = 'crossing'
