-- retention_peak: the largest opening MRR of one account, over runs of windows cut to lengths of powers of two.
-- grain: months, currency, seq, width
-- reads: retention_pair, span, side
-- ties: -
-- Two overlapping runs of one power of two cover any run of windows, so that a few hundred rows hold every maximum.
select
  p.months, p.currency, s.width,
  case when d.side = 1 then p.seq else least(p.next_seq, s.windows + 1) - s.width end as seq, -- first window of the run
  max(p.o) as largest -- minor units
from retention_pair p
join span s on s.months = p.months and s.length = least(p.next_seq, s.windows + 1) - p.seq
cross join side d
group by p.months, p.currency, s.width, case when d.side = 1 then p.seq else least(p.next_seq, s.windows + 1) - s.width end
