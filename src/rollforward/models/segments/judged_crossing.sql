-- judged_crossing: transfers between segments of accounts whose currencies are judged together, in the currency of the answer.
-- grain: account_key, window_at, segment
-- reads: segment_account_day, closed_window, judged_account, judged_window, rate_day, reporting
-- ties: segments_tie
-- decisions: 0010, 0011
-- Empty in native answers. At the day's rate; under at_change, with the rates at which the balance came.
with crossed as (
  select
    s.account_key, s.window_at, s.on_date, s.segment, s.movement, g.carried,
    cast(sum(cast(s.amount as decimal(38,0)) * coalesce(r.rate, 0)) as decimal(38,0)) as amount,
    cast(sum(cast(s.amount as decimal(38,0)) * (1 - coalesce(r.known, 0))) as decimal(38,0)) as missing,
    sign(cast(sum(s.amount) as bigint)) as side, sign(cast(sum(s.accounts_change) as bigint)) as accounts_change
  from segment_account_day s
  join judged_account a on a.account_key = s.account_key
  cross join reporting g
  left join rate_day r on r.currency = s.currency and r.on_date = s.on_date
  where s.part = 'crossing'
  group by s.account_key, s.window_at, s.on_date, s.segment, s.movement, g.carried
),
placed as (
  select d.account_key, d.window_at, min(d.placed_at) as placed_at
  from closed_window d
  join (select distinct c.account_key from crossed c where c.carried = 1) a on a.account_key = d.account_key
  group by d.account_key, d.window_at
),
kept as (
  select
    c.account_key, c.window_at, c.segment,
    cast(sum(c.side * j.amount) as decimal(38,0)) as amount, cast(sum(c.side * j.missing) as decimal(38,0)) as missing
  from crossed c
  join placed p on p.account_key = c.account_key and p.placed_at < c.window_at
  join judged_window j on j.account_key = p.account_key and j.window_at = p.window_at
  where c.carried = 1
  group by c.account_key, c.window_at, c.segment
)
select
  c.account_key, c.window_at, c.on_date, c.segment, c.movement,
  case when c.carried = 1 then coalesce(k.amount, 0) else c.amount end as amount, -- 10^-10 minor units
  case when c.carried = 1 then coalesce(k.missing, 0) else c.missing end as missing, -- native minor units without a rate
  cast(c.accounts_change as integer) as accounts_change
from crossed c
left join kept k on k.account_key = c.account_key and k.window_at = c.window_at and k.segment = c.segment
