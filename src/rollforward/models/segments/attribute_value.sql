-- attribute_value: the values of asked attributes and the moments from which they hold: the latest recorded of those that hold.
-- grain: account_key, dimension, from_at
-- reads: account_attribute, asked_dimension, owner_span
-- ties: segments_tie
-- decisions: 0011, 0013
-- An account that others are the same as has their values where it has none of its own.
-- A value holds until a later recorded one does.
with mine as (
  select
    coalesce(o.owner_key, a.account_key) as account_key, case when coalesce(o.owner_key, a.account_key) = a.account_key then 1 else 0 end as own,
    a.dimension, a.value, a.valid_from, a.rank, a.recorded_at, a.commit_id, a.source_id, a.line
  from account_attribute a
  left join owner_span o on o.account_key = a.account_key and o.from_at = timestamp '0001-01-01'
  where a.dimension in (select q.dimension from asked_dimension q)
),
best as (
  select m.account_key, m.dimension, max(m.own) as own from mine m group by m.account_key, m.dimension
),
told as (
  select
    t.account_key, t.dimension, t.value, t.valid_from as from_at,
    coalesce(
      min(t.valid_from) over (
        partition by t.account_key, t.dimension order by t.rank, t.recorded_at, t.commit_id, t.source_id, t.line, t.valid_from
        rows between 1 following and unbounded following),
      timestamp '9999-12-31') as to_at
  from mine t
  join best b on b.account_key = t.account_key and b.dimension = t.dimension and b.own = t.own
)
select d.account_key, d.dimension, case when d.value = '' then 'unknown' else d.value end as value, d.from_at
from told d
where d.from_at < d.to_at
