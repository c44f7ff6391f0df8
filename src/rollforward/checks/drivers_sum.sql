-- drivers_sum: the eight drivers of every ledger row sum to its delta.
-- reads: mrr_change, account
select
  a.account_id, c.currency, c.on_date, c.delta as expected,
  c.by_plan + c.by_product + c.by_add_on + c.by_seats + c.by_usage + c.by_price + c.by_discount + c.by_other as found
from mrr_change c
join account a on a.account_key = c.account_key
where c.delta <> c.by_plan + c.by_product + c.by_add_on + c.by_seats + c.by_usage + c.by_price + c.by_discount + c.by_other
