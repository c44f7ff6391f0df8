-- charge_local: charges in the policy's local time; plain dates stay on their date; empty where usage is not in MRR.
-- grain: commit_id, source_id, line
-- reads: charge, local_time, policy
-- ties: -
-- only: usage <> 'exclude'
-- columns: commit_id bigint, source_id bigint, line bigint, recorded_at timestamp, item_key bigint, account_key bigint, product_key bigint, plan_key bigint, currency varchar, service_from timestamp, service_to timestamp, invoiced_at timestamp, amount bigint
-- decisions: 0009
select
  c.commit_id, c.source_id, c.line, c.recorded_at, c.item_key, c.account_key, c.product_key, c.plan_key, c.currency,
  c.service_from, c.service_to, c.invoiced_at, c.amount
from charge c
cross join policy y
where y.usage <> 'exclude' and (y.time_zone = 'UTC' or c.dated = true)
union all
select
  c.commit_id, c.source_id, c.line, c.recorded_at, c.item_key, c.account_key, c.product_key, c.plan_key, c.currency,
  case when f.clamp_to < timestamp '9999-12-31' then f.clamp_to else c.service_from + f.shift_seconds * interval '1' second end as service_from,
  case when t.clamp_to < timestamp '9999-12-31' then t.clamp_to else c.service_to + t.shift_seconds * interval '1' second end as service_to,
  case when i.clamp_to < timestamp '9999-12-31' then i.clamp_to else c.invoiced_at + i.shift_seconds * interval '1' second end as invoiced_at,
  c.amount
from charge c
cross join policy y
join local_time f on f.utc_day = cast(c.service_from as date) and c.service_from >= f.utc_from and c.service_from < f.utc_to
join local_time t on t.utc_day = cast(c.service_to as date) and c.service_to >= t.utc_from and c.service_to < t.utc_to
join local_time i on i.utc_day = cast(c.invoiced_at as date) and c.invoiced_at >= i.utc_from and c.invoiced_at < i.utc_to
where y.usage <> 'exclude' and y.time_zone <> 'UTC' and c.dated = false
