-- contested: items of which something was said at more than one moment; only they need the replacement rule.
-- grain: item_key
-- reads: item_state
-- ties: -
-- decisions: 0002
select s.item_key
from item_state s
group by s.item_key
having min(s.commit_id) <> max(s.commit_id) or min(s.recorded_at) <> max(s.recorded_at) or min(s.rank) <> max(s.rank)
