-- item_change_value: the drivers of each window by value of items: an item that changes its value leaves the one and enters the other.
-- grain: account_key, currency, value, window_at
-- reads: valued_change
-- ties: segments_tie
-- decisions: 0004, 0011
select
  t.account_key, t.currency, t.window_at, t.value,
  cast(sum(t.by_plan) as bigint) as by_plan, cast(sum(t.by_product) as bigint) as by_product,
  cast(sum(t.by_add_on) as bigint) as by_add_on, cast(sum(t.by_seats) as bigint) as by_seats,
  cast(sum(t.by_usage) as bigint) as by_usage, cast(sum(t.by_price) as bigint) as by_price,
  cast(sum(t.by_discount) as bigint) as by_discount, cast(sum(t.by_other) as bigint) as by_other
from valued_change t
group by t.account_key, t.currency, t.window_at, t.value
