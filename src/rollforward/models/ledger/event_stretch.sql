-- event_stretch: ready-made MRR changes as stretches of their item: from each change to the next, with its running MRR.
-- grain: item_key, account_key, currency, from_at, source_id, line
-- reads: event_local, state_local, owner_span, policy
-- ties: balance_not_negative
-- decisions: 0001, 0004, 0013
with running as (
  select
    coalesce(u.owner_key, e.account_key) as account_key, e.item_key, e.product_key, e.plan_key, e.currency, e.occurred_at, e.driver, e.quantity_delta, e.source_id, e.line,
    cast(sum(e.delta) over w as bigint) as mrr,
    lag(e.plan_key, 1, 0) over n as plan_before,
    lead(e.occurred_at, 1, timestamp '9999-12-31') over n as to_at
  from event_local e
  cross join policy y
  left join owner_span u on u.account_key = e.account_key and u.from_at = timestamp '0001-01-01'
  where e.occurred_at <= y.as_of
  window
    w as (
      partition by coalesce(u.owner_key, e.account_key), e.item_key, e.currency order by e.occurred_at, e.source_id, e.line, e.repeat
      rows between unbounded preceding and current row),
    n as (partition by coalesce(u.owner_key, e.account_key), e.item_key, e.currency order by e.occurred_at, e.source_id, e.line, e.repeat)
),
-- Objects and corrections outrank change rows: they cut them as they would cut a state.
cut as (
  select r.item_key, r.account_key, r.currency, r.source_id, r.line, r.occurred_at, min(n.replaces_from) as cut_at
  from running r
  join state_local n on n.item_key = r.item_key and n.rank > 3 and n.valid_to > r.occurred_at
  group by r.item_key, r.account_key, r.currency, r.source_id, r.line, r.occurred_at
)
select
  coalesce(o.owner_key, r.account_key) as account_key, r.item_key, r.product_key, r.plan_key, r.currency,
  greatest(r.occurred_at, coalesce(o.from_at, r.occurred_at)) as from_at,
  least(r.to_at, coalesce(k.cut_at, r.to_at), coalesce(o.to_at, r.to_at)) as to_at, r.mrr, -- minor units
  case when r.driver <> '' then r.driver when r.plan_key <> 0 and r.plan_key <> r.plan_before then 'plan' when r.quantity_delta <> 0 then 'seats'
    else 'other' end as cause, -- of a change inside the item
  r.driver, -- told by the row itself; '' = not
  r.source_id, r.line
from running r
left join cut k
  on k.item_key = r.item_key and k.account_key = r.account_key and k.currency = r.currency and k.source_id = r.source_id
  and k.line = r.line and k.occurred_at = r.occurred_at
left join owner_span o
  on o.account_key = r.account_key and o.from_at < least(r.to_at, coalesce(k.cut_at, r.to_at)) and o.to_at > r.occurred_at
where r.occurred_at < least(r.to_at, coalesce(k.cut_at, r.to_at))
