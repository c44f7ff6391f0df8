-- retention_told: what changes an account's MRR at the end and at the start of windows, each in the first window that it changes.
-- grain: months, account_key, currency, seq, kind, window_at, told_in
-- reads: account_window, apart, merged_window, window_day
-- ties: retention_ties
-- decisions: 0007, 0009, 0013
-- A change counts in every window that ends (c) or starts (o) after it; so no account × period spine is ever made.
-- x is told of the accounts of `apart` and of linked ones alone; of the others c says it all. Accounts that are one in some
-- window are told of in each other's currencies: where one pays, the other is not lost.
with watched as (
  select p.account_key from apart p
  union
  select m.account_key from merged_window m
  union
  select m.into_key as account_key from merged_window m
),
one as (
  select m.into_key, m.account_key from merged_window m
  union
  select m.into_key, m.into_key as account_key from merged_window m
),
held as (
  select d.account_key, d.currency
  from account_window d
  join watched a on a.account_key = d.account_key
  union
  select b.account_key, d.currency
  from one a
  join account_window d on d.account_key = a.account_key
  join one b on b.into_key = a.into_key
),
flip as (
  select distinct d.account_key, d.window_at, d.on_date, d.active_after - d.active_before as x
  from account_window d
  join watched a on a.account_key = d.account_key
  where d.active_after <> d.active_before
)
select
  d.account_key, d.currency, w.months, w.seq_close as seq, -- first window that it changes
  1 as kind, -- 1 MRR at the end, 2 at the start, 3 activity at the end
  d.window_at, d.currency as told_in, -- currency of the row, '' of activity
  d.amount as c, cast(0 as bigint) as o, cast(0 as bigint) as x -- change, minor units; x: of activity
from account_window d
join window_day w on w.on_date = d.on_date
union all
select
  d.account_key, d.currency, w.months, w.seq_open as seq, 2 as kind, d.window_at, d.currency as told_in,
  cast(0 as bigint) as c, d.amount as o, cast(0 as bigint) as x
from account_window d
join window_day w on w.on_date = d.on_date
union all
select
  h.account_key, h.currency, w.months, w.seq_close as seq, 3 as kind, f.window_at, '' as told_in,
  cast(0 as bigint) as c, cast(0 as bigint) as o, cast(f.x as bigint) as x
from held h
join flip f on f.account_key = h.account_key
join window_day w on w.on_date = f.on_date
