-- retention_back: accounts without MRR at the start of a window that paid before it and pay at its end; empty in the default policy.
-- grain: months, account_key, currency, seq
-- reads: account_window, window_day, retention_merged, policy
-- ties: retention_ties
-- decisions: 0009
-- told: 1 what the currency has at the end, 2 what the account has in all currencies at the start.
with gone as (
  select d.account_key
  from account_window d
  cross join policy y
  where y.reactivation_in_expansion = 1 and d.pays_before = 1 and d.pays_after = 0
  group by d.account_key
),
held as (
  select distinct d.account_key, d.currency
  from account_window d
  join gone g on g.account_key = d.account_key
),
told as (
  select
    d.account_key, d.currency, w.months, w.seq_close as seq, 1 as kind, d.window_at, d.currency as told_in,
    d.amount as c, cast(0 as bigint) as o, cast(0 as bigint) as paid
  from account_window d
  join gone g on g.account_key = d.account_key
  join window_day w on w.on_date = d.on_date
  union all
  select
    h.account_key, h.currency, w.months, w.seq_open as seq, 2 as kind, d.window_at, d.currency as told_in,
    cast(0 as bigint) as c, d.amount as o, cast(d.pays_after as bigint) as paid
  from held h
  join account_window d on d.account_key = h.account_key
  join window_day w on w.on_date = d.on_date
  union all
  select g.account_key, g.currency, g.months, g.seq, 1 as kind, g.window_at, g.told_in, g.c, cast(0 as bigint) as o, cast(0 as bigint) as paid
  from retention_merged g
  join gone n on n.account_key = g.account_key
  where g.kind = 1
  union all
  select h.account_key, h.currency, g.months, g.seq, 2 as kind, g.window_at, g.told_in, cast(0 as bigint) as c, g.o, cast(0 as bigint) as paid
  from retention_merged g
  join held h on h.account_key = g.account_key
  where g.kind = 2
),
running as (
  select
    t.months, t.account_key, t.currency, t.seq,
    cast(sum(t.c) over w as bigint) as c, cast(sum(t.o) over w as bigint) as o, cast(sum(t.paid) over w as bigint) as paid,
    lead(t.seq, 1, 1000000) over n as next_seq
  from told t
  where t.seq < 1000000
  window
    w as (partition by t.account_key, t.currency order by t.seq, t.kind, t.window_at, t.told_in rows between unbounded preceding and current row),
    n as (partition by t.account_key, t.currency order by t.seq, t.kind, t.window_at, t.told_in)
)
select
  r.months, r.account_key, r.currency,
  r.seq, r.next_seq, -- the windows seq … next_seq - 1; 1000000: to the last
  r.c -- minor units in this currency
from running r
where r.o = 0 and r.c > 0 and r.paid > 0 and r.next_seq > r.seq
