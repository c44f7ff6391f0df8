-- product_pair: retention_pair of each account in each value of items: its own balances, and whether anything else stays.
-- grain: months, account_key, currency, segment, seq
-- reads: item_day, window_day, several_currencies
-- ties: retention_ties
-- decisions: 0011
with owned as (
  select distinct i.account_key, i.currency, i.value from item_day i
),
told as (
  select
    i.account_key, i.currency, i.value, w.months, w.seq_close as seq, 1 as kind, i.window_at, i.currency as told_in, i.value as told_of,
    i.delta as c, cast(0 as bigint) as o, cast(0 as bigint) as x
  from item_day i
  join window_day w on w.on_date = cast(i.window_at + interval '3 microsecond' as date)
  union all
  select
    i.account_key, i.currency, i.value, w.months, w.seq_open as seq, 2 as kind, i.window_at, i.currency as told_in, i.value as told_of,
    cast(0 as bigint) as c, i.delta as o, cast(0 as bigint) as x
  from item_day i
  join window_day w on w.on_date = cast(i.window_at + interval '3 microsecond' as date)
  union all
  select
    v.account_key, v.currency, v.value, w.months, w.seq_close as seq, 3 as kind, i.window_at, i.currency as told_in, i.value as told_of,
    cast(0 as bigint) as c, cast(0 as bigint) as o, i.delta as x
  from owned v
  join item_day i on i.account_key = v.account_key and (i.currency <> v.currency or i.value <> v.value)
  join window_day w on w.on_date = cast(i.window_at + interval '3 microsecond' as date)
),
running as (
  select
    t.months, t.account_key, t.currency, t.value, t.seq,
    cast(sum(t.c) over w as bigint) as c, cast(sum(t.o) over w as bigint) as o, cast(sum(t.x) over w as bigint) as x,
    lead(t.seq, 1, 1000000) over n as next_seq
  from told t
  where t.seq < 1000000
  window
    w as (
      partition by t.account_key, t.currency, t.value order by t.seq, t.kind, t.window_at, t.told_in, t.told_of
      rows between unbounded preceding and current row),
    n as (partition by t.account_key, t.currency, t.value order by t.seq, t.kind, t.window_at, t.told_in, t.told_of)
)
select
  r.months, r.account_key, r.currency, r.value as segment,
  case when coalesce(m.account_key, 0) = 0 then 0 else 1 end as several, r.seq, r.next_seq, r.o, r.c,
  r.x -- above 0: something else of the account stays
from running r
left join several_currencies m on m.account_key = r.account_key
where r.o > 0 and r.next_seq > r.seq
