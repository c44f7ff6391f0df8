-- mrr_change: the ledger: one row for each change of one item's MRR, its drivers, the rule and the source row.
-- grain: account_key, item_key, terms_key, occurred_at, side
-- reads: item_change, item_edge, terms, account_day, netting_window
-- ties: ledger_ties
-- decisions: 0004, 0013
-- What a link hands over has a window of its own (handed_window). In order, so that one account's rows lie together on disk.
with every_row as (
  select
    c.account_key, c.item_key, c.terms_key, c.at, 1 as side, c.source_id, c.line, c.delta, c.rule, c.cause,
    c.by_plan, c.by_seats, c.by_price, c.by_discount
  from item_change c
  union all
  select
    e.account_key, e.item_key, e.terms_key, e.at, e.side, e.source_id, e.line, e.delta, e.rule, e.cause,
    0 as by_plan, 0 as by_seats, 0 as by_price, 0 as by_discount
  from item_edge e
)
select
  v.account_key, v.item_key, t.product_key, t.plan_key, t.currency, v.terms_key,
  v.at as occurred_at, cast(v.at as date) as on_date, d.window_at, v.side, -- side: 1 the item's new state began, -1 it ended
  v.delta, -- minor units; the eight drivers sum to it
  case v.cause when '' then v.by_plan when 'plan' then v.delta else 0 end as by_plan,
  case v.cause when 'product' then v.delta else 0 end as by_product,
  case v.cause when 'add_on' then v.delta else 0 end as by_add_on,
  case v.cause when '' then v.by_seats when 'seats' then v.delta else 0 end as by_seats,
  case v.cause when 'usage' then v.delta else 0 end as by_usage,
  case v.cause when '' then v.by_price when 'price' then v.delta else 0 end as by_price,
  case v.cause when '' then v.by_discount when 'discount' then v.delta else 0 end as by_discount,
  case v.cause when 'other' then v.delta else 0 end as by_other,
  case when d.movement = 'opening' and v.side = 1 then 'opening' else v.rule end as rule, -- how the row came about
  d.movement, -- class of the account's window
  v.source_id, v.line
from every_row v
join terms t on t.terms_key = v.terms_key
left join netting_window n on n.account_key = v.account_key and n.at = v.at
join account_day d
  on d.account_key = v.account_key and d.currency = t.currency and d.window_at = case when v.rule <> 'acquired' then coalesce(n.window_at, cast(cast(v.at as date) as timestamp))
    when v.side = 1 then coalesce(n.window_at, cast(cast(v.at as date) as timestamp)) - interval '2 microsecond'
    else coalesce(n.window_at, cast(cast(v.at as date) as timestamp)) + interval '1 microsecond' end
order by v.account_key
