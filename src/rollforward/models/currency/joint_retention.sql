-- joint_retention: accounts with several currencies: all of it at the start and the end of each window, converted.
-- grain: months, seq, account_key, segment
-- reads: joint_part, retention_window, rate_day, retention_back
-- ties: fx_ties
-- decisions: 0010
-- Empty in native answers. Both at the rates of the day before the window.
with converted as (
  select
    w.months, w.seq, p.account_key, p.segment, cast(sum(p.o) as bigint) as o, cast(sum(p.c) as bigint) as c, max(coalesce(k.account_key, 0)) as back,
    cast(sum(cast(p.o as decimal(38,0)) * coalesce(b.rate, 0)) as decimal(38,0)) as opening,
    cast(sum(cast(p.c as decimal(38,0)) * coalesce(b.rate, 0)) as decimal(38,0)) as closing,
    cast(sum(cast(p.c as decimal(38,0)) * (coalesce(e.rate, 0) - coalesce(b.rate, 0))) as decimal(38,0)) as fx,
    cast(sum(cast(p.o + p.c as decimal(38,0)) * (1 - coalesce(b.known, 0))) as decimal(38,0)) as missing,
    cast(sum(cast(p.c as decimal(38,0)) * (1 - coalesce(e.known, 0))) as decimal(38,0)) as missing_close
  from joint_part p
  join retention_window w on w.months = p.months and w.seq >= p.seq and w.seq < p.next_seq
  left join retention_back k
    on k.months = p.months and k.account_key = p.account_key and k.currency = p.currency and w.seq >= k.seq and w.seq < k.next_seq
    and p.segment = ''
  left join rate_day b on b.currency = p.currency and b.on_date = w.opening_day
  left join rate_day e on e.currency = p.currency and e.on_date = w.closing_day
  group by w.months, w.seq, p.account_key, p.segment
),
beside as (
  select
    c.months, c.seq, c.account_key, c.segment, c.o, c.back, c.opening, c.closing, c.fx, c.missing, c.missing_close,
    cast(sum(c.c) over (partition by c.months, c.seq, c.account_key) as bigint) as stays
  from converted c
)
select
  d.months, d.seq, d.account_key, d.segment,
  d.opening, d.closing, d.fx, -- 10^-10 minor units
  case when d.o > 0 then 1 else 0 end as opens, -- 1: MRR at the start; 0: it came back
  case when d.stays = 0 then 1 else 0 end as lost, -- 1: nothing of the account is left
  d.missing, d.missing_close -- native minor units without a rate
from beside d
where d.o > 0 or d.back > 0
