-- ledger: the ledger with the user's own ids and the place of the source row; nothing scheduled.
-- grain: account_id, item_id, subscription_id, currency, terms_key, occurred_at, side
-- reads: mrr_change, known, account, item, product, plan, source_file
-- ties: ledger_ties
select
  c.occurred_at, c.on_date, a.account_id, c.account_key, coalesce(i.subscription_id, '') as subscription_id, coalesce(i.item_id, '') as item_id,
  coalesce(p.product_id, '') as product_id, coalesce(n.plan_id, '') as plan_id, c.currency, c.terms_key, c.side,
  c.delta, c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other,
  c.rule, c.movement, c.source_id, c.line,
  coalesce(f.name, '') || ':' || cast(c.line as varchar) as source_ref -- file:line
from mrr_change c
join known k on c.on_date < k.known_to
join account a on a.account_key = c.account_key
left join item i on i.item_key = c.item_key
left join product p on p.product_key = c.product_key
left join plan n on n.plan_key = c.plan_key
left join source_file f on f.source_id = c.source_id
