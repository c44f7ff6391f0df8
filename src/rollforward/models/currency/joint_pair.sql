-- joint_pair: accounts with several currencies: MRR in each at the start and the end of a run of windows.
-- grain: months, account_key, currency, segment, seq
-- reads: account_day, joint_account, window_day
-- ties: fx_ties
-- decisions: 0010
-- Empty in native answers.
with told as (
  select d.account_key, d.currency, w.months, w.seq_close as seq, 1 as kind, d.window_at, d.amount as c, cast(0 as bigint) as o
  from account_day d
  join joint_account j on j.account_key = d.account_key
  join window_day w on w.on_date = d.on_date
  union all
  select d.account_key, d.currency, w.months, w.seq_open as seq, 2 as kind, d.window_at, cast(0 as bigint) as c, d.amount as o
  from account_day d
  join joint_account j on j.account_key = d.account_key
  join window_day w on w.on_date = d.on_date
),
running as (
  select
    t.months, t.account_key, t.currency, t.seq,
    cast(sum(t.c) over w as bigint) as c, cast(sum(t.o) over w as bigint) as o,
    lead(t.seq, 1, 1000000) over n as next_seq
  from told t
  where t.seq < 1000000
  window
    w as (partition by t.account_key, t.currency order by t.seq, t.kind, t.window_at rows between unbounded preceding and current row),
    n as (partition by t.account_key, t.currency order by t.seq, t.kind, t.window_at)
)
select r.months, r.account_key, r.currency,
  '' as segment, -- '': all of the account
  r.seq, r.next_seq, -- windows seq … next_seq - 1
  r.o, r.c -- minor units
from running r
where r.next_seq > r.seq and (r.o <> 0 or r.c <> 0)
