-- joint_retention: accounts with several currencies: all of it at the start and the end of each window, converted.
-- grain: months, seq, account_key
-- reads: joint_pair, retention_window, rate_day, retention_back
-- ties: fx_ties
-- decisions: 0010
-- Empty in native answers. Both at the rates of the day before the window.
select
  w.months, w.seq, p.account_key,
  cast(sum(cast(p.o as decimal(38,0)) * coalesce(b.rate, 0)) as decimal(38,0)) as opening, -- 10^-10 minor units
  cast(sum(cast(p.c as decimal(38,0)) * coalesce(b.rate, 0)) as decimal(38,0)) as closing,
  cast(sum(cast(p.c as decimal(38,0)) * (coalesce(e.rate, 0) - coalesce(b.rate, 0))) as decimal(38,0)) as fx,
  case when cast(sum(p.c) as bigint) = 0 then 1 else 0 end as lost, -- 1: nothing is left
  cast(sum(cast(p.o + p.c as decimal(38,0)) * (1 - coalesce(b.known, 0))) as decimal(38,0)) as missing, -- native minor units without a rate
  cast(sum(cast(p.c as decimal(38,0)) * (1 - coalesce(e.known, 0))) as decimal(38,0)) as missing_close
from joint_pair p
join retention_window w on w.months = p.months and w.seq >= p.seq and w.seq < p.next_seq
left join retention_back k
  on k.months = p.months and k.account_key = p.account_key and k.currency = p.currency and w.seq >= k.seq and w.seq < k.next_seq
left join rate_day b on b.currency = p.currency and b.on_date = w.opening_day
left join rate_day e on e.currency = p.currency and e.on_date = w.closing_day
group by w.months, w.seq, p.account_key
having cast(sum(p.o) as bigint) > 0 or max(coalesce(k.account_key, 0)) > 0
