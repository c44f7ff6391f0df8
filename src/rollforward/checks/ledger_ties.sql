-- ledger_ties: the ledger's rows of an account's day sum to what its items' MRR changed by that day.
-- reads: mrr_change, account_day, account
with booked as (
  select c.account_key, c.currency, c.on_date, cast(sum(c.delta) as bigint) as delta
  from mrr_change c
  group by c.account_key, c.currency, c.on_date
)
select a.account_id, d.currency, d.on_date, d.amount as expected, coalesce(b.delta, 0) as found
from account_day d
join account a on a.account_key = d.account_key
left join booked b on b.account_key = d.account_key and b.currency = d.currency and b.on_date = d.on_date
where d.amount <> coalesce(b.delta, 0)
