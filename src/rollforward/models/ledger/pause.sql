-- pause: stretches in which an item is held but does not count: paused, unpaid, past due (too long), metered.
-- grain: item_key, from_at, source_id, line
-- reads: stretch, past_due_end
-- ties: -
-- decisions: 0004, 0009
select s.item_key, s.account_key, s.from_at, s.to_at, s.source_id, s.line
from stretch s
where s.counted = 0 and s.held = 1
union all
select d.item_key, d.account_key, greatest(d.counts_to, d.valid_from) as from_at, d.valid_to as to_at, d.source_id, d.line
from past_due_end d
