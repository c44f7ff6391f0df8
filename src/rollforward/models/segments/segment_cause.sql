-- segment_cause: the ledger by segment of accounts, and transfers between segments, which are `other`.
-- grain: account_key, currency, window_at, value, segment, part
-- reads: segment_account_day, mrr_change
-- ties: segments_tie
-- decisions: 0011
select
  s.account_key, s.window_at, s.on_date, c.currency, s.value, s.segment, s.part, c.movement, s.several, c.delta as amount,
  c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other
from mrr_change c
join segment_account_day s
  on s.account_key = c.account_key and s.currency = c.currency and s.window_at = c.window_at and s.part = 'class'
union all
select
  s.account_key, s.window_at, s.on_date, s.currency, s.value, s.segment, s.part, s.movement, s.several, s.amount,
  0 as by_plan, 0 as by_product, 0 as by_add_on, 0 as by_seats, 0 as by_usage, 0 as by_price, 0 as by_discount, s.amount as by_other
from segment_account_day s
where s.part = 'crossing'
