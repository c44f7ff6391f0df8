-- gap_start: items that go on inside a gap of their source's coverage: when they do.
-- grain: item_key, valid_to
-- reads: believed, coverage_gap
-- ties: -
-- decisions: 0005
select
  b.item_key,
  b.valid_to, -- the end that lies in the gap
  min(n.valid_from) as next_start -- the next stretch of the item in the same gap
from coverage_gap g
join believed b on b.source_kind = g.source_kind and b.valid_to >= g.gap_from and b.valid_to < g.gap_to
join believed n on n.item_key = b.item_key and n.valid_from >= b.valid_to and n.valid_from < g.next_from
group by b.item_key, b.valid_to
