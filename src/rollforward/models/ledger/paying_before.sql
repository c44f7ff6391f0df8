-- paying_before: accounts that paid before a source's opening balance, by another source, and so are none of it.
-- grain: source_kind, account_key
-- reads: believed, coverage
-- ties: -
-- decisions: 0005
select distinct c.source_kind, b.account_key
from coverage c
join believed b
  on b.valid_from < c.opening_at and b.status in ('active', 'past_due') and b.metered = false and b.amount > 0
where c.opening_at > timestamp '0001-01-01'
