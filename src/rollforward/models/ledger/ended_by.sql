-- ended_by: which row says that a stretch ended, where that is not the stretch's own row.
-- grain: item_key, to_at
-- reads: believed, event_local
-- ties: -
select b.item_key, b.valid_to as to_at, max(b.cut_source_id) as source_id, max(b.cut_line) as line, '' as driver
from believed b
where b.cut_source_id <> 0
group by b.item_key, b.valid_to
union all
select e.item_key, e.occurred_at as to_at, max(e.source_id) as source_id, max(e.line) as line, max(e.driver) as driver
from event_local e
group by e.item_key, e.occurred_at
