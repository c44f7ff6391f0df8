-- ledger_ties: the ledger's rows of an account's netting window sum to what its items' MRR changed by then.
-- reads: mrr_change, account_day, account
with booked as (
  select c.account_key, c.currency, c.window_at, cast(sum(c.delta) as bigint) as delta
  from mrr_change c
  group by c.account_key, c.currency, c.window_at
)
select a.account_id, d.currency, d.on_date, d.amount as expected, coalesce(b.delta, 0) as found
from account_day d
join account a on a.account_key = d.account_key
left join booked b on b.account_key = d.account_key and b.currency = d.currency and b.window_at = d.window_at
where d.amount <> coalesce(b.delta, 0)
