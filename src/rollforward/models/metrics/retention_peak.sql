-- retention_peak: the largest opening MRR of one account, over runs of windows cut to lengths of powers of two.
-- grain: months, currency, segment, several, seq, width
-- reads: paired, span, side
-- ties: -
-- Two overlapping runs of one power of two cover any run of windows, so that a few hundred rows hold every maximum.
-- Equal runs first become one: there are at most as many as pairs of windows, whatever the number of accounts.
with run as (
  select p.months, p.currency, p.segment, p.several, p.seq, p.next_seq, max(p.o) as largest
  from paired p
  group by p.months, p.currency, p.segment, p.several, p.seq, p.next_seq
)
select
  r.months, r.currency, r.segment, r.several, s.width,
  case when d.side = 1 then r.seq else least(r.next_seq, s.windows + 1) - s.width end as seq, -- first window of the run
  max(r.largest) as largest -- minor units
from run r
join span s on s.months = r.months and s.length = least(r.next_seq, s.windows + 1) - r.seq
cross join side d
group by r.months, r.currency, r.segment, r.several, s.width, case when d.side = 1 then r.seq else least(r.next_seq, s.windows + 1) - s.width end
