-- uplift_fate: what became of each uplift: how and when it ended, or until when it is known to have held.
-- grain: account_key, currency, window_at
-- reads: uplift, uplift_loss, known, reporting, rate_day
-- ties: uplifts_tie
-- decisions: 0016
-- Ends when half of it is gone. Amounts are worth what they were on the day it was made.
with ended as (
  select
    l.account_key, l.currency, l.made_at, l.on_date, l.movement, l.held, l.base_lost,
    row_number() over (partition by l.account_key, l.currency, l.made_at order by l.window_at) as nth
  from uplift_loss l
  join uplift u on u.account_key = l.account_key and u.currency = l.currency and u.window_at = l.made_at
  where l.stops = 0 and 2 * l.held <= u.uplift
),
followed as (
  select
    l.account_key, l.currency, l.made_at, cast(sum(l.lost) as bigint) as lost,
    min(case when l.stops = 1 then l.on_date else date '9999-12-31' end) as stopped_on
  from uplift_loss l
  group by l.account_key, l.currency, l.made_at
),
worth as (
  select
    u.account_key, u.currency, u.window_at, u.spell, u.made_on, u.uplift, u.base, u.driver, u.discount_ppm, u.by_offer, u.channel, u.offer,
    case g.currency when '' then u.currency else g.currency end as shown_in, g.scale,
    coalesce(r.rate, g.unsaid) as rate, coalesce(r.known, g.unsaid) as rated
  from uplift u
  cross join reporting g
  left join rate_day r on r.currency = u.currency and r.on_date = u.made_on
)
select
  w.account_key, w.currency as paid_in, -- currency in which it is paid
  w.window_at, w.shown_in as currency, w.made_on,
  coalesce(e.on_date, date '9999-12-31') as ended_on, -- 9999-12-31 = it has not ended
  case when coalesce(e.nth, 0) = 0 then 'held' when coalesce(e.movement, '') = 'churn' then 'churned' when coalesce(e.held, 0) = 0 then 'fully' else 'partly' end as fate, -- held, partly, fully, churned
  least(coalesce(f.stopped_on, date '9999-12-31'), k.known_to - 1) as watched_to, -- last day of which it is known
  w.driver, w.discount_ppm, w.by_offer, w.channel, w.offer, w.rated, -- rated: 0 = no rate for its day
  cast((2 * cast(w.uplift as hugeint) * w.rate + w.scale) // (2 * w.scale) as bigint) as uplift, -- minor units
  cast((2 * cast(w.uplift - coalesce(f.lost, 0) as hugeint) * w.rate + w.scale) // (2 * w.scale) as bigint) as held, -- what is left of it, minor units
  case when coalesce(e.nth, 0) = 0 then 0
    else cast((2 * cast(w.uplift - coalesce(e.held, 0) as hugeint) * w.rate + w.scale) // (2 * w.scale) as bigint) end as lost, -- gone of it when it ended, minor units
  cast((2 * cast(coalesce(e.base_lost, 0) as hugeint) * w.rate + w.scale) // (2 * w.scale) as bigint) as base_lost -- lost beyond it when it ended, minor units
from worth w
cross join known k
left join ended e on e.account_key = w.account_key and e.currency = w.currency and e.made_at = w.window_at and e.nth = 1
left join followed f on f.account_key = w.account_key and f.currency = w.currency and f.made_at = w.window_at
