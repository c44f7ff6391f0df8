-- attribute_now: the value of each attribute of an account as it is now: the latest recorded of those that hold.
-- grain: account_key, dimension
-- reads: account_attribute, owner_span, lookback
-- ties: -
-- decisions: 0011, 0013
-- An account that others are the same as has their values where it has none of its own.
with mine as (
  select
    coalesce(o.owner_key, a.account_key) as account_key, case when coalesce(o.owner_key, a.account_key) = a.account_key then 1 else 0 end as own,
    a.dimension, a.value, a.valid_from, a.rank, a.recorded_at, a.commit_id, a.source_id, a.line
  from account_attribute a
  cross join lookback k
  left join owner_span o on o.account_key = a.account_key and o.from_at = timestamp '0001-01-01'
  where a.valid_from < cast(k.known_to as timestamp)
),
ranked as (
  select
    m.account_key, m.dimension, m.value,
    row_number() over (
      partition by m.account_key, m.dimension
      order by m.own desc, m.rank desc, m.recorded_at desc, m.commit_id desc, m.source_id desc, m.line desc, m.valid_from desc) as nth
  from mine m
)
select r.account_key, r.dimension, r.value
from ranked r
where r.nth = 1 and r.value <> ''
