-- segment_day: movement_day by segment.
-- grain: on_date, currency, movement, segment, several
-- reads: segment_account_day
-- ties: segments_tie
-- decisions: 0011
select
  d.on_date, d.currency, d.movement, d.segment, cast(d.several as bigint) as several,
  cast(sum(d.amount) as bigint) as amount, -- minor units, losses negative
  count(*) as movements, -- number of movements
  cast(sum(d.accounts_change) as bigint) as accounts_change -- accounts with MRR in the segment: after less before
from segment_account_day d
group by d.on_date, d.currency, d.movement, d.segment, d.several
