-- mrr_change: the ledger: rows of closed days as they were, the restatement, then the rows known now.
-- grain: account_key, item_key, terms_key, occurred_at, side
-- reads: closed_change, closed_span, restated, known_change, open_from
-- ties: ledger_ties
-- decisions: 0004, 0012
select
  c.account_key, c.item_key, c.product_key, c.plan_key, c.currency, c.terms_key, c.occurred_at, c.on_date, c.window_at,
  c.side, c.delta, -- minor units; the eight drivers sum to it
  c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other,
  c.rule, c.movement, c.source_id, c.line
from closed_change c
join closed_span s on s.commit_id = c.commit_id and c.on_date >= s.from_on and c.on_date < s.to_on
union all
select
  r.account_key, cast(0 as bigint) as item_key, cast(0 as bigint) as product_key, cast(0 as bigint) as plan_key, r.currency,
  cast(0 as bigint) as terms_key, r.window_at as occurred_at, r.on_date, r.window_at, 1 as side, r.amount as delta,
  cast(0 as bigint) as by_plan, cast(0 as bigint) as by_product, cast(0 as bigint) as by_add_on, cast(0 as bigint) as by_seats,
  cast(0 as bigint) as by_usage, cast(0 as bigint) as by_price, cast(0 as bigint) as by_discount, r.amount as by_other,
  'restatement' as rule, r.movement, cast(0 as bigint) as source_id, cast(0 as bigint) as line
from restated r
union all
select
  k.account_key, k.item_key, k.product_key, k.plan_key, k.currency, k.terms_key, k.occurred_at, k.on_date, k.window_at,
  k.side, k.delta,
  k.by_plan, k.by_product, k.by_add_on, k.by_seats, k.by_usage, k.by_price, k.by_discount, k.by_other,
  k.rule, k.movement, k.source_id, k.line
from known_change k
cross join open_from o
where k.on_date >= o.on_date
