-- headroom_option: each step that would raise an account's MRR: the plan, in what quantity, and by how much.
-- grain: account_key, plan_key
-- reads: offer, offer_price, offer_plan
-- ties: -
-- decisions: 0016
-- At list, less the percent discounts that the item has now.
with gained as (
  select
    o.account_key, o.plan_key, o.kind, o.quantity, o.is_next,
    cast((2 * cast(x.mrr as hugeint) * o.kept + 1000000000000) // 2000000000000 as bigint) - o.replaces as gain
  from offer o
  join offer_price x on x.plan_key = o.plan_key and x.quantity = o.quantity
)
select
  g.account_key, p.currency, g.plan_key, p.product_key, p.tier, g.kind, g.quantity, g.is_next,
  g.gain -- MRR more than now, minor units
from gained g
join offer_plan p on p.plan_key = g.plan_key
where g.gain > 0
