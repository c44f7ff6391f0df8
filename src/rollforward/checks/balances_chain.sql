-- balances_chain: an account's balance after its last change is the MRR of its items' open stretches.
-- reads: account_day, item_mrr, account
with last_day as (
  select
    d.account_key, d.currency, d.on_date, d.after_minor,
    row_number() over (partition by d.account_key, d.currency order by d.window_at desc) as nth
  from account_day d
),
live as (
  select m.account_key, m.currency, cast(sum(m.mrr) as bigint) as mrr
  from item_mrr m
  where m.to_at = timestamp '9999-12-31'
  group by m.account_key, m.currency
)
select a.account_id, d.currency, d.on_date, coalesce(v.mrr, 0) as expected, d.after_minor as found
from last_day d
join account a on a.account_key = d.account_key
left join live v on v.account_key = d.account_key and v.currency = d.currency
where d.nth = 1 and d.after_minor <> coalesce(v.mrr, 0)
