-- usage_plain: use by account, metric and month as it stands in the files, and whether rows of one day are in it.
-- grain: account_key, metric, month
-- reads: usage_told
-- ties: -
-- Where each row has a day of its own none replaces another and none belongs with another: most use never needs a sort.
select
  t.account_key, t.metric, t.month,
  cast(sum(t.quantity) as double) as total, -- of all rows
  cast(max(t.quantity) as double) as highest, -- the highest row
  max(cast(t.at as date)) as last_on, -- day of the last row
  case when cast(sum(cast(1 as bigint) << (cast(extract(day from t.at) as integer) - 1)) as bigint)
      = bit_or(cast(1 as bigint) << (cast(extract(day from t.at) as integer) - 1)) then 0 else 1 end as is_crowded -- 1: a day has several rows
from usage_told t
group by t.account_key, t.metric, t.month
