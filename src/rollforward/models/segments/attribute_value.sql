-- attribute_value: the values of asked attributes and the moments from which they hold: the latest recorded of those that hold.
-- grain: account_key, dimension, from_at
-- reads: account_attribute, asked_dimension
-- ties: segments_tie
-- decisions: 0011
-- A value holds until a later recorded one does.
with told as (
  select
    t.account_key, t.dimension, t.value, t.valid_from as from_at,
    coalesce(
      min(t.valid_from) over (
        partition by t.account_key, t.dimension order by t.rank, t.recorded_at, t.commit_id, t.source_id, t.line, t.valid_from
        rows between 1 following and unbounded following),
      timestamp '9999-12-31') as to_at
  from account_attribute t
  where t.dimension in (select a.dimension from asked_dimension a)
)
select d.account_key, d.dimension, case when d.value = '' then 'unknown' else d.value end as value, d.from_at
from told d
where d.from_at < d.to_at
