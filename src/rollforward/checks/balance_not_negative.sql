-- balance_not_negative: no account's MRR falls below zero; for change rows it means that an opening balance is missing.
-- reads: account_day, account
select a.account_id, d.currency, d.on_date, cast(0 as bigint) as expected, d.after_minor as found
from account_day d
join account a on a.account_key = d.account_key
where d.after_minor < 0 or d.before_minor < 0
