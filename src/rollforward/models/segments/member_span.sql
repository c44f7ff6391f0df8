-- member_span: which value of each asked dimension an account has from when to when; without gaps.
-- grain: account_key, nth, from_at
-- reads: dimension_value, asked_dimension, account
-- ties: segments_tie
-- decisions: 0011
-- Before the first value stands 'unknown'; nth 0 without a dimension is '' throughout.
with told as (
  select v.account_key, a.nth, a.wanted, v.value, v.from_at, 1 as given
  from dimension_value v
  join asked_dimension a on a.dimension = v.dimension
  union all
  select c.account_key, a.nth, a.wanted, case when a.dimension = '' then '' else 'unknown' end as value,
    timestamp '0001-01-01' as from_at, 0 as given
  from account c
  cross join asked_dimension a
  where a.of_items <> 1
),
turned as (
  select
    t.account_key, t.nth, t.wanted, t.value, t.from_at, t.given,
    lag(t.value, 1, '') over (partition by t.account_key, t.nth order by t.from_at, t.given) as last_value
  from told t
),
bounded as (
  select
    u.account_key, u.nth, u.wanted, u.value, u.from_at,
    lead(u.from_at, 1, timestamp '9999-12-31') over (partition by u.account_key, u.nth order by u.from_at, u.given) as to_at
  from turned u
  where u.value <> u.last_value or (u.value = '' and u.given = 0)
)
select
  b.account_key, b.nth, -- 0: the split; then each `where`
  b.wanted, b.value, b.from_at, b.to_at
from bounded b
where b.from_at < b.to_at
