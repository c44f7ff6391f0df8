-- local_time: by how much local time differs from UTC on each day of UTC that an instant lies on; empty in UTC.
-- grain: utc_from
-- reads: item_state, mrr_event, charge, policy, zone_shift
-- ties: -
-- only: time_zone <> 'UTC'
-- columns: utc_day date, utc_from timestamp, utc_to timestamp, shift_seconds bigint, clamp_to timestamp
-- decisions: 0009
-- Joined by the day, so that no row is compared with every turn of a clock. Open ends and beginnings stay what they are.
with days as (
  select cast(s.valid_from as date) as utc_day from item_state s cross join policy y where s.dated = false and y.time_zone <> 'UTC'
  union
  select cast(s.valid_to as date) as utc_day from item_state s cross join policy y where s.dated = false and y.time_zone <> 'UTC'
  union
  select cast(s.replaces_from as date) as utc_day from item_state s cross join policy y where s.dated = false and y.time_zone <> 'UTC'
  union
  select cast(s.discount1_until as date) as utc_day from item_state s cross join policy y where s.dated = false and y.time_zone <> 'UTC'
  union
  select cast(s.discount2_until as date) as utc_day from item_state s cross join policy y where s.dated = false and y.time_zone <> 'UTC'
  union
  select cast(s.cancel_requested_at as date) as utc_day from item_state s cross join policy y where s.dated = false and y.time_zone <> 'UTC'
  union
  select cast(s.paid_through as date) as utc_day from item_state s cross join policy y where s.dated = false and y.time_zone <> 'UTC'
  union
  select cast(s.first_paid_at as date) as utc_day from item_state s cross join policy y where s.dated = false and y.time_zone <> 'UTC'
  union
  select cast(e.occurred_at as date) as utc_day from mrr_event e cross join policy y where e.dated = false and y.time_zone <> 'UTC'
  union
  select cast(c.service_from as date) as utc_day from charge c cross join policy y where c.dated = false and y.time_zone <> 'UTC'
  union
  select cast(c.service_to as date) as utc_day from charge c cross join policy y where c.dated = false and y.time_zone <> 'UTC'
  union
  select cast(c.invoiced_at as date) as utc_day from charge c cross join policy y where c.dated = false and y.time_zone <> 'UTC'
)
-- A day that zone_shift does not cover, such as an open end, stays in UTC.
select
  d.utc_day, -- day of UTC
  greatest(coalesce(z.utc_from, timestamp '0001-01-01'), cast(d.utc_day as timestamp)) as utc_from, -- the shift holds in [utc_from, utc_to) of UTC
  least(coalesce(z.utc_to, timestamp '9999-12-31 00:00:01'), d.utc_day + interval '1' day) as utc_to, -- UTC
  coalesce(z.shift_seconds, 0) as shift_seconds, -- seconds that local time is ahead
  coalesce(z.clamp_to, timestamp '9999-12-31') as clamp_to -- local time of all of it; 9999-12-31: UTC and the shift
from days d
left join zone_shift z on z.utc_from < d.utc_day + interval '1' day and z.utc_to > cast(d.utc_day as timestamp)
