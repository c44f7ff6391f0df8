-- pause: stretches in which an item is held but does not count: paused, unpaid, past due, metered.
-- grain: item_key, from_at, source_id, line
-- reads: stretch
-- ties: -
-- decisions: 0004
select s.item_key, s.account_key, s.from_at, s.to_at, s.source_id, s.line
from stretch s
where s.counted = 0 and s.held = 1
