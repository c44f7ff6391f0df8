-- retention_step: by how much each block's sums change from one window to the next.
-- grain: months, currency, segment, several, seq, block
-- reads: paired, account_block, side
-- ties: retention_ties
-- decisions: 0008
select
  p.months, p.currency, p.segment, p.several, b.block,
  case when d.side = 1 then p.seq else p.next_seq end as seq,
  cast(sum(d.side * p.o) as bigint) as opening,
  cast(sum(d.side * p.c) as bigint) as closing,
  cast(sum(d.side * least(p.o, p.c)) as bigint) as kept,
  cast(sum(d.side * greatest(p.c - p.o, 0)) as bigint) as expansion,
  cast(sum(case when p.c < p.o and (p.c > 0 or p.x > 0) then d.side * (p.c - p.o) else 0 end) as bigint) as contraction,
  cast(sum(case when p.c = 0 and p.x = 0 then -d.side * p.o else 0 end) as bigint) as churn,
  cast(sum(case when p.o > 0 then d.side else 0 end) as bigint) as accounts_opening,
  cast(sum(case when p.c = 0 and p.x = 0 then d.side else 0 end) as bigint) as accounts_lost
from paired p
join account_block b on b.account_key = p.account_key
cross join side d
where d.side = 1 or p.next_seq < 1000000
group by p.months, p.currency, p.segment, p.several, b.block, case when d.side = 1 then p.seq else p.next_seq end
