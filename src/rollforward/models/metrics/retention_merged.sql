-- retention_merged: what retention takes from an acquired account and gives to the other one, in windows that hold the day of it.
-- grain: months, account_key, currency, seq, kind, window_at, told_in
-- reads: account_window, window_day, merged_window, side
-- ties: retention_ties
-- decisions: 0013
-- The same rows as in retention_pair, each taken out and put in at the first such window, and back after the last.
with listed as (
  select distinct m.account_key from merged_window m
),
held as (
  select distinct d.account_key, d.currency
  from account_window d
  join listed l on l.account_key = d.account_key
),
flip as (
  select distinct d.account_key, d.window_at, d.on_date, d.active_after - d.active_before as x
  from account_window d
  join listed l on l.account_key = d.account_key
  where d.active_after <> d.active_before
),
told as (
  select
    d.account_key, d.currency, w.months, w.seq_close as seq, 1 as kind, d.window_at, d.currency as told_in,
    d.amount as c, cast(0 as bigint) as o, cast(0 as bigint) as x
  from account_window d
  join listed l on l.account_key = d.account_key
  join window_day w on w.on_date = d.on_date
  union all
  select
    d.account_key, d.currency, w.months, w.seq_open as seq, 2 as kind, d.window_at, d.currency as told_in,
    cast(0 as bigint) as c, d.amount as o, cast(0 as bigint) as x
  from account_window d
  join listed l on l.account_key = d.account_key
  join window_day w on w.on_date = d.on_date
  union all
  select
    h.account_key, h.currency, w.months, w.seq_close as seq, 3 as kind, f.window_at, '' as told_in,
    cast(0 as bigint) as c, cast(0 as bigint) as o, cast(f.x as bigint) as x
  from held h
  join flip f on f.account_key = h.account_key
  join window_day w on w.on_date = f.on_date
)
select
  case when a.side = 1 then m.into_key else t.account_key end as account_key, t.currency, t.months,
  case when b.side = 1 then greatest(t.seq, m.seq_from) else m.seq_to end as seq,
  t.kind, -- 1 MRR at the end, 2 at the start, 3 activity at the end
  t.window_at,
  t.told_in, -- currency of the row, '' of activity
  a.side * b.side * t.c as c, a.side * b.side * t.o as o, -- minor units
  a.side * b.side * t.x as x -- change of activity
from told t
join merged_window m on m.account_key = t.account_key and m.seq_to > t.seq
cross join side a
cross join side b
