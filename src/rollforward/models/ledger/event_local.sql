-- event_local: mrr_event in the policy's local time; plain dates and a source's own local timestamps stay.
-- grain: commit_id, source_id, line
-- reads: mrr_event, local_time, policy
-- ties: balance_not_negative
-- decisions: 0009
select
  e.commit_id, e.source_id, e.line, e.rank, e.recorded_at, e.item_key, e.account_key, e.product_key, e.plan_key, e.currency, e.occurred_at,
  e.delta, e.driver, e.quantity_delta, e.repeat
from mrr_event e
cross join policy y
where y.time_zone = 'UTC' or e.dated = true
union all
select
  e.commit_id, e.source_id, e.line, e.rank, e.recorded_at, e.item_key, e.account_key, e.product_key, e.plan_key, e.currency,
  case when a.clamp_to < timestamp '9999-12-31' then a.clamp_to else e.occurred_at + a.shift_seconds * interval '1' second end as occurred_at,
  e.delta, e.driver, e.quantity_delta, e.repeat
from mrr_event e
cross join policy y
join local_time a on a.utc_day = cast(e.occurred_at as date) and e.occurred_at >= a.utc_from and e.occurred_at < a.utc_to
where y.time_zone <> 'UTC' and e.dated = false
