-- bridge: what the difference of NDR between two windows is made of, by segment: rate and mix (definitions.md section 5).
-- grain: currency, segment
-- reads: retention_total, bridge_window
-- ties: bridge_adds_up
-- decisions: 0011
-- A weight is the share of the opening; a segment that is in one window only has its one NDR in both.
with part as (
  select
    t.currency, t.segment,
    max(case when b.side = 1 then cast(t.opening as double) else 0 end) as opening_before,
    max(case when b.side = 2 then cast(t.opening as double) else 0 end) as opening_after,
    max(case when b.side = 1 then t.ndr end) as ndr_before, max(case when b.side = 2 then t.ndr end) as ndr_after,
    max(case when b.side = 1 then t.accounts_opening else 0 end) as accounts_before,
    max(case when b.side = 2 then t.accounts_opening else 0 end) as accounts_after
  from retention_total t
  join bridge_window b on b.window_end = t.window_end
  group by t.currency, t.segment
),
whole as (
  select
    p.currency, cast(sum(p.opening_before) as double) as opening_before, cast(sum(p.opening_after) as double) as opening_after,
    cast(sum(p.opening_before * coalesce(p.ndr_before, 0)) as double) / nullif(cast(sum(p.opening_before) as double), 0) as ndr_before,
    cast(sum(p.opening_after * coalesce(p.ndr_after, 0)) as double) / nullif(cast(sum(p.opening_after) as double), 0) as ndr_after
  from part p
  group by p.currency
),
weighed as (
  select
    p.currency, p.segment, p.accounts_before, p.accounts_after, w.ndr_before as whole_before, w.ndr_after as whole_after,
    cast(p.opening_before as double) / nullif(w.opening_before, 0) as weight_before, cast(p.opening_after as double) / nullif(w.opening_after, 0) as weight_after,
    coalesce(p.ndr_before, p.ndr_after) as ndr_before, coalesce(p.ndr_after, p.ndr_before) as ndr_after
  from part p
  join whole w on w.currency = p.currency
  where p.accounts_before + p.accounts_after > 0
)
select
  d.currency, d.segment,
  d.weight_before, -- share of the opening in the first window
  d.weight_after, -- share of the opening in the second window
  d.ndr_before, -- NDR in the first window
  d.ndr_after, -- NDR in the second window
  (d.weight_before + d.weight_after) * 0.5 * (d.ndr_after - d.ndr_before) as rate, -- from the change of the segment's own NDR
  (d.weight_after - d.weight_before) * ((d.ndr_before + d.ndr_after) * 0.5 - (d.whole_before + d.whole_after) * 0.5) as mix, -- from the change of weights
  (d.weight_before + d.weight_after) * 0.5 * (d.ndr_after - d.ndr_before)
    + (d.weight_after - d.weight_before) * ((d.ndr_before + d.ndr_after) * 0.5 - (d.whole_before + d.whole_after) * 0.5) as contribution, -- rate + mix
  d.whole_before, -- NDR of all segments in the first window
  d.whole_after, -- NDR of all segments in the second window
  d.accounts_before, -- accounts at the opening of the first window
  d.accounts_after -- accounts at the opening of the second window
from weighed d
