-- retention_pair: MRR at the start and at the end of a window, for the run of windows over which neither changes.
-- grain: months, account_key, currency, seq
-- reads: retention_told, several_currencies, retention_back, retention_merged
-- ties: retention_ties
-- sorted: next_seq desc
-- decisions: 0007, 0009, 0013
-- The accounts of retention_back open with 0.
with told as (
  select t.months, t.account_key, t.currency, t.seq, t.kind, t.window_at, t.told_in, t.c, t.o, t.x from retention_told t
  union all
  select g.months, g.account_key, g.currency, g.seq, g.kind, g.window_at, g.told_in, g.c, g.o, g.x from retention_merged g
),
-- The last of an account's rows of one window holds what all of them come to.
running as (
  select
    t.months, t.account_key, t.currency, t.seq,
    cast(sum(t.c) over w as bigint) as c, cast(sum(t.o) over w as bigint) as o, cast(sum(t.x) over w as bigint) as x,
    lead(t.seq, 1, 1000000) over n as next_seq
  from told t
  where t.seq < 1000000
  window
    w as (partition by t.account_key, t.currency order by t.seq, t.kind, t.window_at, t.told_in rows between unbounded preceding and current row),
    n as (partition by t.account_key, t.currency order by t.seq, t.kind, t.window_at, t.told_in)
)
select
  r.months, r.account_key, r.currency,
  '' as segment, -- '': all accounts
  case when coalesce(m.account_key, 0) = 0 then 0 else 1 end as several, -- 1: accounts with several currencies
  r.seq, r.next_seq, -- the windows seq … next_seq - 1; 1000000: to the last
  r.o, r.c, -- minor units in this currency
  r.x -- 1: it is active at the end, in whatever currency or by an item at 0
from running r
left join several_currencies m on m.account_key = r.account_key
where r.o > 0 and r.next_seq > r.seq
union all
select
  b.months, b.account_key, b.currency, '' as segment, case when coalesce(m.account_key, 0) = 0 then 0 else 1 end as several,
  b.seq, b.next_seq, cast(0 as bigint) as o, b.c, cast(0 as bigint) as x
from retention_back b
left join several_currencies m on m.account_key = b.account_key
