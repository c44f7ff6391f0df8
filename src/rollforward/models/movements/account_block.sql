-- account_block: accounts dealt into at most 4,096 blocks by a hash of their id, for intervals (decision 0008).
-- grain: account_key
-- reads: account
-- ties: -
-- decisions: 0008
select
  a.account_key,
  (row_number() over (order by md5(a.account_id), a.account_id) - 1) % 4096 as block -- 0 … 4095; alone in it up to 4,096 accounts
from account a
