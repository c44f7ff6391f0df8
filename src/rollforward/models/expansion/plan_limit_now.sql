-- plan_limit_now: the catalogue's latest word on each limit of each plan.
-- grain: plan_key, metric
-- reads: plan_limit
-- ties: -
with ranked as (
  select
    l.plan_key, l.name as metric, l.quantity,
    row_number() over (
      partition by l.plan_key, l.name order by l.rank desc, l.recorded_at desc, l.commit_id desc, l.source_id desc, l.line desc) as nth
  from plan_limit l
)
select r.plan_key, r.metric, r.quantity -- of the metric; 0 = without limit
from ranked r
where r.nth = 1
