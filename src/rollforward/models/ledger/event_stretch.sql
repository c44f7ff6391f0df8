-- event_stretch: ready-made MRR changes as stretches of their item: from each change to the next, with its running MRR.
-- grain: item_key, account_key, currency, from_at, source_id, line
-- reads: mrr_event, policy
-- ties: balance_not_negative
-- decisions: 0001, 0004
with running as (
  select
    e.account_key, e.item_key, e.product_key, e.plan_key, e.currency, e.occurred_at, e.driver, e.quantity_delta, e.source_id, e.line,
    cast(sum(e.delta) over w as bigint) as mrr,
    lag(e.plan_key, 1, 0) over n as plan_before,
    lead(e.occurred_at, 1, timestamp '9999-12-31') over n as to_at
  from mrr_event e
  cross join policy y
  where e.occurred_at <= y.as_of
  window
    w as (
      partition by e.account_key, e.item_key, e.currency order by e.occurred_at, e.source_id, e.line, e.repeat
      rows between unbounded preceding and current row),
    n as (partition by e.account_key, e.item_key, e.currency order by e.occurred_at, e.source_id, e.line, e.repeat)
)
select
  r.account_key, r.item_key, r.product_key, r.plan_key, r.currency, r.occurred_at as from_at, r.to_at, r.mrr, -- minor units
  case when r.driver <> '' then r.driver when r.plan_key <> r.plan_before then 'plan' when r.quantity_delta <> 0 then 'seats'
    else 'other' end as cause, -- of a change inside the item
  r.driver, -- told by the row itself; '' = not
  r.source_id, r.line
from running r
where r.occurred_at < r.to_at
