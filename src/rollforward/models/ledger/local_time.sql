-- local_time: by how much local time differs from UTC on each day of UTC that an instant lies on; empty in UTC.
-- grain: utc_from
-- reads: item_state, mrr_event, policy, zone_shift
-- ties: -
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
)
select
  d.utc_day,
  greatest(z.utc_from, cast(d.utc_day as timestamp)) as utc_from,
  least(z.utc_to, d.utc_day + interval '1' day) as utc_to,
  z.shift_seconds, z.clamp_to -- local time of all of it; 9999-12-31: UTC and the shift
from days d
join zone_shift z on z.utc_from < d.utc_day + interval '1' day and z.utc_to > cast(d.utc_day as timestamp)
where d.utc_day > date '0001-01-01' and d.utc_day < date '9999-12-31'
union all
select
  d.utc_day, timestamp '0001-01-01' as utc_from, timestamp '9999-12-31 00:00:01' as utc_to, cast(0 as bigint) as shift_seconds,
  timestamp '9999-12-31' as clamp_to
from days d
where d.utc_day = date '0001-01-01' or d.utc_day = date '9999-12-31'
