-- cohort_value: the month of each account's first MRR as a value that never changes.
-- grain: account_key
-- reads: first_mrr
-- ties: segments_tie
-- decisions: 0011
select
  f.account_key, 'cohort' as dimension,
  case when f.stood = 1 then 'before ' || cast(f.first_on as varchar) else substr(cast(f.first_on as varchar), 1, 7) end as value,
  timestamp '0001-01-01' as from_at
from first_mrr f
