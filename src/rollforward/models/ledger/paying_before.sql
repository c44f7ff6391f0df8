-- paying_before: accounts that paid before a source's opening balance, by another source, and so are none of it.
-- grain: source_kind, account_key
-- reads: believed, coverage, owner_span
-- ties: -
-- decisions: 0005, 0013
select distinct c.source_kind, coalesce(o.owner_key, b.account_key) as account_key
from coverage c
join believed b
  on b.valid_from < c.opening_at and b.status in ('active', 'past_due') and b.metered = false and b.amount > 0
left join owner_span o on o.account_key = b.account_key and o.from_at <= b.valid_from and o.to_at > b.valid_from
where c.opening_at > timestamp '0001-01-01'
