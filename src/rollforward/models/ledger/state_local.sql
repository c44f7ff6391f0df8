-- state_local: item_state with its times in the policy's local time; plain dates stay on their date.
-- grain: commit_id, source_id, line, item_key, valid_from, recorded_at
-- reads: item_state, instant_local, policy
-- ties: belief_is_single
-- decisions: 0009
-- The first part alone is there in UTC, which pays nothing for the other.
select
  s.commit_id, s.source_id, s.line, s.rank, s.recorded_at, s.source_kind, s.item_key, s.account_key, s.product_key, s.plan_key,
  s.currency, s.valid_from, s.valid_to, s.replaces_from, s.status, s.metered, s.quantity, s.amount, s.interval, s.interval_count,
  s.discount1_ppm, s.discount1_amount, s.discount1_kind, s.discount1_until,
  s.discount2_ppm, s.discount2_amount, s.discount2_kind, s.discount2_until,
  s.cancel_requested_at, s.paid_through, s.first_paid_at, s.cancel_reason
from item_state s
cross join policy y
where y.time_zone = 'UTC' or s.dated = true
union all
select
  s.commit_id, s.source_id, s.line, s.rank, s.recorded_at, s.source_kind, s.item_key, s.account_key, s.product_key, s.plan_key,
  s.currency, s.valid_from, s.valid_to, s.replaces_from, s.status, s.metered, s.quantity, s.amount, s.interval, s.interval_count,
  s.discount1_ppm, s.discount1_amount, s.discount1_kind, s.discount1_until,
  s.discount2_ppm, s.discount2_amount, s.discount2_kind, s.discount2_until,
  s.cancel_requested_at, s.paid_through, s.first_paid_at, s.cancel_reason
from instant_local s
