-- kind_change: the ledger with the interval and product family of each row's item, which closed rows keep as they were.
-- grain: account_key, item_key, terms_key, occurred_at, side
-- reads: mrr_change, terms, product_current, closed_change, closed_span, open_from
-- ties: segments_tie
-- decisions: 0011, 0012
select
  c.account_key, c.item_key, c.product_key, c.plan_key, c.currency, c.terms_key, c.occurred_at, c.on_date, c.window_at, c.side, c.delta,
  c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other, c.rule, c.movement, c.source_id, c.line,
  coalesce(c.per, 0) as per, coalesce(c.family, '') as family
from closed_change c
join closed_span s on s.commit_id = c.commit_id and c.on_date >= s.from_on and c.on_date < s.to_on
union all
select
  m.account_key, m.item_key, m.product_key, m.plan_key, m.currency, m.terms_key, m.occurred_at, m.on_date, m.window_at, m.side, m.delta, -- minor units
  m.by_plan, m.by_product, m.by_add_on, m.by_seats, m.by_usage, m.by_price, m.by_discount, m.by_other, m.rule, m.movement, m.source_id, m.line,
  coalesce(t.per, 0) as per, -- 10 × the number of units + unit, 0: not said
  coalesce(p.family, '') as family -- of the product; '': none
from mrr_change m
cross join open_from o
left join terms t on t.terms_key = m.terms_key
left join product_current p on p.product_key = m.product_key
where m.on_date >= o.on_date
