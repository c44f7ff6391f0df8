-- uplift_loss: when and how much of each uplift was lost, the latest of several first; and what ends the watch.
-- grain: account_key, currency, made_at, window_at
-- reads: uplift, uplift_step
-- ties: uplifts_tie
-- decisions: 0016
with later as (
  select
    u.account_key, u.currency, u.window_at as made_at, s.window_at, s.on_date, s.movement, u.uplift, u.base, s.level,
    case when s.movement in ('transfer', 'restatement') then 1 else 0 end as stops,
    min(s.level) over (partition by u.account_key, u.currency, u.window_at order by s.window_at rows between unbounded preceding and current row) as low
  from uplift u
  join uplift_step s on s.account_key = u.account_key and s.currency = u.currency and s.spell = u.spell and s.window_at > u.window_at
  where s.net < 0 or s.movement = 'churn'
),
left_over as (
  select
    l.account_key, l.currency, l.made_at, l.window_at, l.on_date, l.movement, l.uplift, l.base, l.level, l.stops, l.low,
    greatest(least(l.low - l.base, l.uplift), 0) as held,
    max(l.stops) over w as stopped
  from later l
  window w as (partition by l.account_key, l.currency, l.made_at order by l.window_at rows between unbounded preceding and current row)
),
lessened as (
  select
    f.account_key, f.currency, f.made_at, f.window_at, f.on_date, f.movement, f.uplift, f.base, f.low, f.held, f.stops, f.stopped,
    lag(f.held, 1, f.uplift) over (partition by f.account_key, f.currency, f.made_at order by f.window_at) as held_before
  from left_over f
)
select
  h.account_key, h.currency, h.made_at, -- window of the expansion
  h.window_at, h.on_date, h.movement,
  case when h.stops = 1 then 0 else h.held_before - h.held end as lost, -- minor units
  h.held, -- what is left of the uplift, minor units
  greatest(h.base - h.low, 0) as base_lost, -- of what the account paid without it, so far, minor units
  h.stops -- 1: what became of it is not known from here on
from lessened h
where h.stopped = h.stops and (h.stops = 1 or h.held < h.held_before)
