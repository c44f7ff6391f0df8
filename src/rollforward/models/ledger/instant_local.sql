-- instant_local: rows of item_state whose times are instants, in the policy's local time; empty in UTC.
-- grain: commit_id, source_id, line, item_key, valid_from, recorded_at
-- reads: item_state, local_time, policy
-- ties: -
-- only: time_zone <> 'UTC'
-- columns: commit_id bigint, source_id bigint, line bigint, rank integer, recorded_at timestamp, source_kind varchar, item_key bigint, account_key bigint, product_key bigint, plan_key bigint, currency varchar, valid_from timestamp, valid_to timestamp, replaces_from timestamp, status varchar, metered boolean, quantity bigint, amount bigint, interval varchar, interval_count integer, discount1_ppm integer, discount1_amount bigint, discount1_kind varchar, discount1_until timestamp, discount2_ppm integer, discount2_amount bigint, discount2_kind varchar, discount2_until timestamp, cancel_requested_at timestamp, paid_through timestamp, first_paid_at timestamp, cancel_reason varchar
-- decisions: 0009
select
  s.commit_id, s.source_id, s.line, s.rank, s.recorded_at, s.source_kind, s.item_key, s.account_key, s.product_key, s.plan_key, s.currency,
  case when a.clamp_to < timestamp '9999-12-31' then a.clamp_to else s.valid_from + a.shift_seconds * interval '1' second end as valid_from,
  case when b.clamp_to < timestamp '9999-12-31' then b.clamp_to else s.valid_to + b.shift_seconds * interval '1' second end as valid_to,
  case when c.clamp_to < timestamp '9999-12-31' then c.clamp_to else s.replaces_from + c.shift_seconds * interval '1' second end as replaces_from,
  s.status, s.metered, s.quantity, s.amount, s.interval, s.interval_count,
  s.discount1_ppm, s.discount1_amount, s.discount1_kind,
  case when d.clamp_to < timestamp '9999-12-31' then d.clamp_to else s.discount1_until + d.shift_seconds * interval '1' second end as discount1_until,
  s.discount2_ppm, s.discount2_amount, s.discount2_kind,
  case when e.clamp_to < timestamp '9999-12-31' then e.clamp_to else s.discount2_until + e.shift_seconds * interval '1' second end as discount2_until,
  case when f.clamp_to < timestamp '9999-12-31' then f.clamp_to else s.cancel_requested_at + f.shift_seconds * interval '1' second end as cancel_requested_at,
  case when g.clamp_to < timestamp '9999-12-31' then g.clamp_to else s.paid_through + g.shift_seconds * interval '1' second end as paid_through,
  case when h.clamp_to < timestamp '9999-12-31' then h.clamp_to else s.first_paid_at + h.shift_seconds * interval '1' second end as first_paid_at,
  s.cancel_reason
from item_state s
cross join policy y
join local_time a on a.utc_day = cast(s.valid_from as date) and s.valid_from >= a.utc_from and s.valid_from < a.utc_to
join local_time b on b.utc_day = cast(s.valid_to as date) and s.valid_to >= b.utc_from and s.valid_to < b.utc_to
join local_time c on c.utc_day = cast(s.replaces_from as date) and s.replaces_from >= c.utc_from and s.replaces_from < c.utc_to
join local_time d on d.utc_day = cast(s.discount1_until as date) and s.discount1_until >= d.utc_from and s.discount1_until < d.utc_to
join local_time e on e.utc_day = cast(s.discount2_until as date) and s.discount2_until >= e.utc_from and s.discount2_until < e.utc_to
join local_time f on f.utc_day = cast(s.cancel_requested_at as date) and s.cancel_requested_at >= f.utc_from and s.cancel_requested_at < f.utc_to
join local_time g on g.utc_day = cast(s.paid_through as date) and s.paid_through >= g.utc_from and s.paid_through < g.utc_to
join local_time h on h.utc_day = cast(s.first_paid_at as date) and s.first_paid_at >= h.utc_from and s.first_paid_at < h.utc_to
where y.time_zone <> 'UTC' and s.dated = false
