-- retention_pair: MRR at the start and at the end of a window, for the run of windows over which neither changes.
-- grain: months, account_key, currency, seq
-- reads: account_day, several_currencies, window_day
-- ties: retention_ties
-- decisions: 0007
-- A change counts in every window that ends (c) or starts (o) after it; so no account × period spine is ever made.
with many as (
  select d.account_key, d.currency
  from account_day d
  join several_currencies s on s.account_key = d.account_key
  group by d.account_key, d.currency
),
told as (
  select
    d.account_key, d.currency, w.months, w.seq_close as seq, 1 as kind, d.window_at, d.currency as told_in,
    d.amount as c, cast(0 as bigint) as o, cast(0 as bigint) as x
  from account_day d
  join window_day w on w.on_date = d.on_date
  union all
  select
    d.account_key, d.currency, w.months, w.seq_open as seq, 2 as kind, d.window_at, d.currency as told_in,
    cast(0 as bigint) as c, d.amount as o, cast(0 as bigint) as x
  from account_day d
  join window_day w on w.on_date = d.on_date
  union all
  select
    m.account_key, m.currency, w.months, w.seq_close as seq, 3 as kind, d.window_at, d.currency as told_in,
    cast(0 as bigint) as c, cast(0 as bigint) as o, d.amount as x
  from many m
  join account_day d on d.account_key = m.account_key and d.currency <> m.currency
  join window_day w on w.on_date = d.on_date
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
  r.x -- above 0: it pays in another currency at the end
from running r
left join several_currencies m on m.account_key = r.account_key
where r.o > 0 and r.next_seq > r.seq
