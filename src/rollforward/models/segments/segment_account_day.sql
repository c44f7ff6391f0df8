-- segment_account_day: account_day split into segments: movements where they belong, and transfers between segments.
-- grain: account_key, currency, window_at, on_date, value, segment, part
-- reads: split_day, member, side, boundary
-- ties: segments_tie
-- decisions: 0011, 0012
-- A balance holds from the moment that places its window to the one that places the next. What is known otherwise of a segment
-- since its days were closed is restatement, on the day that was the first open one.
with run as (
  select
    d.account_key, d.currency, d.value, d.shown, d.several, d.after_minor, d.placed_at,
    cast(sum(d.entered) over (
      partition by d.account_key, d.currency, d.value order by d.window_at rows between unbounded preceding and current row)
      as bigint) as holds,
    lead(d.placed_at, 1, timestamp '9999-12-31') over (partition by d.account_key, d.currency, d.value order by d.window_at) as next_at
  from split_day d
  where d.kept = 1 and d.account_key in (select m.account_key from member m where m.from_at > timestamp '0001-01-01' or m.to_at < timestamp '9999-12-31')
),
crossing as (
  select
    r.account_key, r.currency, r.value, r.several, case when s.side = 1 then m.from_at else m.to_at end as at,
    case when r.shown = '' then m.value else r.shown end as segment,
    cast(sum(s.side * r.after_minor) as bigint) as amount, cast(sum(s.side * r.holds) as bigint) as accounts_change
  from member m
  cross join side s
  join run r
    on r.account_key = m.account_key and (r.after_minor > 0 or r.holds > 0)
    and r.placed_at < case when s.side = 1 then m.from_at else m.to_at end
    and r.next_at >= case when s.side = 1 then m.from_at else m.to_at end
  where case when s.side = 1 then m.from_at else m.to_at end > timestamp '0001-01-01'
    and case when s.side = 1 then m.from_at else m.to_at end < timestamp '9999-12-31'
  group by r.account_key, r.currency, r.value, r.several, case when s.side = 1 then m.from_at else m.to_at end,
    case when r.shown = '' then m.value else r.shown end
),
placed as (
  select
    d.account_key, d.currency, d.value, d.window_at, d.on_date, d.movement, d.several, d.moved, d.crossed, d.before_minor, d.after_minor,
    case when d.shown = '' then m.value else d.shown end as segment,
    d.entered
  from split_day d
  join member m on m.account_key = d.account_key and m.from_at <= d.placed_at and m.to_at > d.placed_at
  where d.kept = 1
)
select
  p.account_key, p.currency, p.window_at, p.on_date, p.several, p.value, p.segment, 'class' as part, -- class, split (items) or crossing
  p.movement, p.moved as amount, -- minor units
  p.entered as accounts_change, p.before_minor, p.after_minor
from placed p
where p.moved <> 0 or (p.value = '' and p.movement <> 'none')
union all
select
  p.account_key, p.currency, p.window_at, p.on_date, p.several, p.value, p.segment, 'split' as part,
  case when p.movement = 'restatement' then 'restatement' else 'transfer' end as movement,
  p.crossed as amount, case when p.moved = 0 then p.entered else 0 end as accounts_change, p.before_minor, p.after_minor
from placed p
where p.crossed <> 0
union all
select
  c.account_key, c.currency, c.at as window_at, coalesce(b.on_date, cast(c.at as date)) as on_date,
  c.several, c.value, c.segment, 'crossing' as part,
  case when coalesce(b.on_date, date '0001-01-01') > date '0001-01-01' then 'restatement' else 'transfer' end as movement, c.amount, c.accounts_change,
  greatest(-c.amount, 0) as before_minor, greatest(c.amount, 0) as after_minor
from crossing c
left join boundary b on b.restated_at = c.at
where c.amount <> 0 or c.accounts_change <> 0
