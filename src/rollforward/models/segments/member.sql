-- member: the segment of each account from when to when; what is not inside every `where` is missing.
-- grain: account_key, from_at
-- reads: member_span, asked_dimension
-- ties: segments_tie
-- decisions: 0011
with cell as (
  select distinct s.account_key, s.from_at from member_span s
),
met as (
  select
    c.account_key, c.from_at, max(case when s.nth = 0 then s.value else '' end) as value,
    cast(sum(case when s.nth > 0 and s.value = s.wanted then 1 else 0 end) as bigint) as wheres
  from cell c
  join member_span s on s.account_key = c.account_key and s.from_at <= c.from_at and s.to_at > c.from_at
  group by c.account_key, c.from_at
),
bounded as (
  select
    m.account_key, m.value, m.wheres, m.from_at,
    lead(m.from_at, 1, timestamp '9999-12-31') over (partition by m.account_key order by m.from_at) as to_at
  from met m
)
select
  b.account_key, b.value, -- the segment; '' without --segment
  b.from_at, b.to_at
from bounded b
where b.wheres = (select count(*) from asked_dimension a where a.nth > 0 and a.of_items <> 1)
