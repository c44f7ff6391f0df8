-- signal_owner_missing: a large account without an owner, where other accounts have one.
-- grain: account_key, subject
-- reads: signal_account, currency_unit, signal_rule
-- ties: -
-- decisions: 0016
select
  a.account_key, 'owner_missing' as signal, '' as subject, a.first_on as since, date '9999-12-31' as due_on,
  cast(a.mrr as double) as value, cast(cast(r.owner_mrr * 10000 as double) / nullif(u.ten_thousandths, 0) as double) as reference,
  cast(0 as double) as share, cast(0 as double) as low, cast(0 as double) as high, cast(0 as bigint) as times, cast(0 as bigint) as out_of
from signal_account a
join currency_unit u on u.currency = a.currency
cross join signal_rule r
where a.owner = '' and a.mrr * u.ten_thousandths >= r.owner_mrr * 10000
  and (select count(*) from signal_account b where b.owner <> '') > 0
