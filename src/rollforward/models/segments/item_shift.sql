-- item_shift: what goes from one kind of item to another and is no change of MRR: items that change their kind, restatements.
-- grain: account_key, item_key, currency, occurred_at, side, product_key, plan_key, per, family
-- reads: item_step, terms, product_current, change_driver, netting_window, side, closed_shift, closed_span, restated_shift, open_from
-- ties: segments_tie
-- decisions: 0004, 0011, 0012
-- As with a swap the old kind books its whole loss under plan (or price), the new one gives that back.
select
  s.account_key, s.item_key, t.currency, s.from_at as occurred_at, cast(s.from_at as date) as on_date,
  coalesce(n.window_at, cast(cast(s.from_at as date) as timestamp)) as window_at, d.side, -- 1 into the new kind, -1 out of the old
  case when d.side = 1 then t.product_key else b.product_key end as product_key, case when d.side = 1 then t.plan_key else b.plan_key end as plan_key,
  case when d.side = 1 then t.per else b.per end as per, case when d.side = 1 then coalesce(p.family, '') else coalesce(f.family, '') end as family,
  case when d.side = 1 then b.product_key else t.product_key end as other_product_key, case when d.side = 1 then b.plan_key else t.plan_key end as other_plan_key,
  case when d.side = 1 then b.per else t.per end as other_per, case when d.side = 1 then coalesce(f.family, '') else coalesce(p.family, '') end as other_family,
  d.side * b.mrr as delta, -- minor units
  d.side * b.mrr * (1 - r.as_price) as by_plan, d.side * b.mrr * r.as_price as by_price, cast(0 as bigint) as by_other,
  'transfer' as rule, s.source_id, s.line
from item_step s
join terms t on t.terms_key = s.terms_key
join terms b on b.terms_key = s.b_terms_key and b.currency = t.currency
join change_driver r on r.b_terms_key = s.b_terms_key and r.terms_key = s.terms_key
cross join side d
cross join open_from o
left join product_current p on p.product_key = t.product_key
left join product_current f on f.product_key = b.product_key
left join netting_window n on n.account_key = s.account_key and n.at = s.from_at
where s.b_to_at = s.from_at and cast(s.from_at as date) >= o.on_date
  and (t.product_key <> b.product_key or t.plan_key <> b.plan_key or t.per <> b.per)
union all
select
  c.account_key, c.item_key, c.currency, c.occurred_at, c.on_date, c.window_at, c.side, c.product_key, c.plan_key, c.per, c.family,
  c.other_product_key, c.other_plan_key, c.other_per, c.other_family, c.delta, c.by_plan, c.by_price, c.by_other, c.rule, c.source_id, c.line
from closed_shift c
join closed_span s on s.commit_id = c.commit_id and c.on_date >= s.from_on and c.on_date < s.to_on
union all
select
  r.account_key, cast(0 as bigint) as item_key, r.currency, r.window_at as occurred_at, r.on_date, r.window_at, r.side, r.product_key, r.plan_key, r.per,
  r.family, r.other_product_key, r.other_plan_key, r.other_per, r.other_family, r.delta, cast(0 as bigint) as by_plan, cast(0 as bigint) as by_price,
  r.delta as by_other, 'restatement' as rule, cast(0 as bigint) as source_id, cast(0 as bigint) as line
from restated_shift r
