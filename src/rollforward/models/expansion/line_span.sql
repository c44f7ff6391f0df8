-- line_span: from when to when each account had what: the family of a base product, an add-on itself, and the tier of its plan.
-- grain: account_key, offered, tier, from_at, to_at
-- reads: item_step, terms, plan_current, product_current
-- ties: -
-- decisions: 0016
select distinct
  s.account_key, case coalesce(c.role, 'base') when 'base' then coalesce(c.family, '') else coalesce(c.product_id, '') end as offered,
  coalesce(c.role, 'base') as role, coalesce(m.tier, 0) as tier, s.from_at, s.to_at
from item_step s
join terms t on t.terms_key = s.terms_key
left join plan_current m on m.plan_key = t.plan_key
left join product_current c on c.product_key = coalesce(nullif(t.product_key, 0), m.product_key, 0)
where t.mrr > 0
