-- item_judged_split: item_split_day of accounts whose currencies are judged together, in the currency of the answer.
-- grain: account_key, value, window_at
-- reads: item_day, closed_window, judged_account, judged_window, rate_day, reporting
-- ties: segments_tie
-- decisions: 0010, 0011
-- Empty in native answers and under at_change, which knows rates of accounts, not of items.
with converted as (
  select
    i.account_key, i.value, i.window_at, d.on_date,
    cast(sum(cast(i.delta as decimal(38,0)) * coalesce(r.rate, 0)) as decimal(38,0)) as delta,
    cast(sum(cast(i.delta as decimal(38,0)) * (1 - coalesce(r.known, 0))) as decimal(38,0)) as missing,
    cast(sum(i.delta) as bigint) as paid
  from item_day i
  join judged_account a on a.account_key = i.account_key
  join closed_window d on d.account_key = i.account_key and d.currency = i.currency and d.window_at = i.window_at
  cross join reporting g
  left join rate_day r on r.currency = i.currency and r.on_date = d.on_date
  where g.carried = 0
  group by i.account_key, i.value, i.window_at, d.on_date
),
directed as (
  select
    c.account_key, c.value, c.window_at, c.on_date, c.delta, c.missing, c.paid, coalesce(j.movement, 'none') as movement,
    case when cast(sum(c.delta) over (partition by c.account_key, c.window_at) as decimal(38,0)) >= 0 then 1 else -1 end as sign,
    cast(sum(c.paid) over (
      partition by c.account_key, c.value order by c.window_at rows between unbounded preceding and current row) as bigint) as held
  from converted c
  left join judged_window j on j.account_key = c.account_key and j.window_at = c.window_at
),
pooled as (
  select
    d.account_key, d.value, d.window_at, d.on_date, d.delta, d.missing, d.movement, d.sign, d.sign * d.delta as along,
    case when d.held > 0 then 1 else 0 end - case when d.held > d.paid then 1 else 0 end as entered,
    cast(sum(greatest(-d.sign * d.delta, 0)) over p as decimal(38,0)) as against,
    cast(sum(greatest(d.sign * d.delta, 0)) over p as decimal(38,0)) as pool,
    cast(sum(greatest(d.sign * d.delta, 0)) over o as decimal(38,0)) as seen
  from directed d
  window
    p as (partition by d.account_key, d.window_at),
    o as (partition by d.account_key, d.window_at order by d.value rows between unbounded preceding and current row)
),
shared as (
  select
    s.account_key, s.value, s.window_at, s.on_date, s.delta, s.missing, s.movement, s.against, s.pool, s.seen, s.along, s.entered,
    case when s.along <= 0 then s.delta when s.against = 0 then cast(0 as decimal(38,0))
      else s.sign * (case when s.seen = s.pool then s.against
          else cast(cast(s.against as double) * (cast(s.seen as double) / nullif(s.pool, 0)) as decimal(38,0)) end
        - cast(cast(s.against as double) * (cast(s.seen - s.along as double) / nullif(s.pool, 0)) as decimal(38,0))) end as crossed
  from pooled s
)
select
  h.account_key, h.value, h.window_at, h.on_date, h.movement, h.against, h.pool, h.seen, h.along, h.entered, h.missing,
  h.delta - h.crossed as moved, -- 10^-10 minor units that have the account's class
  h.crossed -- 10^-10 minor units that are transfer between values
from shared h
