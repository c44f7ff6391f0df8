-- restated_item: accounts whose items were restated and whose balance was not: a window of nothing, which item_split_day splits.
-- grain: account_key, currency, window_at
-- reads: item_day, boundary, account_day, several_currencies
-- ties: segments_tie
-- only: closed = 1
-- columns: account_key bigint, currency varchar, window_at timestamp, on_date date, several integer
-- decisions: 0012
select distinct
  i.account_key, i.currency, i.window_at, b.on_date, case when coalesce(v.account_key, 0) <> 0 then 1 else 0 end as several
from item_day i
join boundary b on b.restated_at = i.window_at
left join account_day d on d.account_key = i.account_key and d.currency = i.currency and d.window_at = i.window_at
left join several_currencies v on v.account_key = i.account_key
where coalesce(d.account_key, 0) = 0
