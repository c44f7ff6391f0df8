-- stage_value: the lifecycle stage of each account: bands of days since its first MRR.
-- grain: account_key, from_at
-- reads: first_mrr, band
-- ties: segments_tie
-- decisions: 0011
select
  f.account_key, b.dimension, b.name as value,
  case when b.from_value = 0 then timestamp '0001-01-01'
    else cast(f.first_on as timestamp) + b.from_value * interval '1 day' end as from_at
from first_mrr f
cross join band b
where b.dimension = 'lifecycle_stage'
