-- plan_current: the catalogue's latest word on each plan.
-- grain: plan_key
-- reads: plan_entry
-- ties: -
with ranked as (
  select
    e.plan_key, e.product_key, e.tier, e.tiers_mode, e.amount, e.currency, e.interval, e.interval_count, e.commit_id, e.source_id, e.line,
    row_number() over (partition by e.plan_key order by e.rank desc, e.recorded_at desc, e.commit_id desc, e.source_id desc, e.line desc) as nth
  from plan_entry e
)
select r.plan_key, r.product_key, r.tier, r.tiers_mode, r.amount, r.currency, r.interval, r.interval_count, r.commit_id, r.source_id, r.line
from ranked r
where r.nth = 1
