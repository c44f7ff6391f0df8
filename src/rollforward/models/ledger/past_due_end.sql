-- past_due_end: past due stretches that go on after the days in which past due counts; empty unless a policy limits them.
-- grain: item_key, valid_from, source_id, line
-- reads: covered, policy
-- ties: -
-- only: past_due_days > 0
-- columns: item_key bigint, account_key bigint, valid_from timestamp, valid_to timestamp, source_id bigint, line bigint, counts_to timestamp
-- decisions: 0009
-- A spell is a run of touching stretches: a plan change inside it, or one from metered, does not begin it again.
with late as (
  select
    c.item_key, c.account_key, c.valid_from, c.valid_to, c.source_id, c.line, c.metered, y.past_due_days, y.as_of,
    lag(c.valid_to, 1, timestamp '0001-01-01') over (partition by c.item_key order by c.valid_from, c.source_id, c.line) as b_valid_to
  from covered c
  cross join policy y
  where y.past_due_days > 0 and c.status = 'past_due'
),
spell as (
  select
    l.item_key, l.account_key, l.valid_from, l.valid_to, l.source_id, l.line, l.metered, l.past_due_days, l.as_of,
    max(case when l.b_valid_to < l.valid_from then l.valid_from else timestamp '0001-01-01' end) over (
      partition by l.item_key order by l.valid_from, l.source_id, l.line rows between unbounded preceding and current row
    ) as since
  from late l
)
select
  s.item_key, s.account_key, s.valid_from, s.valid_to, s.source_id, s.line,
  s.since + s.past_due_days * interval '1' day as counts_to -- first moment of the spell that does not count
from spell s
where s.metered = false and s.since + s.past_due_days * interval '1' day < s.valid_to and s.since + s.past_due_days * interval '1' day <= s.as_of
