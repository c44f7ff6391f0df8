-- placed_value: the values of asked dimensions of accounts: as closed, and from the first open day on as known now.
-- grain: account_key, dimension, from_at
-- reads: closed_value, closed_span, known_member, asked_dimension, open_from
-- ties: segments_tie
-- only: closed = 1
-- columns: account_key bigint, dimension varchar, value varchar, from_at timestamp
-- decisions: 0012
select v.account_key, v.dimension, v.value, v.from_at
from closed_value v
join closed_span s on s.commit_id = v.commit_id and v.from_at < cast(s.to_on as timestamp) - interval '3 microsecond'
where v.dimension in (select a.dimension from asked_dimension a where a.of_items = 0)
union
select k.account_key, a.dimension, k.value, greatest(k.from_at, o.restated_at) as from_at
from known_member k
join asked_dimension a on a.nth = k.nth and a.of_items = 0 and a.dimension <> ''
cross join open_from o
where k.to_at > o.restated_at
